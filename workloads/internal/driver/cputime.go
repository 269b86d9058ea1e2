package driver

import (
	"fmt"
	"syscall"
	"unsafe"
)

// cpuTime is the CPU time of all threads of a process so far, in ns, as the
// kernel's scheduler accounts it: exact, not sampled by ticks. Anyone may read the
// clock of any process: clock_getcpuclockid(3) makes its number of the PID's
// complement and CPUCLOCK_SCHED (linux/posix-timers_types.h).
func cpuTime(pid int) (int64, error) {
	const cpuclockSched = 2
	clock := ^pid<<3 | cpuclockSched
	var t syscall.Timespec
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, errno)
	}
	return t.Nano(), nil
}

// cpuTimes are the CPU times of processes, in their order.
func cpuTimes(ps []process) ([]int64, error) {
	times := make([]int64, len(ps))
	for i, p := range ps {
		var err error
		if times[i], err = cpuTime(p.pid); err != nil {
			return nil, err
		}
	}
	return times, nil
}

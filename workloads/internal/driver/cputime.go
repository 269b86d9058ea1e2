package driver

import (
	"syscall"
	"unsafe"
)

// clockProcessCPU is CLOCK_PROCESS_CPUTIME_ID of linux/time.h.
const clockProcessCPU = 2

// cpuTime is the CPU time of all threads of this process so far, in ns, as the
// kernel's scheduler accounts it: exact, not sampled by ticks.
func cpuTime() int64 {
	var t syscall.Timespec
	// It can't fail: the clock exists on every Linux and t is writable.
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, clockProcessCPU, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano()
}

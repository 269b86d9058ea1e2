package main

import (
	"fmt"
	"runtime"
	"syscall"
	"unsafe"
)

// onCPU runs f: as it is, or where lock is set in a goroutine locked to a
// thread of its own, which runs on one CPU only if cpu is not negative. The
// thread ends with the goroutine, so its affinity reaches nobody else.
func onCPU(cpu int64, lock bool, f func()) error {
	if !lock {
		f()
		return nil
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the runtime ends the thread
		var err error
		if cpu >= 0 {
			err = bind(cpu)
		}
		if err == nil {
			f()
		}
		done <- err
	}()
	return <-done
}

// maxCPUs is how wide the runtime's own mask is; -walk-cpu takes no more.
const maxCPUs = 65536

// bind sets the affinity of this thread (sched_setaffinity(2), 0 is the caller).
func bind(cpu int64) error {
	var mask [maxCPUs / 64]uint64 // longs, on every 64-bit Linux
	mask[cpu/64] = 1 << (cpu % 64)
	_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, maxCPUs/8, uintptr(unsafe.Pointer(&mask[0])))
	if errno != 0 {
		return fmt.Errorf("bind a thread to CPU %d: %w (is it online, and in this cpuset?)", cpu, errno)
	}
	return nil
}

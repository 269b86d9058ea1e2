package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A pacer wakes whoever is to ask at the times of an open loop.
//
// Note: time.Sleep was tried and rejected. A Go program without other work waits
// for its timers in epoll_wait, whose timeout counts milliseconds
// (runtime/netpoll_epoll.go), so requests went out up to 1 ms late. A timerfd is
// one more event of the same epoll, and exact.
type pacer struct {
	timer    *os.File
	interval float64 // ns between two requests
}

// Constants of linux/timerfd.h; clockMonotonic of linux/time.h.
const (
	clockMonotonic = 1
	tfdNonblock    = syscall.O_NONBLOCK
	tfdCloexec     = syscall.O_CLOEXEC
)

func newPacer(rate int64) (*pacer, error) {
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, clockMonotonic, tfdNonblock|tfdCloexec, 0)
	if errno != 0 {
		return nil, fmt.Errorf("timer of the open loop: timerfd_create: %w", errno)
	}
	return &pacer{timer: os.NewFile(fd, "timer"), interval: 1e9 / float64(rate)}, nil
}

// at is when request i is due, in ns after the first.
func (p *pacer) at(i int64) int64 { return int64(float64(i) * p.interval) }

// run calls due for each of n requests once it is due, from start on, by driver.Nanotime.
func (p *pacer) run(start, n int64, due func(i int64)) error {
	for i := int64(0); i < n; {
		now := driver.Nanotime() - start
		for ; i < n && p.at(i) <= now; i++ {
			due(i)
		}
		if i == n {
			return nil
		}
		if err := p.sleep(p.at(i) - (driver.Nanotime() - start)); err != nil {
			return err
		}
	}
	return nil
}

// sleep waits for some ns.
func (p *pacer) sleep(ns int64) error {
	if ns <= 0 {
		return nil
	}
	spec := struct{ interval, value syscall.Timespec }{value: syscall.NsecToTimespec(ns)}
	raw, err := p.timer.SyscallConn()
	if err != nil {
		return err
	}
	var errno syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, errno = syscall.Syscall6(syscall.SYS_TIMERFD_SETTIME, fd, 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	})
	if err == nil && errno != 0 {
		err = errno
	}
	if err != nil {
		return fmt.Errorf("timer of the open loop: timerfd_settime: %w", err)
	}
	var expirations [8]byte
	if _, err := p.timer.Read(expirations[:]); err != nil {
		return fmt.Errorf("timer of the open loop: %w", err)
	}
	return nil
}

func (p *pacer) close() { p.timer.Close() }

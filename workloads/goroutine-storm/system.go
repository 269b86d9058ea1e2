package main

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// newSystem lets each goroutine make system calls: short ones, where only the
// runtime's bookkeeping around the call matters, or sleeps, which take the
// processor away from the thread and need new threads. An event, of sleeps
// only, is how late the goroutine runs again.
func newSystem(c *config, latency *driver.Shards) storm {
	if c.block > 0 {
		return storm{everyOp: true, body: func(i int, share int64) error {
			for range share {
				due := driver.Nanotime() + int64(c.block)
				if err := sleepUntil(due); err != nil {
					return err
				}
				latency.Of(i).Record(driver.Nanotime() - due)
			}
			return nil
		}}
	}
	user := uintptr(syscall.Getuid())
	return storm{body: func(i int, share int64) error {
		for range share {
			// Not syscall.Getuid: that does not tell the scheduler.
			if got, _, errno := syscall.Syscall(syscall.SYS_GETUID, 0, 0, 0); errno != 0 || got != user {
				return fmt.Errorf("wrong answer: getuid(2) gives %d, %v, want %d", got, errno, user)
			}
		}
		return nil
	}}
}

// sleepUntil blocks the thread. Preemption signals end a sleep early.
func sleepUntil(due int64) error {
	for {
		rest := due - driver.Nanotime()
		if rest <= 0 {
			return nil
		}
		ts := syscall.NsecToTimespec(rest)
		if err := syscall.Nanosleep(&ts, nil); err != nil && !errors.Is(err, syscall.EINTR) {
			return fmt.Errorf("nanosleep(2) of %v: %w", time.Duration(rest), err)
		}
	}
}

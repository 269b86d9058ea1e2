package main

import (
	"fmt"
	"syscall"
)

// spare is how many descriptors a process needs beside its connections: standard
// streams, the control channel, epoll, the pacer's timer, files of /proc.
const spare = 32

// roomFor raises the limit on open files as far as it may be raised, and refuses
// what does not fit.
func roomFor(conns int64) error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("limit on open files: %w", err)
	}
	if l.Cur < l.Max {
		l.Cur = l.Max
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
			return fmt.Errorf("raise the limit on open files to %d: %w", l.Max, err)
		}
	}
	if need := uint64(conns) + spare; l.Cur < need {
		return fmt.Errorf("-conns=%d needs %d open files, and the hard limit is %d (ulimit -Hn %d, as root; or fewer connections)", conns, need, l.Cur, need)
	}
	return nil
}

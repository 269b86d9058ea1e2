package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// A failure is a kind of error of a request. A wrong answer is none: it ends the trial.
type failure int

const (
	timedOut failure = iota
	notFound
	noPort
	noFile
	refused
	reset
	closed
	other
	failures // how many there are
)

var failureUnits = [failures]string{
	"timeout-errors", "lookup-errors", "no-port-errors", "no-file-errors",
	"refused-errors", "reset-errors", "closed-errors", "other-errors",
}

var failureMetrics = []wire.Metric{
	{Unit: failureUnits[timedOut], Better: wire.Lower, Doc: "requests without an answer within -patience: context deadline exceeded"},
	{Unit: failureUnits[notFound], Better: wire.Lower, Doc: "requests whose dial could not look the server's name up"},
	{Unit: failureUnits[noPort], Better: wire.Lower, Doc: "requests whose dial found no free port: cannot assign requested address"},
	{Unit: failureUnits[noFile], Better: wire.Lower, Doc: "requests whose dial could open no file: too many open files"},
	{Unit: failureUnits[refused], Better: wire.Lower, Doc: "requests whose dial was refused"},
	{Unit: failureUnits[reset], Better: wire.Lower, Doc: "requests whose connection was reset by the server"},
	{Unit: failureUnits[closed], Better: wire.Lower, Doc: "requests whose connection was closed before the whole answer"},
	{Unit: failureUnits[other], Better: wire.Lower, Doc: "requests that failed otherwise"},
}

// kindOf goes by the cause. The end of a request's time comes first: a look-up
// that it cuts short fails for that reason.
func kindOf(err error) failure {
	is := func(causes ...error) bool {
		for _, cause := range causes {
			if errors.Is(err, cause) {
				return true
			}
		}
		return false
	}
	switch {
	case is(context.DeadlineExceeded, os.ErrDeadlineExceeded):
		return timedOut
	case is(syscall.EMFILE, syscall.ENFILE):
		return noFile
	case errors.As(err, new(*net.DNSError)):
		return notFound
	case is(syscall.EADDRNOTAVAIL):
		return noPort
	case is(syscall.ECONNREFUSED):
		return refused
	case is(syscall.ECONNRESET, syscall.EPIPE):
		return reset
	case is(io.EOF, io.ErrUnexpectedEOF):
		return closed
	}
	return other
}

// A tally counts failures by kind. Any number of goroutines may add at once.
type tally [failures]atomic.Int64

func (t *tally) add(err error) { t[kindOf(err)].Add(1) }

func (t *tally) forget() {
	for kind := range t {
		t[kind].Store(0)
	}
}

func (t *tally) report(r *driver.Result) {
	for kind := range t {
		r.Set(failureUnits[kind], float64(t[kind].Load()))
	}
}

// A wrongAnswer ends the trial.
type wrongAnswer string

func (e wrongAnswer) Error() string { return "wrong answer: " + string(e) }

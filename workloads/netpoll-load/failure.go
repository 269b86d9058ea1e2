package main

import (
	"errors"
	"io"
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
	refused
	reset
	closed
	other
	failures // how many there are
)

var failureUnits = [failures]string{"timeout-errors", "refused-errors", "reset-errors", "closed-errors", "other-errors"}

var failureMetrics = []wire.Metric{
	{Unit: failureUnits[timedOut], Better: wire.Lower, Doc: "requests without an answer within -patience"},
	{Unit: failureUnits[refused], Better: wire.Lower, Doc: "requests for which no connection could be made"},
	{Unit: failureUnits[reset], Better: wire.Lower, Doc: "requests whose connection was reset by the server"},
	{Unit: failureUnits[closed], Better: wire.Lower, Doc: "requests whose connection was closed before the whole answer"},
	{Unit: failureUnits[other], Better: wire.Lower, Doc: "requests that failed otherwise"},
}

func kindOf(err error) failure {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return timedOut
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EAGAIN):
		return refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return closed
	}
	return other
}

// A tally counts failures by kind. Any number of goroutines may add at once.
type tally [failures]atomic.Int64

func (t *tally) add(err error, n int64) { t[kindOf(err)].Add(n) }

func (t *tally) report(r *driver.Result) {
	for kind := range t {
		r.Set(failureUnits[kind], float64(t[kind].Load()))
	}
}

// A wrongAnswer ends the trial.
type wrongAnswer string

func (e wrongAnswer) Error() string { return "wrong answer: " + string(e) }

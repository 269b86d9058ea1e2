package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/setup"
)

// The exit codes. An error never exits 0.
const (
	exitDone         = 0
	exitFailed       = 1 // the harness or a workload failed, or something could not be restored
	exitUsage        = 2 // usage or a bad file, nothing started
	exitRefuted      = 3 // a claim refuted, under --gate
	exitInconclusive = 4 // under --gate
	exitNotTestable  = 5 // nothing was testable here
	exitHeld         = 6 // another harness holds the host lock
	exitSignal       = 128
)

// An outcome is an error that knows its exit code. Its error may be nil: the
// report has said it all, and only the code remains.
type outcome struct {
	code int
	err  error
}

func (o outcome) Error() string {
	if o.err == nil {
		return fmt.Sprintf("exit %d", o.code)
	}
	return o.err.Error()
}

func (o outcome) Unwrap() error { return o.err }

// usage marks an error as the caller's: nothing was started.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return outcome{exitUsage, err}
}

// asUsage marks an error as the caller's where it is the experiment's own.
func asUsage(err error) error {
	if u := (setup.Unfit{}); errors.As(err, &u) {
		return usage(err)
	}
	return err
}

func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// stopped is the cause of a context that a signal ended.
type stopped struct{ signal syscall.Signal }

func (s stopped) Error() string { return fmt.Sprintf("stopped by %s", name(s.signal)) }

func name(s os.Signal) string {
	switch s {
	case syscall.SIGINT:
		return "SIGINT"
	case syscall.SIGTERM:
		return "SIGTERM"
	case syscall.SIGHUP:
		return "SIGHUP"
	}
	return s.String()
}

// code maps an error to the exit code of the process.
func code(err error) int {
	var (
		o    outcome
		s    stopped
		held *journal.Held
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &o):
		return o.code
	case errors.As(err, &held):
		return exitHeld
	case errors.As(err, &s):
		return exitSignal + int(s.signal)
	}
	return exitFailed
}

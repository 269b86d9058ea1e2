package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// failures are the kinds of errors of a request, by their cause. The end of a
// request's time comes first, then the want of a file: a look-up that either cuts
// short fails for that reason.
var failures = driver.FailureKinds{
	{Unit: "timeout-errors", Doc: "requests without an answer within -patience: context deadline exceeded",
		Is: driver.Wraps(context.DeadlineExceeded, os.ErrDeadlineExceeded)},
	{Unit: "no-file-errors", Doc: "requests whose dial could open no file: too many open files", Is: driver.Wraps(syscall.EMFILE, syscall.ENFILE)},
	{Unit: "lookup-errors", Doc: "requests whose dial could not look the server's name up",
		Is: func(err error) bool { return errors.As(err, new(*net.DNSError)) }},
	{Unit: "no-port-errors", Doc: "requests whose dial found no free port: cannot assign requested address", Is: driver.Wraps(syscall.EADDRNOTAVAIL)},
	{Unit: "refused-errors", Doc: "requests whose dial was refused", Is: driver.Wraps(syscall.ECONNREFUSED)},
	{Unit: "reset-errors", Doc: "requests whose connection was reset by the server", Is: driver.Wraps(syscall.ECONNRESET, syscall.EPIPE)},
	{Unit: "closed-errors", Doc: "requests whose connection was closed before the whole answer", Is: driver.Wraps(io.EOF, io.ErrUnexpectedEOF)},
	{Unit: "other-errors", Doc: "requests that failed otherwise"},
}

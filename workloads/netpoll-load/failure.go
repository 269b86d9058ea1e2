package main

import (
	"io"
	"os"
	"syscall"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// failures are the kinds of errors of a request.
var failures = driver.FailureKinds{
	{Unit: "timeout-errors", Doc: "requests without an answer within -patience", Is: driver.Wraps(os.ErrDeadlineExceeded)},
	{Unit: "refused-errors", Doc: "requests for which no connection could be made", Is: driver.Wraps(syscall.ECONNREFUSED, syscall.EADDRNOTAVAIL, syscall.EAGAIN)},
	{Unit: "reset-errors", Doc: "requests whose connection was reset by the server", Is: driver.Wraps(syscall.ECONNRESET, syscall.EPIPE)},
	{Unit: "closed-errors", Doc: "requests whose connection was closed before the whole answer", Is: driver.Wraps(io.EOF, io.ErrUnexpectedEOF)},
	{Unit: "other-errors", Doc: "requests that failed otherwise"},
}

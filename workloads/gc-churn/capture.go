package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"unsafe"
)

// stderrFD is where the runtime prints its trace.
const stderrFD = 2

// A traceCapture holds back stderr in a file in memory, so that nobody has to
// read the trace while the window is open. A crash still shows at once on the
// real stderr; everything else that is not a trace follows at Close.
type traceCapture struct {
	real *os.File // stderr as it was
	file *os.File
}

// captureTrace redirects descriptor 2 until Close.
func captureTrace() (c *traceCapture, err error) {
	c = new(traceCapture)
	if c.file, err = memoryFile("gctrace"); err != nil {
		return nil, fmt.Errorf("capture stderr: %w", err)
	}
	fd, err := dupCloexec(stderrFD)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("capture stderr: %w", err), c.file.Close())
	}
	c.real = os.NewFile(uintptr(fd), "stderr")
	err = errors.Join(
		debug.SetCrashOutput(c.real, debug.CrashOptions{}),
		syscall.Dup3(int(c.file.Fd()), stderrFD, 0))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("capture stderr: %w", err), c.file.Close(), c.real.Close())
	}
	return c, nil
}

// Marks returns the wall times of the mark phases of cycles from+1 to to, in
// ns; none where the trace is off (GODEBUG=gctrace=0).
func (c *traceCapture) Marks(from, to uint64) ([]float64, error) {
	var lines []gcLine
	err := c.eachLine(func(text string) {
		if l, ok := parseTrace(strings.TrimSuffix(text, "\n")); ok {
			lines = append(lines, l)
		}
	})
	if err != nil {
		return nil, err
	}
	return marks(lines, from, to)
}

// Close puts stderr back and passes on what was no trace.
func (c *traceCapture) Close() error {
	err := errors.Join(
		syscall.Dup3(int(c.real.Fd()), stderrFD, 0),
		debug.SetCrashOutput(nil, debug.CrashOptions{}))
	err = errors.Join(err, c.eachLine(func(text string) {
		if _, ok := parseTrace(strings.TrimSuffix(text, "\n")); !ok {
			io.WriteString(c.real, text) // best effort: a closed stderr fails no trial
		}
	}))
	return errors.Join(err, c.file.Close(), c.real.Close())
}

// eachLine reads the file from its start, beside whoever writes at its end.
func (c *traceCapture) eachLine(f func(text string)) error {
	r := bufio.NewReader(io.NewSectionReader(c.file, 0, 1<<62))
	for {
		text, err := r.ReadString('\n')
		if text != "" {
			f(text)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the captured stderr: %w", err)
		}
	}
}

// memoryFile is an unnamed file in memory, or on an architecture whose
// memfd_create(2) is not known here a removed one on disk.
func memoryFile(name string) (*os.File, error) {
	const cloexec = 1 // MFD_CLOEXEC
	number, ok := map[string]uintptr{"amd64": 319, "arm64": 279, "riscv64": 279, "loong64": 279}[runtime.GOARCH]
	if !ok {
		f, err := os.CreateTemp("", name)
		if err != nil {
			return nil, err
		}
		return f, os.Remove(f.Name())
	}
	text, err := syscall.BytePtrFromString(name)
	if err != nil {
		return nil, err
	}
	fd, _, errno := syscall.Syscall(number, uintptr(unsafe.Pointer(text)), cloexec, 0)
	if errno != 0 {
		return nil, os.NewSyscallError("memfd_create", errno)
	}
	return os.NewFile(fd, name), nil
}

func dupCloexec(fd int) (int, error) {
	n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD_CLOEXEC, stderrFD+1)
	if errno != 0 {
		return 0, os.NewSyscallError("fcntl", errno)
	}
	return int(n), nil
}

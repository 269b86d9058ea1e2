package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/assaylab/assay/harness/vm/link"
)

// serve opens the port to the harness and attends to it.
func serve() error {
	p, err := link.OpenPort(link.Control)
	if err != nil {
		return err
	}
	return attend(link.New(p))
}

// attend does what the harness asks for until it asks for the end. A harness that is
// gone, be it in the middle of a request, takes the reason for this guest with it.
func attend(l *link.Link) error {
	if err := within(readyWithin, func() error { return l.Send(link.Header{Kind: link.Ready}, nil) }); err != nil {
		return fmt.Errorf("say that this guest is ready: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	requests, end := listen(l)
	for {
		var asked request
		select {
		case asked = <-requests:
		case err := <-end:
			return ended(err)
		}
		done := make(chan error, 1)
		go func() { done <- asked.serve(ctx, l) }()
		select {
		case err := <-done:
			if err != nil || asked.Kind == link.Off {
				return err
			}
		case err := <-end:
			return ended(err)
		}
	}
}

// readyWithin is how long the harness may take to hear that this guest is ready. The
// kernel has whoever writes wait for a port whose other end nobody holds.
const readyWithin = time.Minute

func within(most time.Duration, act func() error) error {
	done := make(chan error, 1)
	go func() { done <- act() }()
	select {
	case err := <-done:
		return err
	case <-time.After(most):
		return fmt.Errorf("nobody listens after %v", most)
	}
}

// ended: the end of the line between two messages is no error.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// A request is what the harness asks for.
type request struct {
	link.Header
	body io.Reader
	read chan struct{} // closed once the body has been
}

// listen hands on what is asked for, one after the other, and then why the line
// ended. It reads on while a request is served, so that its end is known then too; a
// body is left to who serves it.
func listen(l *link.Link) (requests <-chan request, end <-chan error) {
	asked, why := make(chan request), make(chan error, 1)
	go func() {
		for {
			h, body, err := l.Next()
			if err != nil {
				why <- err
				return
			}
			r := request{h, body, make(chan struct{})}
			asked <- r
			if h.Kind == link.Put {
				<-r.read
			}
		}
	}()
	return asked, why
}

func (r request) serve(ctx context.Context, l *link.Link) error {
	done := answer(ctx, l, r.Header, r.body)
	close(r.read)
	done.Kind = link.Done
	return l.Send(done, nil)
}

func answer(ctx context.Context, l *link.Link, request link.Header, body io.Reader) (done link.Header) {
	var err error
	switch request.Kind {
	case link.Run:
		done.Status, err = run(ctx, l, request)
	case link.Put:
		err = put(request, body)
	case link.Fetch:
		err = fetch(l, request.Path)
	case link.Off:
	default:
		err = fmt.Errorf("unknown request %q", request.Kind)
	}
	if err != nil {
		done.Error = err.Error()
	}
	return done
}

// run runs a program to its end, in a session of its own, which ends with ctx.
func run(ctx context.Context, l *link.Link, request link.Header) (int, error) {
	if len(request.Args) == 0 {
		return 0, errors.New("run: no program")
	}
	c := exec.CommandContext(ctx, request.Args[0], request.Args[1:]...)
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.Env, c.Dir = request.Env, request.Dir
	c.Stdout, c.Stderr = sender{l, link.Stdout}, sender{l, link.Stderr}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	// What it leaves running may hold its output open for ever.
	c.WaitDelay = 5 * time.Second
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return 0, fmt.Errorf("run: %w", err)
	}
	status := c.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return -int(status.Signal()), nil
	}
	return status.ExitStatus(), nil
}

// A sender sends what is written to it as messages of a kind.
type sender struct {
	to   *link.Link
	kind link.Kind
}

func (s sender) Write(b []byte) (int, error) {
	if err := s.to.Send(link.Header{Kind: s.kind, Size: int64(len(b))}, bytes.NewReader(b)); err != nil {
		return 0, err
	}
	return len(b), nil
}

func put(request link.Header, body io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(request.Path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(request.Path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, fs.FileMode(request.Mode))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, body)
	return errors.Join(err, f.Close())
}

// fetch sends a file, or every file below a folder.
func fetch(l *link.Link, root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return send(l, path, name)
	})
}

// send reads a file before it says how long it is: those of /proc say 0.
func send(l *link.Link, path, name string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return l.Send(link.Header{Kind: link.File, Path: name, Mode: uint32(info.Mode().Perm()), Size: int64(len(body))}, bytes.NewReader(body))
}

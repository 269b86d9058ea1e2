package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A config is the params of one trial.
type config struct {
	open        string
	descriptors int64
}

func (c *config) declare(p *driver.Params) {
	p.String(&c.open, "open", "file", "what is opened: file: /dev/null; pipe: one, two descriptors; connection: one over loopback, two descriptors",
		driver.OneOf("file", "pipe", "connection"))
	p.Int(&c.descriptors, "descriptors", "2000", "descriptors wanted", driver.Min("1"), driver.Max("1000000"))
}

// perOpen is how many descriptors one open takes.
var perOpen = map[string]int64{"file": 1, "pipe": 2, "connection": 2}

// allow refuses a number that no whole number of opens gives.
func (c *config) allow() error {
	if each := perOpen[c.open]; c.descriptors%each != 0 {
		return fmt.Errorf("-open=%s takes %d descriptors at a time: -descriptors=%d is odd (take %d)", c.open, each, c.descriptors, c.descriptors+1)
	}
	return nil
}

// A closer is what an open gave.
type closer interface{ Close() error }

// A trial is what is open.
type trial struct {
	*config
	listener net.Listener
	held     []closer
	opened   int64
	refused  int64
}

func (c *config) setup(string) (driver.Trial, error) {
	t := &trial{config: c, held: make([]closer, 0, c.descriptors)}
	if c.open != "connection" {
		return t, nil
	}
	var err error
	if t.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return t, nil
}

// Run opens. The kernel's no is an answer, any other error is one of the trial.
func (t *trial) Run() (int64, error) {
	ops := int64(0)
	for t.opened < t.descriptors {
		ops++
		got, err := t.more()
		for _, c := range got {
			t.held = append(t.held, c)
			t.opened++
		}
		if errors.Is(err, syscall.EMFILE) {
			t.refused = t.descriptors - t.opened
			break
		}
		if err != nil {
			return ops, fmt.Errorf("descriptor %d: %w", t.opened+1, err)
		}
	}
	return ops, nil
}

// more opens one thing and returns what it gave, also beside an error.
func (t *trial) more() ([]closer, error) {
	switch t.open {
	case "pipe":
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		return []closer{r, w}, nil
	case "connection":
		return t.connect()
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	return []closer{f}, nil
}

// connect takes both ends of a connection. Its client's end may be the last
// descriptor that there is.
func (t *trial) connect() ([]closer, error) {
	client, err := net.Dial("tcp", t.listener.Addr().String())
	if err != nil {
		return nil, err
	}
	server, err := t.listener.Accept()
	if err != nil {
		return []closer{client}, err
	}
	return []closer{client, server}, nil
}

// Report gives the descriptors back first: looking at limits takes some.
func (t *trial) Report(r *driver.Result) error {
	if err := t.shut(); err != nil {
		return fmt.Errorf("close what was open: %w", err)
	}
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return os.NewSyscallError("getrlimit", err)
	}
	if t.refused == 0 && uint64(t.opened) > l.Cur {
		return fmt.Errorf("wrong answer: %d descriptors under a limit of %d", t.opened, l.Cur)
	}
	r.Set(unitOpened, float64(t.opened))
	r.Set(unitRefused, float64(t.refused))
	r.Set(unitSoft, float64(l.Cur))
	r.Set(unitHard, float64(l.Max))
	if child, ok := childLimit(); ok {
		r.Set(unitChild, child)
	}
	return nil
}

// childLimit asks a shell for its soft limit; not ok where that is "unlimited",
// or there is no shell.
func childLimit() (float64, bool) {
	out, err := exec.Command("/bin/sh", "-c", "ulimit -Sn").Output()
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return n, err == nil
}

func (t *trial) shut() error {
	var errs []error
	for _, c := range t.held {
		errs = append(errs, c.Close())
	}
	t.held = nil
	return errors.Join(errs...)
}

// Close ends the listener, and what an error left open.
func (t *trial) Close() error {
	err := t.shut()
	if t.listener != nil {
		err = errors.Join(err, t.listener.Close())
	}
	return err
}

package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/assaylab/assay/harness/vm/link"
)

// A Guest is a machine that runs. Run, Put, Fetch and Off do one thing at a
// time and wait for each other; Conn, Cut and Wait may be used meanwhile.
//
// A guest does not outlive the harness. The kernel kills QEMU with this process, and
// where that fails, as it does for a program that changes who it is, the guest's first
// process powers off when the line to it is cut, whatever it does at that time.
type Guest struct {
	Took time.Duration // from the start of QEMU to ready, of the attempt that succeeded

	machine Machine
	dir     string // of the boot's files
	qemu    *exec.Cmd
	console *tail
	ended   chan struct{} // closed when QEMU has
	exit    error         // how; after ended

	mu      sync.Mutex // one request at a time
	link    *link.Link
	control net.Conn
	channel net.Conn
	broken  error // why no request can follow
}

// Emulated says whether the guest's instructions are translated: its timings
// mean nothing then.
func (g *Guest) Emulated() bool { return g.machine.Emulate }

// Conn is a line of plain bytes to the guest, for the caller's own messages. A
// program there opens the device whose /sys/class/virtio-ports/*/name is
// link.Channel. What is written before it does waits for it.
func (g *Guest) Conn() net.Conn { return g.channel }

// A Command is a program to be run in a guest.
type Command struct {
	Args   []string  // the program, by its full path there, and its arguments
	Env    []string  // complete
	Dir    string    // working folder; empty: /
	Stdout io.Writer // nil: dropped
	Stderr io.Writer // nil: dropped
}

// Run runs a program and gives its exit status, or minus the signal that ended
// it. An error is of the guest or the line to it, or of a program that could not be
// started. When ctx ends the guest is cut off: nobody knows what it does then.
func (g *Guest) Run(ctx context.Context, c Command) (int, error) {
	if c.Dir == "" {
		c.Dir = "/"
	}
	done, err := g.ask(ctx, link.Header{Kind: link.Run, Args: c.Args, Env: c.Env, Dir: c.Dir}, nil, func(h link.Header, body io.Reader) error {
		to := c.Stdout
		if h.Kind == link.Stderr {
			to = c.Stderr
		}
		if to == nil {
			to = io.Discard
		}
		_, err := io.Copy(to, body)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("vm: run %s: %w", strings.Join(c.Args, " "), err)
	}
	return done.Status, nil
}

// Put takes a file to the guest.
func (g *Guest) Put(ctx context.Context, f File) error {
	body, size, mode, err := f.open()
	if err != nil {
		return fmt.Errorf("vm: put %s: %w", f.Path, err)
	}
	defer body.Close()
	_, err = g.ask(ctx, link.Header{Kind: link.Put, Path: f.Path, Mode: mode, Size: size}, body, nil)
	if err != nil {
		return fmt.Errorf("vm: put %s: %w", f.Path, err)
	}
	return nil
}

func (f File) open() (body io.ReadCloser, size int64, mode uint32, err error) {
	mode = uint32(f.Mode.Perm())
	if f.Source == "" {
		if mode == 0 {
			mode = 0o644
		}
		return io.NopCloser(strings.NewReader(string(f.Body))), int64(len(f.Body)), mode, nil
	}
	source, err := os.Open(f.Source)
	if err != nil {
		return nil, 0, 0, err
	}
	info, err := source.Stat()
	if err != nil {
		source.Close()
		return nil, 0, 0, err
	}
	if mode == 0 {
		mode = uint32(info.Mode().Perm())
	}
	return source, info.Size(), mode, nil
}

// Fetch brings a file, or all files below a folder, to a path of this machine.
// Links and devices stay there.
func (g *Guest) Fetch(ctx context.Context, from, to string) error {
	_, err := g.ask(ctx, link.Header{Kind: link.Fetch, Path: from}, nil, func(h link.Header, body io.Reader) error {
		if h.Path != "." && !filepath.IsLocal(h.Path) {
			return fmt.Errorf("the guest sent %q, which is not below what was asked for", h.Path)
		}
		return place(filepath.Join(to, h.Path), os.FileMode(h.Mode).Perm(), body)
	})
	if err != nil {
		return fmt.Errorf("vm: fetch %s: %w", from, err)
	}
	return nil
}

func place(path string, mode os.FileMode, body io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode|0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, body)
	return errors.Join(err, f.Close())
}

// ask makes a request and hands each message of the answer to take, until the
// one that is done. An error of take is returned once the answer is through.
func (g *Guest) ask(ctx context.Context, h link.Header, body io.Reader, take func(link.Header, io.Reader) error) (link.Header, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.broken != nil {
		return link.Header{}, g.broken
	}
	stop := context.AfterFunc(ctx, g.Cut)
	defer stop()
	var done link.Header
	err := g.link.Send(h, body)
	var taken error
	for err == nil {
		var answer io.Reader
		if done, answer, err = g.link.Next(); err != nil || done.Kind == link.Done {
			break
		}
		if take != nil && taken == nil {
			taken = take(done, answer)
		}
	}
	if err != nil {
		g.broken = g.explain(ctx, err)
		return done, g.broken
	}
	if done.Error != "" {
		return done, errors.New(done.Error)
	}
	return done, taken
}

// explain says why the line to the guest broke.
func (g *Guest) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("the guest is gone: %w; its console ends with:\n%s", err, g.console)
}

// endedWithin is how long a guest may take to power off.
const endedWithin = 30 * time.Second

// Off has the guest power off, with its disks in order, and waits until it has.
func (g *Guest) Off(ctx context.Context) error {
	_, err := g.ask(ctx, link.Header{Kind: link.Off}, nil, nil)
	if err == nil {
		select {
		case <-g.ended:
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-time.After(endedWithin):
			err = fmt.Errorf("still there %v after it was told to power off", endedWithin)
		}
	}
	g.Cut()
	if err != nil {
		return fmt.Errorf("vm: power off: %w", err)
	}
	return nil
}

// Cut ends the guest as a power cut would: nothing that its kernel has in memory
// reaches its disks. It may be called at any time, also after Off.
func (g *Guest) Cut() {
	g.qemu.Process.Kill()
	<-g.ended
	for _, c := range []net.Conn{g.control, g.channel} {
		if c != nil {
			c.Close()
		}
	}
}

// Wait waits until the guest has ended by itself, or ctx.
func (g *Guest) Wait(ctx context.Context) error {
	select {
	case <-g.ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

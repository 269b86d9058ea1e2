package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/assaylab/assay/harness/vm/link"
)

// attempts is how often a boot is tried. Of some fifty emulated arm64 boots one
// hung for good in the kernel.
const attempts = 3

// Boot boots a machine and returns when its first process is ready. ctx bounds
// the boot, not the guest. A boot that takes longer than m.Patience, or ends by
// itself, is tried again, twice, and emulated then: KVM may be there and not work,
// inside another guest above all.
func Boot(ctx context.Context, m Machine) (*Guest, error) {
	m = m.withDefaults()
	if err := m.check(); err != nil {
		return nil, err
	}
	program, err := qemu(m.Kernel.Arch)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(m.Dir, "assay-vm-")
	if err != nil {
		return nil, fmt.Errorf("vm: %w", err)
	}
	g := &Guest{machine: m, dir: dir}
	if err := g.boot(ctx, program); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	// A guest that is up has its files in memory: whatever happens to this process
	// from here on, nothing of it is left on a disk.
	if err := os.RemoveAll(dir); err != nil {
		g.Cut()
		return nil, fmt.Errorf("vm: %w", err)
	}
	return g, nil
}

func (g *Guest) boot(ctx context.Context, program string) error {
	g.machine.Emulate = !g.machine.native()
	if err := g.pack(); err != nil {
		return err
	}
	var errs []error
	for range attempts {
		err := g.try(ctx, program)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
		g.machine.Emulate = true
	}
	return fmt.Errorf("vm: boot %s: %w", g.machine.Kernel.Release, errors.Join(errs...))
}

// pack writes the first root file system, and the disk to swap to.
func (g *Guest) pack() error {
	a, err := g.machine.initramfs()
	if err != nil {
		return err
	}
	f, err := os.Create(g.file(initramfsFile))
	if err != nil {
		return fmt.Errorf("vm: %w", err)
	}
	_, err = a.WriteTo(f)
	if err = errors.Join(err, f.Close()); err != nil || g.machine.Swap == 0 {
		return err
	}
	return g.blank(swapFile, g.machine.Swap)
}

// blank makes a file of zeros that takes no space yet.
func (g *Guest) blank(name string, size int64) error {
	if err := os.WriteFile(g.file(name), nil, 0o600); err != nil {
		return fmt.Errorf("vm: %w", err)
	}
	return os.Truncate(g.file(name), size)
}

// describe writes what makes the kernel see processors whose frequency can be set.
func (g *Guest) describe(ctx context.Context, program string) error {
	if len(g.machine.Frequencies) == 0 {
		return nil
	}
	if g.machine.Kernel.Arch == "amd64" {
		return os.WriteFile(g.file(acpiFile), processorTable(g.machine.CPUs, g.machine.Frequencies), 0o644)
	}
	return g.writeTree(ctx, program)
}

// writeTree asks QEMU for the device tree of this machine and adds to it.
func (g *Guest) writeTree(ctx context.Context, program string) error {
	file := g.file(treeFile)
	args := append(g.machine.board(",dumpdtb="+file), "-nographic", "-nodefaults")
	if out, err := exec.CommandContext(ctx, program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("vm: ask for the device tree: %w: %s", err, bytes.TrimSpace(out))
	}
	blob, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("vm: ask for the device tree: %w", err)
	}
	tree, err := parseTree(blob)
	if err == nil {
		err = tree.setFrequencies(g.machine.Frequencies, g.machine.Turbo)
	}
	if err != nil {
		return fmt.Errorf("vm: %w", err)
	}
	return os.WriteFile(file, tree.flatten(), 0o644)
}

func (g *Guest) file(name string) string { return filepath.Join(g.dir, name) }

// try starts QEMU once. QEMU connects to sockets that are listened on here, so
// nobody has to wait for them to appear.
func (g *Guest) try(ctx context.Context, program string) (err error) {
	if err := g.describe(ctx, program); err != nil {
		return err
	}
	begun := time.Now()
	var listeners [2]*net.UnixListener
	for i, name := range []string{controlSocket, channelSocket} {
		if listeners[i], err = net.ListenUnix("unix", &net.UnixAddr{Name: g.file(name), Net: "unix"}); err != nil {
			return err
		}
		defer listeners[i].Close()
	}
	g.console = &tail{also: g.machine.Console}
	g.qemu = exec.Command(program, g.machine.arguments(g.dir)...)
	g.qemu.Stdout, g.qemu.Stderr = g.console, g.console
	if err := g.start(); err != nil {
		return err
	}
	if err := g.meet(ctx, listeners); err != nil {
		g.Cut()
		return fmt.Errorf("after %v: %w; the console ends with:\n%s", time.Since(begun).Round(time.Millisecond), err, g.console)
	}
	g.Took = time.Since(begun)
	return nil
}

// start starts QEMU, and has the kernel kill it when this process ends, however it
// ends. What the kernel watches is the thread that started it, so that one stays
// until QEMU has ended (prctl(2), PR_SET_PDEATHSIG).
func (g *Guest) start() error {
	g.ended = make(chan struct{})
	g.qemu.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := g.qemu.Start()
		started <- err
		if err == nil {
			g.exit = g.qemu.Wait()
			close(g.ended)
		}
	}()
	return <-started
}

// meet waits until the guest says that it is ready.
func (g *Guest) meet(ctx context.Context, listeners [2]*net.UnixListener) error {
	ctx, cancel := context.WithTimeoutCause(ctx, g.machine.Patience, fmt.Errorf("not ready within %v", g.machine.Patience))
	defer cancel()
	met := make(chan error, 1)
	go func() { met <- g.greet(listeners) }()
	var why error
	select {
	case err := <-met:
		return err
	case <-ctx.Done():
		why = context.Cause(ctx)
	case <-g.ended:
		why = fmt.Errorf("QEMU ended: %v", g.exit)
	}
	g.qemu.Process.Kill()
	for _, l := range listeners {
		l.Close()
	}
	<-met
	return why
}

func (g *Guest) greet(listeners [2]*net.UnixListener) error {
	var conns [2]net.Conn
	for i, l := range listeners {
		var err error
		if conns[i], err = l.Accept(); err != nil {
			return err
		}
	}
	g.control, g.channel = conns[0], conns[1]
	g.link = link.New(g.control)
	h, _, err := g.link.Next()
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the guest ended before it was ready")
	case err == nil && h.Kind != link.Ready:
		return fmt.Errorf("the guest began with %q, not with %q", h.Kind, link.Ready)
	}
	return err
}

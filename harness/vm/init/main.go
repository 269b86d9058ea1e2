// Init is the first process of a guest. It mounts what a Linux system has,
// loads modules, and starts itself again as the one that does what the harness
// asks for over a virtio serial port, while it buries the dead. When that one
// ends, it powers off.
package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if os.Getpid() != 1 {
		if err := serve(); err != nil {
			say(err)
			os.Exit(1)
		}
		return
	}
	if err := first(); err != nil {
		say(err)
	}
	powerOff()
}

// say writes to the console, which the harness keeps.
func say(err error) { fmt.Fprintln(os.Stderr, "assay init:", err) }

// first sets the guest up and waits for the process that serves.
func first() error {
	if err := mountAll(); err != nil {
		return err
	}
	setup, err := readSetup()
	if err != nil {
		return err
	}
	if err := loadAll(setup.Modules); err != nil {
		return err
	}
	if err := mountDisks(setup.Disks); err != nil {
		return err
	}
	if err := swapTo(setup.Swap); err != nil {
		return err
	}
	if err := loopbackUp(); err != nil {
		return err
	}
	if err := raiseLimits(); err != nil {
		return err
	}
	server, err := os.StartProcess("/init", []string{"/init"}, &os.ProcAttr{
		Env: os.Environ(), Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
	})
	if err != nil {
		return fmt.Errorf("start the process that serves: %w", err)
	}
	return reap(server.Pid)
}

// raiseLimits allows as many open files as a Debian system does. The kernel's own
// limit for its first process is 4096.
func raiseLimits() error {
	err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 1024, Max: 1 << 20})
	if err != nil {
		return fmt.Errorf("raise the limit on open files: %w", err)
	}
	return nil
}

// reap waits for every child, its own and those whose parents have ended,
// until the one that serves has.
func reap(server int) error {
	for {
		pid, err := unix.Wait4(-1, nil, 0, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return fmt.Errorf("wait for children: %w", err)
		case pid == server:
			return nil
		}
	}
}

// flushedWithin is how long file systems may take: a guest whose disk hangs is
// ended all the same.
const flushedWithin = 10 * time.Second

// powerOff ends whatever still runs, so that nothing is written after the last
// flush, and then the guest.
func powerOff() {
	if err := unix.Kill(-1, unix.SIGKILL); err != nil && err != unix.ESRCH {
		say(fmt.Errorf("kill what is left: %w", err))
	}
	synced := make(chan struct{})
	go func() {
		unix.Sync()
		unmountDisks()
		close(synced)
	}()
	select {
	case <-synced:
	case <-time.After(flushedWithin):
	}
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		say(fmt.Errorf("power off: %w", err))
	}
	select {}
}

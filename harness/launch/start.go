package launch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Start starts a process in a session and process group of its own. On an
// error no process is left, and the thread that may already have joined the
// command's cgroups is on its way out of them.
//
// Start marks every descriptor of the harness from 3 upwards close-on-exec, so
// that one inherited without that mark does not reach the workload either.
func Start(c Command) (*Process, error) {
	if !filepath.IsAbs(c.Path) {
		return nil, fmt.Errorf("launch %s: path is not absolute (give the program's full path)", c.Path)
	}
	if err := closeOnExec(); err != nil {
		return nil, fmt.Errorf("launch %s: mark descriptors close-on-exec: %w", c.Path, err)
	}
	var p *Process
	var err error
	onMortalThread(func() { p, err = c.start() })
	if err != nil {
		return nil, fmt.Errorf("launch %s: %w", c.Path, err)
	}
	spare(p.PID) // by this thread, which is not on the CPUs of the new process
	return p, nil
}

// onMortalThread runs act on a thread that ends when act returns, so that what
// act does to the thread (cgroups, affinity, no_new_privs) ends with it.
//
// The runtime ends a thread whose goroutine returns locked, but never the main
// thread, which it parks for good: that one would stay in the trial's cgroups
// and they could never be removed. So the main thread is held by this goroutine
// while another, which therefore runs elsewhere, does the work.
func onMortalThread(act func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			onMortalThread(act)
			runtime.UnlockOSThread()
			return
		}
		act()
	}()
	<-done
}

// start runs on a thread that belongs to this command alone.
func (c Command) start() (*Process, error) {
	if c.Settings.User != nil {
		c.User = c.Settings.User
	}
	if err := c.prepareThread(); err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	attr := &syscall.ProcAttr{Dir: c.Dir, Env: c.Env, Files: c.files(null), Sys: c.attributes()}
	var pid int
	begun := time.Now()
	err = withTHP(c.Settings.THP, func() error {
		return withHangups(func() (err error) {
			pid, err = c.forkExec(attr)
			return err
		})
	})
	runtime.KeepAlive(c)
	if err != nil {
		return nil, c.explain(err)
	}
	return c.adopt(pid, begun)
}

// forkExec runs a program that its user may execute, though perhaps not reach: a
// folder on the way to it may be closed to others than its owner. The harness
// can, and the kernel follows /proc/self/fd to what is open there (proc_pid_fd(5)),
// at the price that the process is called by the number of a descriptor in ps.
func (c Command) forkExec(attr *syscall.ProcAttr) (pid int, err error) {
	args := append([]string{c.Path}, c.Args...)
	pid, err = syscall.ForkExec(c.Path, args, attr)
	if !errors.Is(err, unix.EACCES) || c.User == nil {
		return pid, err
	}
	fd, failed := unix.Open(c.Path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if failed != nil {
		return 0, err
	}
	defer unix.Close(fd)
	return syscall.ForkExec(fmt.Sprintf("/proc/self/fd/%d", fd), args, attr)
}

// adopt checks what could not be checked before the process existed. Without
// an answer from it the process is ended.
func (c Command) adopt(pid int, begun time.Time) (*Process, error) {
	p := &Process{PID: pid, Begun: begun}
	err := c.limit(pid)
	if err == nil {
		err = c.checkBorn(pid)
	}
	if err != nil {
		p.Kill()
		p.Wait()
		return nil, err
	}
	return p, nil
}

func (c Command) files(null *os.File) []uintptr {
	fds := []uintptr{null.Fd(), null.Fd(), null.Fd()}
	for i, f := range []*os.File{c.Stdout, c.Stderr} {
		if f != nil {
			fds[1+i] = f.Fd()
		}
	}
	if c.Control != nil {
		fds = append(fds, c.Control.Fd())
	}
	return fds
}

// attributes asks for a session of its own: it has no terminal that could stop
// it or send it the harness's SIGINT, and it is a process group, so that the
// whole of it can be killed at once. There is no Pdeathsig: it would come when
// the thread dies, which is as soon as the process has started.
func (c Command) attributes() *syscall.SysProcAttr {
	sys := &syscall.SysProcAttr{Setsid: true, Ptrace: len(c.Settings.Limits) > 0}
	if c.Cgroup != nil {
		sys.UseCgroupFD, sys.CgroupFD = true, int(c.Cgroup.Fd())
	}
	if u := c.User; u != nil {
		sys.Credential = &syscall.Credential{Uid: u.UID, Gid: u.GID, Groups: u.Groups}
	}
	return sys
}

// explain adds the next step where the cause of a failed fork or exec is known.
// The kernel's answer does not say which of the steps between them failed.
func (c Command) explain(err error) error {
	next := ""
	switch {
	case errors.Is(err, unix.ENOENT):
		next = "is the program built, and is its working folder there?"
	case errors.Is(err, unix.EPERM) && c.User != nil:
		next = fmt.Sprintf("to run as user %d needs root", c.User.UID)
	case errors.Is(err, unix.EACCES) && c.User != nil:
		next = fmt.Sprintf("can user %d search every folder on the way to the program and execute it?", c.User.UID)
	case errors.Is(err, unix.EACCES) && c.Cgroup != nil:
		next = "is the program executable, and " + c.Cgroup.Name() + " a group that this user may add to?"
	case errors.Is(err, unix.EBUSY) && c.Cgroup != nil:
		next = c.Cgroup.Name() + " has controllers switched on for its children, so it can't hold processes"
	case errors.Is(err, unix.ENOEXEC):
		next = "is it built for this architecture?"
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.ENOMEM):
		next = "a limit on processes or memory: see ulimit -u, pids.max and memory.max"
	}
	if next == "" {
		return fmt.Errorf("fork and exec: %w", err)
	}
	return fmt.Errorf("fork and exec: %w (%s)", err, next)
}

package launch

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Process is one that Start started. It must be waited for. Its methods may
// be called from several goroutines.
type Process struct {
	PID   int       // also its session and its process group
	Begun time.Time // just before the fork

	once sync.Once
	exit Exit
	err  error

	mu     sync.Mutex
	reaped bool // from then on PID may be someone else's
}

// An Exit is how a process ended and what it used.
type Exit struct {
	Status int            // exit status; -1 where a signal ended it
	Signal syscall.Signal // that ended it; 0 where it exited
	Wall   time.Duration  // fork to end
	Usage  Usage
}

// Usage is of the process and of its children that it waited for. The peak
// resident size (ru_maxrss) is left out: after fork and exec it still counts the
// harness, whose memory the child shared between the two.
type Usage struct {
	User, System           time.Duration
	MinorFaults            int64 // without disk
	MajorFaults            int64
	Voluntary, Involuntary int64 // context switches
	Read, Written          int64 // bytes fetched from storage and caused to be sent there, whole blocks of 512
}

// Plus is the use of two processes.
func (u Usage) Plus(v Usage) Usage {
	return Usage{
		User: u.User + v.User, System: u.System + v.System,
		MinorFaults: u.MinorFaults + v.MinorFaults, MajorFaults: u.MajorFaults + v.MajorFaults,
		Voluntary: u.Voluntary + v.Voluntary, Involuntary: u.Involuntary + v.Involuntary,
		Read: u.Read + v.Read, Written: u.Written + v.Written,
	}
}

// Wait blocks, without polling, until the process has ended. What is left of
// its process group is then killed. The error says that it could not be waited
// for; however the process ended is no error. Every call gives the same answer.
func (p *Process) Wait() (Exit, error) {
	p.once.Do(func() {
		if p.err = p.await(); p.err == nil {
			ended := time.Now()
			p.exit, p.err = p.reap()
			p.exit.Wall = ended.Sub(p.Begun)
		}
	})
	return p.exit, p.err
}

// await leaves the process a zombie, which keeps its number from being given
// to another process or group.
func (p *Process) await() error {
	for {
		err := unix.Waitid(unix.P_PID, p.PID, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return p.failed("wait for", err)
		}
	}
}

func (p *Process) reap() (Exit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Last moment at which the group's number is certainly ours. It fails where
	// what is left runs as someone else; the cgroup is what holds those.
	unix.Kill(-p.PID, unix.SIGKILL)
	var status unix.WaitStatus
	var used unix.Rusage
	_, err := unix.Wait4(p.PID, &status, 0, &used)
	for err == unix.EINTR {
		_, err = unix.Wait4(p.PID, &status, 0, &used)
	}
	if err != nil {
		return Exit{}, p.failed("reap", err)
	}
	p.reaped = true
	return exitOf(status, used), nil
}

// Kill sends SIGKILL to the process group. It does not wait. After Wait it does
// nothing, as nothing is left.
func (p *Process) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return nil
	}
	err := unix.Kill(-p.PID, unix.SIGKILL)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return p.failed("kill group of", err)
}

func (p *Process) failed(act string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("launch: %s process %d: %w", act, p.PID, err)
}

const block = 512 // bytes, of ru_inblock and ru_oublock (task_io_get_inblock in linux/task_io_accounting_ops.h)

func exitOf(status unix.WaitStatus, used unix.Rusage) Exit {
	e := Exit{
		Status: status.ExitStatus(), // -1 unless it exited
		Usage: Usage{
			User:        time.Duration(used.Utime.Nano()),
			System:      time.Duration(used.Stime.Nano()),
			MinorFaults: used.Minflt,
			MajorFaults: used.Majflt,
			Voluntary:   used.Nvcsw,
			Involuntary: used.Nivcsw,
			Read:        used.Inblock * block,
			Written:     used.Oublock * block,
		},
	}
	if status.Signaled() {
		e.Signal = status.Signal()
	}
	return e
}

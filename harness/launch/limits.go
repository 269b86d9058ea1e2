package launch

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// resources are the limits that can be set, by name.
var resources = map[string]int{"nofile": unix.RLIMIT_NOFILE, "nproc": unix.RLIMIT_NPROC, "memlock": unix.RLIMIT_MEMLOCK}

// limit sets the resource limits of a process that was started traced: it has
// done its exec, not run an instruction yet, and waits for this thread, its
// tracer. Limits belong to the process, so no thread of the harness could hand
// them down, and a lower hard limit on the harness could not be taken back.
//
// Note: a helper that sets its own limits and then execs would cost a start of
// its own (1.6 ms against 0.05).
func (c Command) limit(pid int) error {
	if len(c.Settings.Limits) == 0 {
		return nil
	}
	if err := awaitStop(pid); err != nil {
		return err
	}
	for _, l := range c.Settings.Limits {
		if err := l.set(pid); err != nil {
			return err
		}
	}
	if err := unix.PtraceDetach(pid); err != nil {
		return fmt.Errorf("let process %d go: %w", pid, err)
	}
	return nil
}

// awaitStop leaves what it sees to be seen: a process that ended instead is still
// there to be waited for.
func awaitStop(pid int) error {
	for {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, pid, &info, unix.WSTOPPED|unix.WEXITED|unix.WNOWAIT, nil)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return fmt.Errorf("wait for the exec of process %d: %w", pid, err)
		case info.Code != cldTrapped:
			return fmt.Errorf("process %d ended before it could be given its limits", pid)
		}
		return nil
	}
}

// cldTrapped is CLD_TRAPPED of siginfo.h: a traced child has stopped.
const cldTrapped = 4

func (l Limit) set(pid int) error {
	resource, known := resources[l.Resource]
	if !known {
		return fmt.Errorf("set limit %q: not one of nofile, nproc, memlock", l.Resource)
	}
	want := unix.Rlimit{Cur: l.Soft, Max: l.Hard}
	err := unix.Prlimit(pid, resource, &want, nil)
	if errors.Is(err, unix.EPERM) {
		err = fmt.Errorf("%w (a hard limit above the harness's own needs root, and one on files is bounded by fs.nr_open)", err)
	}
	if err != nil {
		return fmt.Errorf("set limit %s to %d, hard %d: %w", l.Resource, l.Soft, l.Hard, err)
	}
	var got unix.Rlimit
	if err := unix.Prlimit(pid, resource, nil, &got); err != nil {
		return fmt.Errorf("read back limit %s: %w", l.Resource, err)
	}
	if got != want {
		return fmt.Errorf("set limit %s to %d, hard %d: reads back %d, %d", l.Resource, l.Soft, l.Hard, got.Cur, got.Max)
	}
	return nil
}

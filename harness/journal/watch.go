package journal

import (
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A watch is one process that is to die with the harness. The descriptor pins
// the process, so that no later one of its number can be meant.
type watch struct {
	owner Owner
	pidfd int // -1: the kernel has none (before Linux 5.3), or the process had ended
}

func newWatch(o Owner) *watch {
	fd, err := unix.PidfdOpen(o.PID, 0)
	if err != nil {
		return &watch{owner: o, pidfd: -1}
	}
	// Opened first and looked at then: if it started when it should, the
	// descriptor is of the right one.
	if now, err := Process(o.PID); err != nil || now != o {
		unix.Close(fd)
		fd = -1
	}
	return &watch{owner: o, pidfd: fd}
}

func (w *watch) close() {
	if w != nil && w.pidfd >= 0 {
		unix.Close(w.pidfd)
		w.pidfd = -1
	}
}

// pidfdSignalGroup is PIDFD_SIGNAL_PROCESS_GROUP, since Linux 6.9.
const pidfdSignalGroup = 1 << 2

// kill ends the process, then the group and the session that it leads, again and
// again until none is left that could have forked in between.
//
// A process that has left both, by a setsid of its own, is out of reach here; in a
// cgroup it would not be.
func (w *watch) kill() error {
	defer w.close()
	w.killLeader()
	for range 1000 {
		left, err := w.family()
		if err != nil {
			return fmt.Errorf("kill process %d and its group: %w", w.owner.PID, err)
		}
		if len(left) == 0 {
			return nil
		}
		for _, o := range left {
			killProcess(o)
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("kill process %d and its group: some are still there after 1000 rounds", w.owner.PID)
}

// killLeader is the quick way, which also stops a group from forking on. The
// slower way comes after it in any case, so errors don't matter.
func (w *watch) killLeader() {
	if w.pidfd < 0 {
		killProcess(w.owner)
		return
	}
	_ = unix.PidfdSendSignal(w.pidfd, unix.SIGKILL, nil, pidfdSignalGroup)
	_ = unix.PidfdSendSignal(w.pidfd, unix.SIGKILL, nil, 0)
}

// family lists who runs still: the process itself, its group and its session.
//
// The number of a group or session is not given to a new process while one of its
// members lives, even after its leader has ended. So if the number is free, or is
// that of our process, whoever bears it is of the family.
func (w *watch) family() ([]Owner, error) {
	leader, err := Process(w.owner.PID)
	if err == nil && leader != w.owner {
		return nil, nil // a later process has the number, so the family is gone
	}
	names, err := machine.Glob("proc/[1-9]*")
	if err != nil {
		return nil, err
	}
	var left []Owner
	for _, name := range names {
		pid, err := strconv.Atoi(name[len("proc/"):])
		if err != nil {
			continue
		}
		s, err := readStat(pid)
		if err != nil || !s.running() || s.start < w.owner.Start {
			continue
		}
		if pid == w.owner.PID || s.group == w.owner.PID || s.session == w.owner.PID {
			left = append(left, Owner{PID: pid, Start: s.start})
		}
	}
	return left, nil
}

// killProcess kills exactly this one, whatever has become of its number.
func killProcess(o Owner) {
	w := newWatch(o)
	defer w.close()
	if w.pidfd >= 0 {
		_ = unix.PidfdSendSignal(w.pidfd, unix.SIGKILL, nil, 0)
		return
	}
	// Without pidfds there is a gap between looking and killing.
	if now, err := Process(o.PID); err == nil && now == o {
		_ = unix.Kill(o.PID, unix.SIGKILL)
	}
}

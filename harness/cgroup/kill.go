package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// killedWithin is how long SIGKILL may take: the kernel first gives back a
// process's memory, a second or so for 100 GiB.
const killedWithin = 10 * time.Second

// Kill kills every process in the leaf and returns when they are gone. It
// changes settings of the leaf (pids.max), so read what is wanted of it before.
func (l *Leaf) Kill() error {
	if l.idle() {
		return nil
	}
	var errs []error
	for i := len(l.dirs) - 1; i >= 0; i-- { // unified first: it has cgroup.kill; then pids
		errs = append(errs, l.slot.tree.k.empty(l.dirs[i]))
	}
	return errors.Join(errs...)
}

// idle says that nobody is in the leaf, which after most trials is so and saves
// looking for them group by group. Only the unified group answers for all that
// is below it too, so that without one the answer is no.
func (l *Leaf) idle() bool {
	asked := false
	for i, dir := range l.dirs {
		if !l.slot.in[i].unified {
			if procs, err := words(dir, "cgroup.procs"); err != nil || len(procs) > 0 {
				return false
			}
			continue
		}
		events, err := read(dir, "cgroup.events")
		if in, told := fields(events)["populated"]; err != nil || !told || in != 0 {
			return false
		}
		asked = true
	}
	return asked
}

// empty kills everything in a group and below it, and waits until it is gone.
//
// cgroup.kill (v2, Linux 5.14) does it at once and reaches what is being forked.
// Elsewhere nothing shall be born meanwhile, so v2 groups are frozen (a frozen
// v2 process can be killed) and v1 groups of the pids controller are allowed no
// more processes; then it is rounds of SIGKILL until a round finds nobody. A v1
// group of another hierarchy has only the rounds, which a fork bomb could
// outrun: callers take the unified group first, then pids.
func (k kernel) empty(group string) error {
	if err := k.write(group, "cgroup.kill", "1"); err != nil {
		k.stopForks(group)
	}
	pause := 50 * time.Microsecond
	for deadline := time.Now().Add(killedWithin); ; pause = min(2*pause, 10*time.Millisecond) {
		left, err := k.killRound(group)
		if err != nil {
			return fmt.Errorf("cgroup: kill what is in %s: %w", group, err)
		}
		if len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("cgroup: kill what is in %s: processes %v still there %v after SIGKILL (see /proc/PID/stack of one, then try again)", group, left, killedWithin)
		}
		time.Sleep(pause)
	}
}

// stopForks is a help, not a need: where a kernel lacks one of the files, the
// rounds have to do.
func (k kernel) stopForks(group string) {
	for _, stop := range [][2]string{{"cgroup.freeze", "1"}, {"pids.max", "0"}} {
		if exists(filepath.Join(group, stop[0])) {
			k.write(group, stop[0], stop[1])
		}
	}
}

// killRound signals every process in the group and below it, and returns those
// that it saw, the caller's own excepted in the signalling only: a thread of
// the harness may be on its way out of a v1 group, which lists its process then.
func (k kernel) killRound(group string) (seen []string, err error) {
	seen, err = words(group, "cgroup.procs")
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, text := range seen {
		pid, err := strconv.Atoi(text)
		if err != nil || pid <= 1 { // 0: of another pid namespace, out of our sight
			return seen, fmt.Errorf("cgroup.procs lists %q (a process of another pid namespace: kill it there)", text)
		}
		if pid == os.Getpid() {
			continue
		}
		if err := k.kill(pid, func() bool { return member(group, text) }); err != nil {
			return seen, fmt.Errorf("kill process %d: %w", pid, err)
		}
	}
	inside, err := children(group)
	if err != nil && !gone(err) {
		return seen, err
	}
	for _, child := range inside {
		below, err := k.killRound(child)
		seen = append(seen, below...)
		if err != nil {
			return seen, err
		}
	}
	return seen, nil
}

func member(group, pid string) bool {
	procs, err := words(group, "cgroup.procs")
	return err == nil && slices.Contains(procs, pid)
}

// gone: a group removed under a reader answers ENODEV.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV)
}

package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// KillGroup kills the process group of a process that some harness started,
// and waits until the process has ended. The target is what Process.Target gave.
// It does nothing where the process is gone or its number is someone else's by
// now, which the start time tells. Idempotent.
func KillGroup(target string) error {
	pid, start, err := parseTarget(target)
	if err != nil {
		return fmt.Errorf("kill process group: %w", err)
	}
	if err := killGroup(pid, start); err != nil {
		return fmt.Errorf("kill process group %d: %w", pid, err)
	}
	return nil
}

func killGroup(pid int, start uint64) error {
	// The pidfd comes first: it names the process that the start time is then read of.
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return orphans(pid)
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	s, err := readStat(pid)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ESRCH):
		return orphans(pid)
	case err != nil:
		return err
	case s.start != start:
		return nil // a number is given out again only when no member of its group is left
	case s.group != pid:
		return errors.New("it leads no group, so no harness started it (end it by hand if it should go)")
	}
	if err := signalGroup(fd, pid); err != nil {
		return err
	}
	return awaitEnd(pid, start)
}

// signalGroup uses the pidfd where the kernel can (Linux 6.9), which leaves no
// moment in which the number could change hands.
func signalGroup(fd, pid int) error {
	const processGroup = 1 << 2 // PIDFD_SIGNAL_PROCESS_GROUP, linux/pidfd.h
	err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, processGroup)
	if errors.Is(err, unix.EINVAL) {
		err = unix.Kill(-pid, unix.SIGKILL)
	}
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// endWithin is how long a killed process may take: the kernel first gives back
// its memory, a second or so for 100 GiB.
const endWithin = 10 * time.Second

func awaitEnd(pid int, start uint64) error {
	pause := 100 * time.Microsecond
	for deadline := time.Now().Add(endWithin); time.Now().Before(deadline); {
		s, err := readStat(pid)
		if err != nil || s.start != start || s.ended() {
			return nil
		}
		time.Sleep(pause)
		pause = min(2*pause, 20*time.Millisecond)
	}
	return fmt.Errorf("still there %v after SIGKILL (stuck in the kernel: see /proc/%d/stack, then try again)", endWithin, pid)
}

// orphans reports members of a group whose leader is gone. Nothing tells
// whether they are of the group that was meant, so they are named, not killed.
func orphans(group int) error {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	var left []string
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if s, err := readStat(pid); err == nil && s.group == group && !s.ended() {
			left = append(left, entry.Name())
		}
	}
	if left != nil {
		return fmt.Errorf("its leader is gone but processes %s are in it (end them by hand if they are of this run)", strings.Join(left, ", "))
	}
	return nil
}

// parseTarget refuses numbers that a kill would take for something else:
// 0 is the caller's own group, 1 everyone.
func parseTarget(target string) (pid int, start uint64, err error) {
	first, second, found := strings.Cut(target, " ")
	if !found {
		return 0, 0, fmt.Errorf("target %q is not \"PID STARTTIME\"", target)
	}
	wide, err := strconv.ParseUint(first, 10, 31)
	if err != nil {
		return 0, 0, fmt.Errorf("target %q: PID: %w", target, err)
	}
	if wide < 2 {
		return 0, 0, fmt.Errorf("target %q: no harness started process %d", target, wide)
	}
	start, err = strconv.ParseUint(second, 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("target %q: start time: %w", target, err)
	}
	return int(wide), start, nil
}

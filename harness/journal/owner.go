package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/sysfs"
	"golang.org/x/sys/unix"
)

// machine is where processes and the boot id are looked up. Unlike settings they
// are always those of the kernel we run on.
const machine sysfs.FS = "/"

// An Owner is one process, told from a later one of the same number by when it started.
type Owner struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // field 22 of /proc/PID/stat: clock ticks since boot
}

// Self is this process.
func Self() (Owner, error) { return Process(os.Getpid()) }

// Process is the process that has this number now. The error wraps
// fs.ErrNotExist if there is none.
func Process(pid int) (Owner, error) {
	s, err := readStat(pid)
	return Owner{PID: pid, Start: s.start}, err
}

// Alive says whether the process still runs. One that has ended and waits to be
// reaped does not. A doubt counts as alive.
func (o Owner) Alive() bool {
	s, err := readStat(o.PID)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	return err != nil || s.start == o.Start && s.running()
}

// BootID is that of the running kernel, from /proc/sys/kernel/random/boot_id.
func BootID() (string, error) {
	text, err := machine.Read("proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("boot id: %w", err)
	}
	return text, nil
}

// A stat is what /proc/PID/stat tells, see proc_pid_stat(5).
type stat struct {
	state   byte
	group   int
	session int
	start   uint64
}

// running is false for zombies (Z) and for the last moments after that (X, x).
func (s stat) running() bool { return !strings.ContainsRune("ZXx", rune(s.state)) }

func readStat(pid int) (stat, error) {
	text, err := machine.Read("proc/" + strconv.Itoa(pid) + "/stat")
	if errors.Is(err, unix.ESRCH) {
		err = fs.ErrNotExist // it went between open and read
	}
	if err != nil {
		return stat{}, fmt.Errorf("process %d: %w", pid, err)
	}
	s, err := parseStat(text)
	if err != nil {
		return stat{}, fmt.Errorf("process %d: %w", pid, err)
	}
	return s, nil
}

// parseStat starts behind the last ")": the command's name before it may hold
// anything, blanks and brackets included.
func parseStat(text string) (stat, error) {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 || len(fields[0]) != 1 {
		return stat{}, fmt.Errorf("stat %.60q: not in the form that proc_pid_stat(5) gives", text)
	}
	group, err1 := strconv.Atoi(fields[2])
	session, err2 := strconv.Atoi(fields[3])
	start, err3 := strconv.ParseUint(fields[19], 10, 64)
	if err := errors.Join(err1, err2, err3); err != nil {
		return stat{}, fmt.Errorf("stat: %w", err)
	}
	return stat{state: fields[0][0], group: group, session: session, start: start}, nil
}

package launch

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A stat is what /proc/PID/stat (proc_pid_stat(5)) says that is wanted here.
type stat struct {
	state   byte   // field 3: R, S, Z for a zombie
	group   int    // field 5
	session int    // field 6
	start   uint64 // field 22: clock ticks since boot
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	s, err := parseStat(string(text))
	if err != nil {
		return stat{}, fmt.Errorf("/proc/%d/stat: %w", pid, err)
	}
	return s, nil
}

func startTime(pid int) (uint64, error) {
	s, err := readStat(pid)
	return s.start, err
}

// parseStat counts fields from the last ")": the name before it is the
// program's own choice and may hold spaces and parentheses.
func parseStat(text string) (stat, error) {
	_, rest, found := cutLast(text, ")")
	fields := strings.Fields(rest) // fields[0] is field 3
	if !found || len(fields) < 20 || len(fields[0]) != 1 {
		return stat{}, fmt.Errorf("%q is not the line of proc_pid_stat(5)", text)
	}
	s := stat{state: fields[0][0]}
	var err error
	if s.group, err = strconv.Atoi(fields[2]); err != nil {
		return stat{}, fmt.Errorf("process group: %w", err)
	}
	if s.session, err = strconv.Atoi(fields[3]); err != nil {
		return stat{}, fmt.Errorf("session: %w", err)
	}
	if s.start, err = strconv.ParseUint(fields[19], 10, 64); err != nil {
		return stat{}, fmt.Errorf("start time: %w", err)
	}
	return s, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// ended says of a process that it runs no more, reaped or not.
func (s stat) ended() bool { return s.state == 'Z' || s.state == 'X' }

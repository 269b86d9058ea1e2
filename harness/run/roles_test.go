package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/sample"
)

// What a role of two does by the script, in the shell: descriptor 3 is the control channel.
const (
	gets   = `echo "ready 1" >&3; `
	serves = `while read x <&3; do :; done; `
	opens  = `echo "ready 2" >&3; read go <&3; echo "begin 3" >&3; read ok <&3; `
	closes = `echo "end 9" >&3; read ok <&3; `
	prints = `echo "BenchmarkX 1 5 ns/op"; `
)

// playLocal makes attempts with two shell scripts for roles: server, under test, and load.
func playLocal(t *testing.T, server, load string) *Local {
	l := shellLocal(t, "")
	s := l.Cells[0]
	s.Talks = true
	s.Roles[0].Name = "server"
	s.Roles[0].Args = []string{"-c", server}
	s.Roles = append(s.Roles, Role{Name: "load", Args: []string{"-c", load}})
	l.Cells[0] = s
	return l
}

func TestRolesStartInOrderAndShareAFolder(t *testing.T) {
	s := playLocal(t,
		`sleep 0.1; echo here > address; `+gets+`echo "BenchmarkServer 1 1 ns/op"; `+serves+`echo done > $TMPDIR/done`,
		`[ "$(cat $TMPDIR/address)" = here ] || exit 7; `+opens+closes+prints).try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Len(t, s.Lines, 1, "only the stdout of the last role is the benchmark")
	require.Equal(t, "X", s.Lines[0].Name)
}

func TestCountersOfARoleBesideTheOneUnderTestHaveItsName(t *testing.T) {
	l := playLocal(t, gets+serves, opens+closes+prints)
	l.FS, l.Collectors = "/", collect.New("/")
	l.Knobs = nil
	s := l.try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	for _, unit := range []string{"peak-RSS-bytes", "load-peak-RSS-bytes", "window-ns"} {
		if s.Counters[unit] <= 0 {
			t.Errorf("%s is %v among %v", unit, s.Counters[unit], s.Counters)
		}
	}
	if _, twice := s.Counters["load-window-ns"]; twice {
		t.Error("the window stands there twice")
	}
	_, own := s.Lines[0].Get("peak-RSS-bytes")
	_, other := s.Lines[0].Get("load-peak-RSS-bytes")
	if !own || !other {
		t.Errorf("line %v lacks a counter", s.Lines[0])
	}
}

func TestTheRoleThatFailedFirstIsNamed(t *testing.T) {
	check := func(server, load string, want sample.Outcome, role, why string) {
		t.Helper()
		s := patiently(t, func() *Local { return playLocal(t, server, load) }, func(s sample.Sample) bool {
			return s.Outcome == want && s.Role == role && strings.Contains(s.Error, role+": "+why)
		})
		if s != nil {
			t.Errorf("%s of %q: %s\nwant %s of %s: %s", s.Outcome, s.Role, s.Error, want, role, why)
		}
	}
	const hangs = `sleep 60; `
	whole := opens + closes + prints
	check(`echo no port >&2; exit 4`, whole, sample.Exited, "server", "exit status 4; stderr ends: no port")
	check(gets+`exit 3`, opens+hangs, sample.Exited, "server", "exit status 3")
	check(gets+`exit 0`, opens+hangs, sample.Garbled, "server", "ended before it was told to")
	check(gets+`kill -SEGV $$`, opens+hangs, sample.Killed, "server", "killed by SIGSEGV")
	check(gets+serves, opens+`exit 5`, sample.Exited, "load", "exit status 5")
	check(gets+serves, opens+closes, sample.Garbled, "load", "printed no benchmark line")
	check(gets+serves, opens+`kill -KILL $$`, sample.Killed, "load", "killed by SIGKILL")
	check(gets+serves+`exit 6`, whole, sample.Exited, "server", "exit status 6")
	check(hangs, whole, sample.Timeout, "server", "not done after")
	check(gets+serves, opens+hangs, sample.Timeout, "load", "not done after")
	check(gets+hangs, whole, sample.Timeout, "server", "not done after")
	check(`echo "begin 1" >&3; `+hangs, whole, sample.Timeout, "server", "not done after")
}

// patiently makes attempts with longer and longer timeouts until one is as wanted: on a
// loaded machine time may run out before a script gets as far as it is to get. The
// sample is the last one where none was.
func patiently(t *testing.T, prepare func() *Local, wanted func(sample.Sample) bool) *sample.Sample {
	t.Helper()
	var s sample.Sample
	for _, timeout := range []time.Duration{500 * time.Millisecond, 5 * time.Second, 30 * time.Second} {
		if s = prepare().attempt(t, Attempt{Number: 1, Timeout: timeout}); wanted(s) {
			return nil
		}
	}
	return &s
}

func TestNothingOfARoleIsLeft(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	l := playLocal(t, gets+`(trap "" HUP; sleep 60; echo late > `+mark+`) & echo $! > `+mark+`.pid; `+serves+`exit 0`, opens+closes+prints)
	s := l.try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	pid, err := os.ReadFile(mark + ".pid")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(pid)) + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	}, 5*time.Second, time.Millisecond, "a child of the server outlived the trial")
}

func TestArgumentsNameTheRole(t *testing.T) {
	levels := map[string]string{"param.b": "2", "param.a": "1", "gogc": "50"}
	if got, want := Args(levels, "load", 0.05), []string{"-a=1", "-b=2", "-role=load", "-inject=5%"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Args(levels, "", 0), []string{"-a=1", "-b=2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

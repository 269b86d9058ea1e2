package launch

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// shown starts a program that has nothing to do, and reads a file of its /proc.
func shown(t *testing.T, s Settings, files ...string) string {
	t.Helper()
	p := started(t, Command{Path: "/bin/sleep", Args: []string{"60"}, Settings: s})
	var text strings.Builder
	for _, file := range files {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.PID, file))
		require.NoError(t, err)
		text.Write(b)
	}
	return text.String()
}

func ptr[T any](v T) *T { return &v }

// statOf are the fields of a stat line, numbered as in proc_pid_stat(5).
func statOf(text string) func(n int) string {
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	return func(n int) string { return fields[n-3] }
}

func TestStandingIsInheritedAndTheHarnessKeepsItsOwn(t *testing.T) {
	before, err := os.ReadFile("/proc/self/stat")
	require.NoError(t, err)
	field := statOf(shown(t, Settings{Nice: ptr(7), Policy: &Policy{Name: "batch"}}, "stat"))
	if field(19) != "7" || field(41) != "3" {
		t.Errorf("nice %s, policy %s, want 7, 3", field(19), field(41))
	}
	field = statOf(shown(t, Settings{Policy: &Policy{Name: "idle"}}, "stat"))
	if field(41) != "5" {
		t.Errorf("policy %s, want 5", field(41))
	}
	after, err := os.ReadFile("/proc/self/stat")
	require.NoError(t, err)
	require.Equal(t, statOf(string(before))(19), statOf(string(after))(19))
	require.Equal(t, statOf(string(before))(41), statOf(string(after))(41))
}

func TestMemoryIsAsAskedFor(t *testing.T) {
	const file = "personality"
	require.Equal(t, "00040000\n", shown(t, Settings{Randomize: ptr(false)}, file))
	require.Equal(t, "00000000\n", shown(t, Settings{Randomize: ptr(true)}, file))
	require.Equal(t, "1000000\n", shown(t, Settings{TimerSlack: ptr(time.Millisecond)}, "timerslack_ns"))
	require.Contains(t, shown(t, Settings{THP: ptr(false)}, "status"), "THP_enabled:\t0\n")
	require.Contains(t, shown(t, Settings{THP: ptr(true)}, "status"), "THP_enabled:\t1\n")
	disabled, err := unix.PrctlRetInt(unix.PR_GET_THP_DISABLE, 0, 0, 0, 0)
	require.NoError(t, err)
	require.Zero(t, disabled, "the harness keeps what it lent for the fork")
}

// Others that are born meanwhile must not get what one of them asked for.
func TestNoOtherChildGetsWhatWasLent(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 40 {
		on := i%2 == 0
		wg.Go(func() {
			s, want := Settings{}, "THP_enabled:\t1\n"
			if on {
				s, want = Settings{THP: ptr(false)}, "THP_enabled:\t0\n"
			}
			p, err := Start(Command{Path: "/bin/sleep", Args: []string{"60"}, Settings: s})
			if err != nil {
				t.Error(err)
				return
			}
			defer p.Wait()
			defer p.Kill()
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
			if err != nil || !strings.Contains(string(text), want) {
				t.Errorf("no %q: %v", want, err)
			}
		})
	}
	wg.Wait()
}

func TestPolicyOfMemoryIsInherited(t *testing.T) {
	if _, err := os.Stat("/proc/self/numa_maps"); err != nil {
		t.Skip("needs a kernel with NUMA")
	}
	check := func(m MemoryPolicy, want string) {
		t.Helper()
		if got := strings.Fields(shown(t, Settings{Memory: &m}, "numa_maps"))[1]; got != want {
			t.Errorf("%+v became %q, want %q", m, got, want)
		}
	}
	check(MemoryPolicy{Mode: "bind", Nodes: []int{0}}, "bind:0")
	check(MemoryPolicy{Mode: "interleave", Nodes: []int{0}}, "interleave:0")
	check(MemoryPolicy{Mode: "preferred", Nodes: []int{0}}, "prefer:0")
	check(MemoryPolicy{Mode: "local"}, "local")
}

func TestLimitsAreThereBeforeTheFirstInstruction(t *testing.T) {
	limits := Settings{Limits: []Limit{{"nofile", 64, 128}, {"memlock", 65536, 65536}, {"nproc", 500, 1000}}}
	text := shown(t, limits, "limits")
	for _, want := range []string{"Max open files 64 128 files", "Max locked memory 65536 65536 bytes", "Max processes 500 1000 processes"} {
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	// A Go program reads its limit as it starts, and raises the soft one to one below the hard.
	c := playing(t, "limit")
	c.Settings = limits
	require.Equal(t, []string{"127 128"}, output(t, c))
	var own unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &own))
	require.Greater(t, own.Max, uint64(128))
}

func TestALimitedProcessRunsAndEndsLikeAnother(t *testing.T) {
	c := playing(t, "exit", "7")
	c.Settings.Limits = []Limit{{"nofile", 64, 64}}
	exit, err := started(t, c).Wait()
	require.NoError(t, err)
	require.Equal(t, 7, exit.Status)
	c = playing(t, "sleep")
	c.Settings.Limits = []Limit{{"nofile", 64, 64}}
	p := started(t, c)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
	require.NoError(t, err)
	require.Contains(t, string(text), "TracerPid:\t0\n")
	require.NoError(t, p.Kill())
	exit, err = p.Wait()
	require.NoError(t, err)
	require.Equal(t, unix.SIGKILL, exit.Signal)
}

func TestRefusedSettingsSayWhichAndLeaveNoProcess(t *testing.T) {
	check := func(s Settings, want string) {
		t.Helper()
		p, err := Start(Command{Path: "/bin/sleep", Args: []string{"60"}, Settings: s})
		if p != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, %v, want %q", s.Words(), p, err, want)
		}
	}
	check(Settings{Limits: []Limit{{"nofile", 1 << 40, 1 << 40}}}, "set limit nofile to 1099511627776")
	check(Settings{Limits: []Limit{{"stack", 1, 1}}}, "not one of nofile")
	check(Settings{Policy: &Policy{Name: "best"}}, "not one of other")
	check(Settings{Policy: &Policy{Name: "batch", Priority: 5}}, "set policy batch, priority 5")
	check(Settings{Memory: &MemoryPolicy{Mode: "bind", Nodes: []int{900}}}, "set memory policy bind on nodes [900]")
	check(Settings{Memory: &MemoryPolicy{Mode: "away"}}, "not one of bind")
	check(Settings{Memory: &MemoryPolicy{Mode: "bind", Nodes: []int{-1}}}, "node -1 is out of range")
	// No child of this process is left to wait for.
	if _, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); err != nil && err != unix.ECHILD {
		t.Error(err)
	}
}

func TestWithSetsWhatIsSet(t *testing.T) {
	a := Settings{Affinity: []int{0}, Nice: ptr(1), Limits: []Limit{{"nofile", 1, 2}}}
	b := a.With(Settings{Nice: ptr(2), Umask: ptr(uint32(0o77)), Limits: []Limit{{"nofile", 3, Unlimited}, {"nproc", 4, 4}}})
	require.Equal(t, []string{"umask 0077", "nice 2", "limit nofile 3, hard unlimited", "limit nproc 4, hard 4"}, b.Words())
	require.Equal(t, []int{0}, b.Affinity)
	require.Equal(t, []string{"nice 1", "limit nofile 1, hard 2"}, a.Words(), "With changed its receiver")
}

func BenchmarkStartLimited(b *testing.B) {
	c := playing(b, "exit", "0")
	c.Path, c.Args = "/bin/true", nil
	c.Settings.Limits = []Limit{{"nofile", 64, 64}}
	for b.Loop() {
		p, err := Start(c)
		require.NoError(b, err)
		p.Wait()
	}
}

func BenchmarkStartPlain(b *testing.B) {
	for b.Loop() {
		p, err := Start(Command{Path: "/bin/true"})
		require.NoError(b, err)
		p.Wait()
	}
}

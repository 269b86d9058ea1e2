package cgroup

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCountersOfHybridComeFromBothSides(t *testing.T) {
	m := newModel(t, hybrid...)
	l, err := m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	m.put("unified/assay/r/1.main/cpu.stat", "usage_usec 30\nuser_usec 20\nsystem_usec 10\n")
	m.put("unified/assay/r/1.main/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n")
	m.put("cpu,cpuacct/assay/r/1.main/cpu.stat", "nr_periods 9\nnr_throttled 4\nthrottled_time 5000\n")
	m.put("memory/assay/r/1.main/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
	m.put("memory/assay/r/1.main/memory.max_usage_in_bytes", "4096\n")
	checkCounters(t, l, map[string]float64{
		"cpu-user-ns": 20000, "cpu-system-ns": 10000, "nr-periods": 9, "nr-throttled": 4, "throttled-ns": 5000,
		"oom-kills": 2, "memory-max-events": 0, "cgroup-peak-bytes": 4096, "cpu-pressure-ns": 7000,
	})
}

func TestCountersOfV1SplitExactUsage(t *testing.T) {
	m := newModel(t, "cpuacct")
	l, err := m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	checkCounters(t, l, map[string]float64{}) // without cpu there is no cpu.stat

	m = newModel(t, "cpu,cpuacct")
	l, err = m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	m.put("cpu,cpuacct/assay/r/1.main/cpuacct.usage", "8000000\n")
	m.put("cpu,cpuacct/assay/r/1.main/cpuacct.usage_user", "3000000\n")
	m.put("cpu,cpuacct/assay/r/1.main/cpuacct.usage_sys", "1000000\n")
	checkCounters(t, l, map[string]float64{"cpu-user-ns": 6e6, "cpu-system-ns": 2e6, "nr-periods": 0, "nr-throttled": 0, "throttled-ns": 0})
}

func TestAbsentCounterIsNotZero(t *testing.T) {
	m := newModel(t, ".")
	l, err := m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	require.NoError(t, os.Remove(m.path("assay/r/1.main/memory.peak"))) // before Linux 5.19
	m.put("assay/r/1.main/memory.events", "low 0\nmax 3\noom 1\noom_kill 1\n")
	checkCounters(t, l, map[string]float64{
		"cpu-user-ns": 0, "cpu-system-ns": 0, "nr-periods": 0, "nr-throttled": 0, "throttled-ns": 0,
		"oom-kills": 1, "memory-max-events": 3, "cpu-pressure-ns": 0, "cpu-full-pressure-ns": 0,
	})
}

func checkCounters(t *testing.T, l *Leaf, want map[string]float64) {
	t.Helper()
	if got, err := l.Counters(); err != nil || !maps.Equal(got, want) {
		t.Errorf("counters %v\n got %v\nwant %v", err, got, want)
	}
}

func TestReadingsThatV1LacksSayWhy(t *testing.T) {
	m := newModel(t, "memory", "cpu")
	l, err := m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	check := func(file, want string) {
		t.Helper()
		if _, err := l.Read(file); !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
	check("memory.high", "v1 has no limit that throttles")
	check("memory.pressure", "no unified group on this host")
	check("memory.zswap.max", "no known meaning")
	check("pids.max", "no mounted cgroup hierarchy offers it")
	if _, err := l.Read("../memory.max"); err == nil {
		t.Error("a path is taken for a name")
	}
	require.NoError(t, l.Remove())
	if _, err := l.Read("memory.max"); err == nil {
		t.Error("a removed leaf still reads")
	}
}

func TestKillUsesCgroupKillWhereItIs(t *testing.T) {
	m := newModel(t, "unified")
	l, err := m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	m.put("unified/assay/r/1.main/cgroup.procs", "7001\n7002\n")
	require.NoError(t, l.Kill())
	equal(t, "signalled one by one", m.killed, nil)
	require.NoError(t, l.Remove())
}

func TestKillLeavesAnEmptyLeafAlone(t *testing.T) {
	check := func(unified, v1 string, want ...string) {
		t.Helper()
		m := newModel(t, "memory", "unified")
		l, err := m.slot("r").Leaf("1", "main", nil)
		require.NoError(t, err)
		m.put("unified/assay/r/1.main/cgroup.events", unified)
		m.put("memory/assay/r/1.main/cgroup.procs", v1)
		m.done()
		require.NoError(t, l.Kill())
		equal(t, fmt.Sprintf("with %q, %q", unified, v1), m.done(), want)
	}
	all := []string{"write unified/assay/r/1.main/cgroup.kill 1", "write memory/assay/r/1.main/cgroup.kill 1"}
	check("populated 0\nfrozen 0\n", "")
	check("populated 1\nfrozen 0\n", "", all...)
	check("populated 0\nfrozen 0\n", "7001\n", all...)
}

func TestPagesLeftInAV1LeafAreDropped(t *testing.T) {
	check := func(stat string, want ...string) {
		t.Helper()
		m := newModel(t, "memory")
		l, err := m.slot("r").Leaf("1", "main", nil)
		require.NoError(t, err)
		m.put("memory/assay/r/1.main/memory.numa_stat", stat)
		m.done()
		require.NoError(t, l.Remove())
		equal(t, stat, m.done(), append(want, "rmdir memory/assay/r/1.main"))
	}
	check("total=0 N0=0\nfile=0 N0=0\n")
	check("total=69 N0=69\nfile=69 N0=69\n", "write memory/assay/r/1.main/memory.force_empty 0")
}

func TestKillRoundsFollowForksStopped(t *testing.T) {
	m := newModel(t, "memory", "pids")
	l, err := m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	m.put("pids/assay/r/1.main/cgroup.procs", "7001\n7002\n")
	m.put("memory/assay/r/1.main/cgroup.procs", "7001\n7003\n")
	m.done()
	require.NoError(t, l.Kill())
	equal(t, "killed", m.killed, []int{7001, 7002, 7003})
	equal(t, "log", m.done(), []string{
		"write pids/assay/r/1.main/cgroup.kill 1", "write pids/assay/r/1.main/pids.max 0",
		"write memory/assay/r/1.main/cgroup.kill 1",
	})
}

func TestRemoveTreeTakesWhatACrashLeft(t *testing.T) {
	m := newModel(t, "memory")
	_, err := m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	m.put("memory/assay/r/1.main/cgroup.procs", "7001\n")
	m.put("memory/assay/r/cgroup.procs", "7002\n")
	m.put("memory/cgroup.procs", "1\n7003\n")
	k := m.kernel()
	for range 2 {
		require.NoError(t, k.removeTree(m.path("memory/assay/r")))
		require.NoError(t, k.removeTree(m.path("memory/assay")))
	}
	equal(t, "killed", m.killed, []int{7002, 7001})
	equal(t, "left", m.groups(), nil)
	if got := m.get("memory/cgroup.procs"); got != "1\n7003" {
		t.Errorf("processes outside: %q", got)
	}
}

func TestRemoveTreeRefusesWhatIsNotOurs(t *testing.T) {
	m := newModel(t, "memory")
	require.NoError(t, m.mkdir(m.path("memory/assays")))
	plain := t.TempDir() + "/assay/x"
	require.NoError(t, os.MkdirAll(plain, 0o755))
	k := m.kernel()
	for _, path := range []string{"", "/", m.path("memory"), m.path("memory/assays"), "assay/x", m.path("memory") + "/assay/../x", m.path("memory/assay") + "/", plain} {
		if err := k.removeTree(path); err == nil || !strings.Contains(err.Error(), "nothing was touched") {
			t.Errorf("%q: %v", path, err)
		}
	}
	if err := RemoveTree(plain); err == nil {
		t.Error("an ordinary folder is taken for a cgroup")
	}
	equal(t, "killed", m.killed, nil)
}

func TestFolderOfOthersRunsIsOnlyRemovedEmpty(t *testing.T) {
	m := newModel(t, "memory")
	m.slot("theirs")
	m.put("memory/assay/theirs/cgroup.procs", "7001\n")
	require.NoError(t, m.kernel().removeTree(m.path("memory/assay")))
	equal(t, "groups", m.groups(), []string{"memory/assay", "memory/assay/theirs"})
	equal(t, "killed", m.killed, nil)
}

func TestHarnessItselfIsNeverKilled(t *testing.T) {
	m := newModel(t, "memory")
	l, err := m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	m.put("memory/assay/r/1.main/cgroup.procs", strconv.Itoa(os.Getpid())+"\n7001\n")
	left, err := m.kernel().killRound(l.Groups()[0])
	require.NoError(t, err)
	equal(t, "seen", left, []string{strconv.Itoa(os.Getpid()), "7001"})
	equal(t, "killed", m.killed, []int{7001})
}

func TestNumberThatChangedHandsIsLeftAlone(t *testing.T) {
	m := newModel(t, "memory")
	l, err := m.slot("r").Leaf("1", "main", nil)
	require.NoError(t, err)
	m.put("memory/assay/r/1.main/cgroup.procs", "7001\n")
	k := m.kernel()
	k.kill = func(pid int, still func() bool) error {
		m.put("memory/assay/r/1.main/cgroup.procs", "") // it exits, and 7001 becomes someone else
		return m.kill(pid, still)
	}
	_, err = k.killRound(l.Groups()[0])
	require.NoError(t, err)
	equal(t, "killed", m.killed, nil)
	equal(t, "let go", m.kept, []int{7001})
}

func TestOccupiedGroupNamesItsProcesses(t *testing.T) {
	m := newModel(t, "memory")
	s := m.slot("r")
	_, err := s.Leaf("1", "main", nil)
	require.NoError(t, err)
	err = s.Close()
	if err == nil || !strings.Contains(err.Error(), "groups "+m.path("memory/assay/r/1.main")+" are in it") {
		t.Errorf("close over an open leaf: %v", err)
	}
}

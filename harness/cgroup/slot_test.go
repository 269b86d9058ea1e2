package cgroup

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

var hybrid = []string{"cpu,cpuacct", "cpuset", "memory", "pids", "unified"}

func TestNothingIsMadeBeforeItIsNoted(t *testing.T) {
	m := newModel(t, hybrid...)
	no := errors.New("disk full")
	_, err := m.tree().NewSlot("r", func(dirs []string, on []Switch) error {
		if len(dirs) != 10 || dirs[0] != m.path("cpu,cpuacct/assay") || dirs[9] != m.path("unified/assay/r") {
			t.Errorf("noted %v", dirs)
		}
		if on != nil {
			t.Errorf("switches %v where v2 has no controllers", on)
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("error %v", err)
	}
	equal(t, "done", m.log, nil)
}

func TestARunHasNoGroupsThatItHasNoUseFor(t *testing.T) {
	check := func(set []string, want string, hierarchies ...string) {
		t.Helper()
		s, err := newModel(t, hierarchies...).tree().For(set).NewSlot("r", nil)
		require.NoError(t, err)
		defer s.Close()
		var names []string
		for _, dir := range s.dirs {
			names = append(names, filepath.Base(filepath.Dir(filepath.Dir(dir))))
		}
		require.Equal(t, want, strings.Join(names, " "))
	}
	all := []string{"cpu", "cpuacct", "cpuset", "memory", "blkio", "pids", "unified"}
	check(nil, "cpu cpuset memory unified", all...)
	check([]string{"cpu", "io"}, "cpu cpuset memory blkio unified", all...)
	check([]string{"pids"}, "cpu cpuset memory pids unified", all...)
	check(nil, "cpu cpuacct cpuset memory pids", all[:6]...) // nothing else tells CPU time, or kills as well
	check(nil, "cpu,cpuacct memory,blkio unified", "cpu,cpuacct", "memory,blkio", "pids", "unified")
	check(nil, "cgroup", ".")
}

func TestSlotFillsCpusetsAndClosesClean(t *testing.T) {
	m := newModel(t, "cpuset", "unified")
	s := m.slot("r")
	equal(t, "made", m.done(), []string{
		"mkdir cpuset/assay",
		"write cpuset/assay/cpuset.cpus 0-3",
		"write cpuset/assay/cpuset.mems 0",
		"write cpuset/assay/cgroup.clone_children 1",
		"mkdir cpuset/assay/r", // its cpus and mems are cloned
		"write cpuset/assay/r/cgroup.clone_children 1",
		"mkdir unified/assay",
		"mkdir unified/assay/r",
	})
	require.NoError(t, s.Close())
	equal(t, "removed", m.done(), []string{"rmdir unified/assay/r", "rmdir unified/assay", "rmdir cpuset/assay/r", "rmdir cpuset/assay"})
	require.NoError(t, s.Close())
	equal(t, "removed twice", m.done(), nil)
}

// A CPU that was offline is missing in every v1 cpuset but the root's.
func TestACPUThatIsBackIsGivenToTheNextTrial(t *testing.T) {
	m := newModel(t, "cpuset", "unified")
	s := m.slot("r")
	m.put("cpuset/assay/cpuset.cpus", "0\n")
	m.put("cpuset/assay/r/cpuset.cpus", "0\n")
	m.done()
	l, err := s.Leaf("1", "main", nil)
	require.NoError(t, err)
	equal(t, "written", m.done()[:2], []string{"write cpuset/assay/cpuset.cpus 0-3", "write cpuset/assay/r/cpuset.cpus 0-3"})
	require.NoError(t, l.Remove())
	require.NoError(t, s.Close())
}

func TestParentOfAnotherRunStays(t *testing.T) {
	m := newModel(t, "memory")
	one, two := m.slot("one"), m.slot("two")
	require.NoError(t, one.Close())
	equal(t, "groups", m.groups(), []string{"memory/assay", "memory/assay/two"})
	require.NoError(t, two.Close())
	equal(t, "groups", m.groups(), nil)
}

func TestRunThatIsThereAlreadyIsRefused(t *testing.T) {
	m := newModel(t, "memory")
	s := m.slot("r")
	_, err := m.tree().NewSlot("r", nil)
	if err == nil || !strings.Contains(err.Error(), "assay restore removes it") {
		t.Errorf("error %v", err)
	}
	equal(t, "groups", m.groups(), []string{"memory/assay", "memory/assay/r"})
	require.NoError(t, s.Close())
}

func TestLeafSettingsGoToV1Files(t *testing.T) {
	m := newModel(t, hybrid...)
	s := m.slot("r")
	m.done()
	l, err := s.Leaf("7", "main", []sysfs.Write{
		{File: "cpu.max", Value: "50000 200000"},
		{File: "cpu.weight", Value: "200"},
		{File: "memory.max", Value: "max"},
		{File: "cpuset.cpus", Value: "2"},
		{File: "pids.max", Value: "9"},
	})
	require.NoError(t, err)
	equal(t, "done", m.done(), []string{
		"mkdir cpu,cpuacct/assay/r/7.main", "mkdir cpuset/assay/r/7.main", "mkdir memory/assay/r/7.main", "mkdir pids/assay/r/7.main", "mkdir unified/assay/r/7.main",
		"write cpu,cpuacct/assay/r/7.main/cpu.cfs_period_us 200000",
		"write cpu,cpuacct/assay/r/7.main/cpu.cfs_quota_us 50000",
		"write cpu,cpuacct/assay/r/7.main/cpu.shares 2048",
		"write memory/assay/r/7.main/memory.limit_in_bytes -1",
		"write cpuset/assay/r/7.main/cpuset.cpus 2",
		"write pids/assay/r/7.main/pids.max 9",
	})
	equal(t, "tasks", l.Tasks(), []string{
		m.path("cpu,cpuacct/assay/r/7.main/tasks"), m.path("cpuset/assay/r/7.main/tasks"),
		m.path("memory/assay/r/7.main/tasks"), m.path("pids/assay/r/7.main/tasks"),
	})
	if l.Dir() == nil || l.Dir().Name() != m.path("unified/assay/r/7.main") {
		t.Errorf("born in %v", l.Dir())
	}
	for file, want := range map[string]string{"cpu.max": "50000 200000", "cpu.weight": "200", "memory.max": "max", "cpuset.cpus": "2", "cpuset.mems": "0", "pids.max": "9", "memory.swappiness": "60"} {
		if got, err := l.Read(file); err != nil || got != want {
			t.Errorf("%s reads %q, %v, want %q", file, got, err, want)
		}
	}
	m.done()
	require.NoError(t, l.Remove())
	if got := m.done(); got[2] != "write memory/assay/r/7.main/memory.force_empty 0" || got[3] != "rmdir memory/assay/r/7.main" {
		t.Errorf("removed by %v", got)
	}
	require.NoError(t, s.Close())
	equal(t, "left", m.groups(), nil)
}

func TestLeafSettingsAreV2sOwnOnV2(t *testing.T) {
	m := newModel(t, ".")
	s := m.slot("r")
	m.done()
	l, err := s.Leaf("7", "main", []sysfs.Write{{File: "cpu.max", Value: "50000 200000"}, {File: "memory.high", Value: "4096"}})
	require.NoError(t, err)
	equal(t, "done", m.done(), []string{
		"mkdir assay/r/7.main",
		"write assay/r/7.main/cpu.max 50000 200000",
		"write assay/r/7.main/memory.high 4096",
	})
	if l.Tasks() != nil {
		t.Errorf("v1 tasks %v", l.Tasks())
	}
	if _, err := l.Read("memory.swappiness"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("memory.swappiness: %v", err)
	}
	require.NoError(t, l.Remove())
	require.NoError(t, s.Close())
	if got := m.get("cgroup.subtree_control"); got != "" {
		t.Errorf("root still passes on %q", got)
	}
	equal(t, "left", m.groups(), nil)
}

func TestEachRoleHasItsOwnGroups(t *testing.T) {
	m := newModel(t, "memory")
	s := m.slot("r")
	one, err := s.Leaf("7", "main", nil)
	require.NoError(t, err)
	two, err := s.Leaf("7", "load", nil)
	require.NoError(t, err)
	require.NoError(t, one.Remove())
	require.NoError(t, one.Remove())
	equal(t, "groups", m.groups(), []string{"memory/assay", "memory/assay/r", "memory/assay/r/7.load"})
	require.NoError(t, two.Remove())
	equal(t, "groups", m.groups(), []string{"memory/assay", "memory/assay/r"})
}

func TestRefusedSettingLeavesNothing(t *testing.T) {
	m := newModel(t, hybrid...)
	s := m.slot("r")
	before := len(m.groups())
	m.refuse["memory.limit_in_bytes"] = syscall.EINVAL
	_, err := s.Leaf("7", "main", []sysfs.Write{{File: "memory.max", Value: "5"}})
	if err == nil || !strings.Contains(err.Error(), `cgroup memory.max=5: write "5": write `+m.path("memory/assay/r/7.main/memory.limit_in_bytes")) {
		t.Errorf("error %v", err)
	}
	if got := m.groups(); len(got) != before {
		t.Errorf("left %v", got)
	}
	_, err = s.Leaf("7", "main", []sysfs.Write{{File: "memory.low", Value: "5"}})
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("memory.low on v1: %v", err)
	}
}

func TestNamesStayOneComponent(t *testing.T) {
	s := newModel(t, "memory").slot("r")
	for _, bad := range []string{"", ".", "..", "a/b", "a\nb", ".x", "assay", "é", strings.Repeat("x", 129)} {
		if _, err := s.Leaf(bad, "main", nil); err == nil {
			t.Errorf("trial %q is taken", bad)
		}
		if _, err := s.Leaf("1", bad, nil); err == nil {
			t.Errorf("role %q is taken", bad)
		}
		if _, _, err := s.tree.Would(bad); err == nil {
			t.Errorf("run %q is taken", bad)
		}
	}
}

func TestNameOfAControlFileIsNoLeaf(t *testing.T) {
	m := newModel(t, "memory")
	s := m.slot("r")
	if _, err := s.Leaf("cgroup", "procs", nil); !errors.Is(err, syscall.EEXIST) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(m.path("memory/assay/r/cgroup.procs")); err != nil {
		t.Errorf("the file is gone: %v", err)
	}
}

func TestWithoutCgroupsALeafHasNone(t *testing.T) {
	m := newModel(t, "memory")
	m.denied["memory"] = syscall.EACCES
	s, err := m.tree().NewSlot("r", func([]string, []Switch) error { return errors.New("nothing to note") })
	require.NoError(t, err)
	l, err := s.Leaf("1", "main", nil)
	require.NoError(t, err)
	c, err := l.Counters()
	if l.Dir() != nil || l.Tasks() != nil || len(c) != 0 || err != nil {
		t.Errorf("leaf has %v, %v, %v, %v", l.Dir(), l.Tasks(), c, err)
	}
	require.NoError(t, l.Kill())
	require.NoError(t, l.Remove())
	_, err = s.Leaf("2", "main", []sysfs.Write{{File: "memory.max", Value: "max"}})
	if err == nil || !strings.Contains(err.Error(), "run as root") {
		t.Errorf("limit without cgroups: %v", err)
	}
	require.NoError(t, s.Close())
	equal(t, "done", m.log, nil)
}

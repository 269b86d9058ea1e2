package cgroup

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestModeIsWhereControllersHang(t *testing.T) {
	check := func(want Mode, mounts ...string) {
		t.Helper()
		if got := newModel(t, mounts...).tree().Mode; got != want {
			t.Errorf("%v: %s, want %s", mounts, got, want)
		}
	}
	check(None)
	check(None, "freezer", "name=systemd")
	check(V1, "cpu,cpuacct", "memory")
	check(Hybrid, "memory", "unified")
	check(V2, ".")
	check(V2, "name=systemd", "unified")
}

func TestControllersAreThoseThatALeafCanHave(t *testing.T) {
	check := func(want []string, mounts ...string) {
		t.Helper()
		equal(t, strings.Join(mounts, " "), newModel(t, mounts...).tree().Controllers(), want)
	}
	check([]string{"cpu", "io", "memory", "pids"}, "cpu,cpuacct", "memory", "pids", "blkio")
	check([]string{"cpuset"}, "cpuset", "unified")
	check([]string{"cpu", "cpuset", "io", "memory", "pids"}, ".")
	check([]string{}, "freezer")
}

func TestReachSaysWhyNotAndWhatNext(t *testing.T) {
	check := func(m *model, controller string, wants ...string) {
		t.Helper()
		err := m.tree().Reach(controller)
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v is not a definite no", controller, err)
			return
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q lacks %q", controller, err, want)
			}
		}
	}
	check(newModel(t), "memory", "cgroup controller memory:", "no cgroup file system is mounted", "mount -t cgroup2")
	check(newModel(t, "cpu"), "memory", "no mounted cgroup hierarchy offers it", "cgroup_disable=")
	check(newModel(t, "cpu", "unified"), "io", "no mounted cgroup hierarchy offers it")
	check(newModel(t, "cpu"), "hugetlb", "use one of cpu, cpuset, io, memory, pids")

	m := newModel(t, "memory")
	m.denied["memory"] = syscall.EACCES
	check(m, "memory", "may not make groups", "run as root")
	if err := m.tree().Reach("memory"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v does not wrap the kernel's answer", err)
	}
	m.denied["memory"] = syscall.EROFS
	check(m, "memory", "mounted read-only", "in a container")

	m = newModel(t, ".")
	m.denied[""] = syscall.EACCES
	check(m, "memory", "systemd-run --user --scope -p Delegate=yes")
}

func TestCanKnowsWhatV1Lacks(t *testing.T) {
	v1, v2 := newModel(t, "cpu", "memory").tree(), newModel(t, ".").tree()
	check := func(tree *Tree, file, want string) {
		t.Helper()
		err := tree.Can(file)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", file, err, want)
		}
	}
	check(v1, "memory.max", "")
	check(v1, "memory.swappiness", "")
	check(v1, "memory.high", "v1 has no limit that throttles")
	check(v1, "memory.zswap.max", "no known meaning on cgroup v1")
	check(v1, "cpu.stat", "can be read, not set")
	check(v1, "pids.max", "cgroup pids.max: no mounted cgroup hierarchy offers it")
	check(v2, "memory.high", "")
	check(v2, "memory.swappiness", "vm.swappiness of the machine")
}

func TestParentElsewhereHasToBeThere(t *testing.T) {
	m := newModel(t, "memory", "cpu")
	require.NoError(t, m.mkdir(m.path("memory/bench")))
	m.denied["cpu/bench"] = syscall.ENOENT
	tree, err := m.tree().At("/bench")
	require.NoError(t, err)
	dirs, _, err := tree.Would("r")
	require.NoError(t, err)
	equal(t, "dirs", dirs, []string{m.path("memory/bench/assay"), m.path("memory/bench/assay/r")})
	if err := tree.Reach("cpu"); err == nil || !strings.Contains(err.Error(), "drop --cgroup-parent") {
		t.Errorf("cpu: %v", err)
	}
	for _, bad := range []string{"", "bench", "/../etc", "/a/", "/a//b"} {
		if _, err := m.tree().At(bad); err == nil {
			t.Errorf("parent %q is taken", bad)
		}
	}
}

func TestV2RootPassesControllersOn(t *testing.T) {
	m := newModel(t, ".")
	m.put("cgroup.subtree_control", "memory pids\n")
	dirs, on, err := m.tree().Would("r")
	require.NoError(t, err)
	equal(t, "dirs", dirs, []string{m.path("assay"), m.path("assay/r")})
	file := m.path("cgroup.subtree_control")
	equal(t, "switches", on, []Switch{{file, "cpu"}, {file, "cpuset"}, {file, "io"}})
	equal(t, "done", m.log, nil)
}

// scope is a v2 host where the harness was started alone in a delegated group.
func scope(t *testing.T, others ...string) *model {
	m := newModel(t, ".")
	m.put("cgroup.subtree_control", "cpu memory pids\n")
	require.NoError(t, m.mkdir(m.path("run.scope")))
	m.put("run.scope/cgroup.procs", strings.Join(append(others, strconv.Itoa(os.Getpid())), "\n")+"\n")
	m.put("../../../proc/self/cgroup", "0::/run.scope\n")
	m.log = nil
	return m
}

func TestDelegatedScopeIsUsedAndPutBack(t *testing.T) {
	m := scope(t)
	self := strconv.Itoa(os.Getpid())
	var noted []Switch
	s, err := m.tree().NewSlot("r", func(_ []string, on []Switch) error {
		equal(t, "done before the note", m.log, nil)
		noted = on
		return nil
	})
	require.NoError(t, err)
	if len(noted) != 3 {
		t.Errorf("noted %v, want cpu, memory, pids", noted)
	}
	if got := m.get("run.scope/assay.harness/cgroup.procs"); got != self {
		t.Errorf("harness has not moved: %q", got)
	}
	if got := m.get("run.scope/assay/r/cgroup.subtree_control"); got != "cpu memory pids" {
		t.Errorf("the run passes on %q", got)
	}
	require.NoError(t, s.Close())
	if got := m.get("run.scope/cgroup.procs"); got != self {
		t.Errorf("harness has not moved back: %q", got)
	}
	if got := m.get("run.scope/cgroup.subtree_control"); got != "" {
		t.Errorf("still switched on: %q", got)
	}
	equal(t, "left", m.groups(), nil)
}

func TestGroupWithOthersIsNotTaken(t *testing.T) {
	m := scope(t, "77")
	m.denied[""] = syscall.EACCES // not root
	if got := m.tree().Controllers(); len(got) != 0 {
		t.Errorf("controllers %v", got)
	}
	m = scope(t, "77")
	equal(t, "as root", m.tree().Controllers(), []string{"cpu", "cpuset", "io", "memory", "pids"})
}

func TestUndelegatedControllerIsNamed(t *testing.T) {
	err := scope(t).tree().Reach("io")
	if err == nil || !strings.Contains(err.Error(), "not delegated to") || !strings.Contains(err.Error(), "Delegate=") {
		t.Errorf("io: %v", err)
	}
}

func TestContainerRootWithProcessesSaysWhatNext(t *testing.T) {
	m := newModel(t, ".")
	m.put("cgroup.type", "domain\n") // the root of a cgroup namespace, not of the hierarchy
	m.put("cgroup.procs", "1\n77\n")
	err := m.tree().Reach("memory")
	if err == nil || !strings.Contains(err.Error(), "2 processes are in") {
		t.Errorf("memory: %v", err)
	}
}

func TestSwitchOffIsIdempotentAndNarrow(t *testing.T) {
	m := newModel(t, ".")
	m.put("cgroup.subtree_control", "cpu memory\n")
	file := m.path("cgroup.subtree_control")
	for range 2 {
		require.NoError(t, Switch{file, "cpu"}.off(m.kernel()))
	}
	equal(t, "log", m.log, []string{"write /cgroup.subtree_control -cpu"})
	require.NoError(t, Switch{m.path("gone/cgroup.subtree_control"), "cpu"}.off(m.kernel()))
	for _, bad := range []Switch{{m.path("memory.max"), "cpu"}, {file, ""}, {file, "cpu +memory"}} {
		if err := bad.off(m.kernel()); err == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	if !slices.Contains(strings.Fields(m.get("cgroup.subtree_control")), "memory") {
		t.Error("memory was switched off")
	}
}

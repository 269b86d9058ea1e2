package cgroup_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/harness/testenv"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary play the workload: ASSAY_PLAY names the part.
func TestMain(m *testing.M) {
	if part := os.Getenv("ASSAY_PLAY"); part != "" {
		play(part)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func play(part string) {
	if act, ok := guestParts[part]; ok {
		act()
		return
	}
	switch part {
	case "sleep":
		time.Sleep(time.Minute)
	case "spin": // 60 ms of CPU time
		var used syscall.Rusage
		for used.Utime.Nano()+used.Stime.Nano() < 60e6 {
			syscall.Getrusage(syscall.RUSAGE_SELF, &used)
		}
	case "hoard":
		for {
			hoard = append(hoard, make([]byte, 1<<20))
			last := hoard[len(hoard)-1]
			for i := 0; i < len(last); i += 4096 {
				last[i] = 1
			}
		}
	case "fork": // a tree that keeps growing where it is let
		for range 3 {
			if _, err := syscall.ForkExec(os.Args[0], os.Args[:1], &syscall.ProcAttr{Env: []string{"ASSAY_PLAY=sleepers"}, Sys: &syscall.SysProcAttr{Setsid: true}}); err != nil {
				fmt.Println(err)
			}
		}
		fmt.Println("grown")
		time.Sleep(time.Minute)
	case "sleepers": // a child that leaves its parent's session and has children of its own
		for range 3 {
			syscall.ForkExec(os.Args[0], os.Args[:1], &syscall.ProcAttr{Env: []string{"ASSAY_PLAY=sleep"}, Sys: &syscall.SysProcAttr{Setsid: true}})
		}
		time.Sleep(time.Minute)
	}
}

var hoard [][]byte

func newSlot(t testing.TB) (*cgroup.Tree, *cgroup.Slot) {
	t.Helper()
	tree, err := cgroup.Detect("/")
	require.NoError(t, err)
	slot, err := tree.NewSlot(fmt.Sprintf("test-%d", os.Getpid()), nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := slot.Close(); err != nil {
			t.Error(err)
		}
		if left := left(); left != nil {
			t.Errorf("left behind: %v", left)
		}
	})
	return tree, slot
}

// left lists groups of this process's runs that are still there.
func left() []string {
	var found []string
	for _, pattern := range []string{"/sys/fs/cgroup/*/assay/test-%d", "/sys/fs/cgroup/assay/test-%d"} {
		some, _ := filepath.Glob(fmt.Sprintf(pattern, os.Getpid()))
		found = append(found, some...)
	}
	return found
}

func needs(t testing.TB, tree *cgroup.Tree, controller string) {
	t.Helper()
	if err := tree.Reach(controller); err != nil {
		t.Skip(err)
	}
}

func newLeaf(t testing.TB, slot *cgroup.Slot, trial string, set ...sysfs.Write) *cgroup.Leaf {
	t.Helper()
	leaf, err := slot.Leaf(trial, "main", set)
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := leaf.Kill(); err != nil {
			t.Error(err)
		}
		if err := leaf.Remove(); err != nil {
			t.Error(err)
		}
	})
	return leaf
}

func start(t testing.TB, leaf *cgroup.Leaf, part string, out *os.File) *launch.Process {
	t.Helper()
	p, err := launch.Start(launch.Command{
		Path: self(t), Env: []string{"ASSAY_PLAY=" + part, "GORACE=atexit_sleep_ms=0"}, Stdout: out, Stderr: os.Stderr,
		Tasks: leaf.Tasks(), Cgroup: leaf.Dir(),
	})
	require.NoError(t, err)
	return p
}

func self(t testing.TB) string {
	path, err := os.Executable()
	require.NoError(t, err)
	return path
}

func TestRootProcessIsBornInsideEveryGroup(t *testing.T) {
	testenv.NeedsRoot(t)
	_, slot := newSlot(t)
	leaf := newLeaf(t, slot, "1")
	require.NotEmpty(t, leaf.Groups(), "root can make groups")
	p := start(t, leaf, "sleep", nil)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", p.PID))
	require.NoError(t, err)
	suffix := fmt.Sprintf("/assay/test-%d/1.main\n", os.Getpid())
	if got := strings.Count(string(text), suffix); got != len(leaf.Groups()) {
		t.Errorf("in %d groups of %d:\n%s", got, len(leaf.Groups()), text)
	}
	require.NoError(t, leaf.Kill())
	exit, err := p.Wait()
	require.NoError(t, err)
	if exit.Signal != syscall.SIGKILL {
		t.Errorf("ended by %v, want SIGKILL", exit.Signal)
	}
}

func TestRootSettingsReadBackInV2Notation(t *testing.T) {
	testenv.NeedsRoot(t)
	tree, slot := newSlot(t)
	set := []sysfs.Write{
		{File: "cpu.max", Value: "50000 100000"},
		{File: "cpu.weight", Value: "250"},
		{File: "memory.max", Value: "268435456"},
		{File: "pids.max", Value: "64"},
		{File: "cpuset.cpus", Value: "0"},
	}
	for _, w := range set {
		if err := tree.Can(w.File); err != nil {
			t.Skip(err)
		}
	}
	leaf := newLeaf(t, slot, "1", set...)
	for _, w := range set {
		if got, err := leaf.Read(w.File); err != nil || got != w.Value {
			t.Errorf("%s reads %q, %v, want %q", w.File, got, err, w.Value)
		}
	}
	free := newLeaf(t, slot, "2", sysfs.Write{File: "cpu.max", Value: "max 50000"})
	for file, want := range map[string]string{"cpu.max": "max 50000", "cpu.weight": "100", "memory.max": "max", "pids.max": "max"} {
		if got, err := free.Read(file); err != nil || got != want {
			t.Errorf("%s reads %q, %v, want %q", file, got, err, want)
		}
	}
}

func TestRootRefusedValueLeavesNoGroup(t *testing.T) {
	testenv.NeedsRoot(t)
	tree, slot := newSlot(t)
	needs(t, tree, "cpuset")
	_, err := slot.Leaf("1", "main", []sysfs.Write{{File: "cpuset.cpus", Value: "9999"}})
	if err == nil || !strings.Contains(err.Error(), "cgroup cpuset.cpus=9999: write") {
		t.Errorf("error %v", err)
	}
}

func TestRootQuotaThrottles(t *testing.T) {
	testenv.NeedsRoot(t)
	tree, slot := newSlot(t)
	needs(t, tree, "cpu")
	leaf := newLeaf(t, slot, "1", sysfs.Write{File: "cpu.max", Value: "2000 10000"})
	exit, err := start(t, leaf, "spin", nil).Wait()
	require.NoError(t, err)
	c, err := leaf.Counters()
	require.NoError(t, err)
	if c["nr-throttled"] < 1 || c["nr-periods"] < c["nr-throttled"] || c["throttled-ns"] <= 0 {
		t.Errorf("60 ms of CPU time at a fifth of a CPU: %v", c)
	}
	used := float64(exit.Usage.User + exit.Usage.System)
	if cpu := c["cpu-user-ns"] + c["cpu-system-ns"]; cpu < 0.8*used || cpu > 1.3*used {
		t.Errorf("group counts %.0f ns of CPU, the process %.0f", cpu, used)
	}
}

func TestRootMemoryLimitKillsAndIsCounted(t *testing.T) {
	testenv.NeedsRoot(t)
	tree, slot := newSlot(t)
	needs(t, tree, "memory")
	leaf := newLeaf(t, slot, "1", sysfs.Write{File: "memory.max", Value: "33554432"})
	exit, err := start(t, leaf, "hoard", nil).Wait()
	require.NoError(t, err)
	if exit.Signal != syscall.SIGKILL || exit.Status != -1 {
		t.Errorf("ended with %d, %v, want SIGKILL", exit.Status, exit.Signal)
	}
	c, err := leaf.Counters()
	require.NoError(t, err)
	if c["oom-kills"] != 1 {
		t.Errorf("oom-kills %v, want 1", c["oom-kills"])
	}
	if peak := c["cgroup-peak-bytes"]; peak < 16<<20 || peak > 34<<20 { // what a killed process is charged on its way out may go beyond
		t.Errorf("peak %v bytes under a limit of 32 MiB", peak)
	}
}

func TestRootKillReachesWholeTree(t *testing.T) {
	testenv.NeedsRoot(t)
	_, slot := newSlot(t)
	leaf := newLeaf(t, slot, "1")
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	p := start(t, leaf, "fork", w)
	w.Close()
	_, err = r.Read(make([]byte, 6))
	require.NoError(t, err)
	require.NoError(t, leaf.Kill())
	_, err = p.Wait()
	require.NoError(t, err)
	for _, group := range leaf.Groups() {
		text, err := os.ReadFile(group + "/cgroup.procs")
		require.NoError(t, err)
		if len(text) > 0 {
			t.Errorf("%s still holds %q", group, text)
		}
	}
}

func TestRootRemoveTreeUndoesWhatACrashLeft(t *testing.T) {
	testenv.NeedsRoot(t)
	tree, err := cgroup.Detect("/")
	require.NoError(t, err)
	var noted []string
	slot, err := tree.NewSlot(fmt.Sprintf("test-%d", os.Getpid()), func(dirs []string, _ []cgroup.Switch) error {
		noted = dirs
		return nil
	})
	require.NoError(t, err)
	leaf, err := slot.Leaf("1", "main", nil)
	require.NoError(t, err)
	p := start(t, leaf, "sleep", nil) // and then the harness is no more
	for range 2 {
		for i := len(noted) - 1; i >= 0; i-- {
			require.NoError(t, cgroup.RemoveTree(noted[i]))
		}
	}
	exit, err := p.Wait()
	require.NoError(t, err)
	if exit.Signal != syscall.SIGKILL {
		t.Errorf("ended by %v, want SIGKILL", exit.Signal)
	}
	if left := left(); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestRootEachHierarchyAloneCanKill(t *testing.T) {
	testenv.NeedsRoot(t)
	_, slot := newSlot(t)
	for i := range newLeaf(t, slot, "count").Groups() {
		leaf := newLeaf(t, slot, strconv.Itoa(i))
		p := start(t, leaf, "sleep", nil)
		if err := cgroup.RemoveTree(leaf.Groups()[i]); err != nil {
			t.Error(err)
		}
		exit, err := p.Wait()
		require.NoError(t, err)
		if exit.Signal != syscall.SIGKILL {
			t.Errorf("%s: ended by %v, want SIGKILL", leaf.Groups()[i], exit.Signal)
		}
	}
}

func TestRootFailedStartLeavesRemovableLeaf(t *testing.T) {
	testenv.NeedsRoot(t)
	_, slot := newSlot(t)
	for i := range 20 {
		leaf, err := slot.Leaf(strconv.Itoa(i), "main", nil)
		require.NoError(t, err)
		_, err = launch.Start(launch.Command{Path: "/no/such/program", Tasks: leaf.Tasks(), Cgroup: leaf.Dir()})
		require.ErrorIs(t, err, os.ErrNotExist)
		require.NoError(t, leaf.Remove())
	}
}

func TestRootAffinityOutsideOfCpusetIsRefused(t *testing.T) {
	testenv.NeedsRoot(t)
	tree, slot := newSlot(t)
	needs(t, tree, "cpuset")
	leaf := newLeaf(t, slot, "1", sysfs.Write{File: "cpuset.cpus", Value: "0"})
	command := launch.Command{Path: self(t), Env: []string{"ASSAY_PLAY=sleep"}, Tasks: leaf.Tasks(), Cgroup: leaf.Dir()}
	command.Settings.Affinity = []int{0, 1}
	_, err := launch.Start(command)
	if err == nil || !strings.Contains(err.Error(), "cpuset.cpus of the trial's group") {
		t.Errorf("error %v", err)
	}
	command.Settings.Affinity = []int{0}
	p, err := launch.Start(command)
	require.NoError(t, err)
	require.NoError(t, leaf.Kill())
	_, err = p.Wait()
	require.NoError(t, err)
}

func TestRootTwoHundredLeavesLeaveNothing(t *testing.T) {
	testenv.NeedsRoot(t)
	tree, slot := newSlot(t)
	var set []sysfs.Write
	if tree.Can("memory.max") == nil {
		set = append(set, sysfs.Write{File: "memory.max", Value: "268435456"})
	}
	for i := range 200 {
		leaf, err := slot.Leaf(strconv.Itoa(i), "main", set)
		require.NoError(t, err)
		p, err := launch.Start(launch.Command{Path: "/bin/true", Tasks: leaf.Tasks(), Cgroup: leaf.Dir()})
		require.NoError(t, err)
		exit, err := p.Wait()
		require.NoError(t, err)
		require.Zero(t, exit.Status)
		require.NoError(t, leaf.Remove())
	}
	for _, group := range left() {
		inside, err := filepath.Glob(group + "/*/")
		require.NoError(t, err)
		if len(inside) > 0 {
			t.Errorf("left behind: %v", inside)
		}
	}
}

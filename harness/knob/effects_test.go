package knob

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

func TestThpRecordsWhatElseDecides(t *testing.T) {
	e, err := Resolve(map[string]string{"thp": "never"}, machine(t, nil))
	require.NoError(t, err)
	require.Equal(t, []string{thpDefrag, pmdFile}, e.Observe)
	e, err = Resolve(map[string]string{"thp": "never"}, machine(t, map[string]string{pmdFile: ""}))
	require.NoError(t, err)
	require.Equal(t, []string{thpDefrag}, e.Observe)
}

func TestUnsupportedLevelsSayWhy(t *testing.T) {
	check := func(key, level string, h host.Host, why string) {
		t.Helper()
		_, err := Resolve(map[string]string{key: level}, h)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		require.ErrorContains(t, err, key+"="+level+": ")
		require.ErrorContains(t, err, why)
	}
	change := func(file, text string) host.Host { return machine(t, map[string]string{file: text}) }
	with := func(f func(*host.Host)) host.Host { h := machine(t, nil); f(&h); return h }

	check("thp", "always", change(thpEnabled, ""), "this kernel has no "+thpEnabled)
	check("thp", "always", change(pmdFile, "[always] inherit madvise never"), `is "always", so`)
	check("thp-defrag", "defer", change(thpDefrag, "always madvise [never]"), "offers only always, madvise, never")
	check("swappiness", "10", with(func(h *host.Host) { h.Swap = 0 }), "no swap")
	check("swappiness", "150", with(func(h *host.Host) { h.Kernel = "5.4.0-90-generic" }), "200 came with 5.8")
	check("swappiness", "10", with(func(h *host.Host) { h.Controllers = nil }), "a swappiness of its own")
	check("goamd64", "v4", machine(t, nil), "Example CPU runs up to v3")
	check("goamd64", "v1", with(func(h *host.Host) { h.Arch = "arm64" }), "this machine is arm64")
	check("cpus", "3", machine(t, nil), "may use 2 CPUs here (0-1)")
	check("cpuset.cpus", "0-2", machine(t, nil), "CPU 2 is not online here: 0-1 are")
	check("cpuset.cpus", "0", with(func(h *host.Host) { h.CPU.Allowed = []int{1} }), "its affinity is 1")
}

func TestWhatCannotBeFoundOutIsNotANo(t *testing.T) {
	h := machine(t, nil)
	h.CPU.Level = 0
	_, err := Resolve(map[string]string{"goamd64": "v1"}, h)
	require.Error(t, err)
	require.NotErrorIs(t, err, errors.ErrUnsupported)
}

func TestSwappinessReachesTheLeafOnV1Alone(t *testing.T) {
	check := func(h host.Host, want ...sysfs.Write) {
		t.Helper()
		e, err := Resolve(map[string]string{"swappiness": "10"}, h)
		require.NoError(t, err)
		require.Equal(t, want, e.Cgroup)
	}
	h := machine(t, nil)
	check(h, sysfs.Write{File: "memory.swappiness", Value: "10", Same: sysfs.Number})
	h.Cgroup = host.CgroupV2
	check(h)
	h = machine(t, map[string]string{"proc/self/cgroup": "4:memory:/\n"})
	h.Controllers = nil
	check(h) // the root group follows vm.swappiness
}

func TestCPUsMakesDoWithoutACpuset(t *testing.T) {
	h := machine(t, nil)
	e, err := Resolve(map[string]string{"cpus": "1"}, h)
	require.NoError(t, err)
	require.Equal(t, []int{1}, e.Process.Affinity)
	require.Equal(t, []sysfs.Write{{File: "cpuset.cpus", Value: "1"}}, e.Cgroup)
	e, err = Resolve(map[string]string{"cpus": "1"}, Reachable(h, except("cpuset")))
	require.NoError(t, err)
	require.Equal(t, []int{1}, e.Process.Affinity)
	require.Empty(t, e.Cgroup)
}

func TestGodebugIsMergedByKey(t *testing.T) {
	levels := map[string]string{"godebug.gctrace": "1", "godebug.madvdontneed": "1", "gogc": "50", "env.X": "1", "param.live-heap": "1MiB", "arm": "main"}
	e, err := Resolve(levels, looking(t))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"GODEBUG": "gctrace=1,madvdontneed=1", "GOGC": "50", "X": "1"}, e.Env)
	require.Len(t, e.Parts, 4)
}

func TestKnobsThatExcludeEachOther(t *testing.T) {
	h := machine(t, nil)
	_, err := Resolve(map[string]string{"cpus": "1", "cpuset.cpus": "0"}, h)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorContains(t, err, "cpus and cpuset.cpus can't be set together")
	_, err = Resolve(map[string]string{"cpus": "1", "cpuset.cpus": Default}, h)
	require.NoError(t, err)
}

func TestCausesAreThoseOfLevelsThatAreSet(t *testing.T) {
	require.Equal(t, []string{"major-faults", "run-queue", "swap", "throttling"},
		Causes(map[string]string{"cpu.max": "0.5", "memory.max": "1GiB", "swappiness": "10", "gogc": "50"}))
	require.Empty(t, Causes(map[string]string{"cpu.max": Default}))
}

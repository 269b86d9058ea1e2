package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRootALevelThatTheKernelRefusesEndsItBeforeTheFirstTrial asks for what only a
// write finds out: a value outside of the kernel's range, one that is no number,
// one that other settings forbid, the name of something that is not there. Another
// knob of the same cells is turned meanwhile, and put back.
func TestRootALevelThatTheKernelRefusesEndsItBeforeTheFirstTrial(t *testing.T) {
	r := newRig(t, "root-refused")
	check := func(setting, level, file, why string) {
		t.Helper()
		r.experiment(fmt.Sprintf("%sknobs: {%s: [default, %s]}\nisolation: {thp-defrag: defer}\n", small, setting, level))
		out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
		require.Equal(t, 2, code, out)
		require.Contains(t, out, fmt.Sprintf("%s.yaml:5:%d: %s=%s: ", r.name, len("knobs: {"+setting+": [default, ")+1, setting, level))
		require.Contains(t, out, "proc/sys/"+file)
		require.Contains(t, out, why)
		require.Contains(t, out, "nothing was started, and all is put back")
		require.NoDirExists(t, r.path("results"))
		r.clean()
	}
	check("sysctl.vm.vfs_cache_pressure", "-1", "vm/vfs_cache_pressure", "invalid argument")
	check("sysctl.vm.min_free_kbytes", "plenty", "vm/min_free_kbytes", "invalid argument")
	check("sysctl.kernel.sched_rt_runtime_us", "900000", "kernel/sched_rt_runtime_us", "invalid argument")
	check("sysctl.net.ipv4.tcp_congestion_control", "no-such", "net/ipv4/tcp_congestion_control", "no such file")
}

// So is a file system that the kernel does not mount, and each of several such
// levels is told.
func TestRootAMountOptionThatTheKernelRefusesIsToldAtItsPlace(t *testing.T) {
	r := newRig(t, "root-mount")
	r.experiment(small + "knobs:\n  fs: [tmpfs:16MiB, 'tmpfs:16MiB,nr_inodes=some', 'tmpfs:16MiB,huge=some']\n")
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 2, code, out)
	require.Contains(t, out, r.name+".yaml:6:21: fs=tmpfs:16MiB,nr_inodes=some: ")
	require.Contains(t, out, r.name+".yaml:6:51: fs=tmpfs:16MiB,huge=some: ")
	require.NoDirExists(t, r.path("results"))
	r.clean()
}

// Outside of a knob's own range or of its type nothing is even asked of the kernel.
func TestRootALevelOutsideOfItsRangeIsToldAtItsPlace(t *testing.T) {
	r := newRig(t, "root-range")
	for level, why := range map[string]string{"swappiness: 201": "not a whole number from 0 to 200", "cpu.max: 0.005": "no quota below 1ms", "nr-hugepages: many": "not a whole number"} {
		r.experiment(small + "knobs: {" + level + "}\n")
		out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
		require.Equal(t, 2, code, out)
		require.Contains(t, out, r.name+".yaml:5:")
		require.Contains(t, out, why)
		require.NoDirExists(t, r.path("results"))
	}
	r.clean()
}

package knob

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/resource"
)

// swapless is a machine that has no swap of its own.
func swapless(t *testing.T) host.Host {
	h := machine(t, nil)
	h.Swap = 0
	return h
}

func TestSwappinessIsTestableWhereItsCellProvidesSwap(t *testing.T) {
	p := planOf(texts{"swappiness": "10"}, plan.Factor{Key: "swap", Levels: []string{"none", "file:64MiB", Default}})
	f := Feasible(p, swapless(t), everything)
	var testable []bool
	for _, c := range f.Cells {
		testable = append(testable, c.Testable)
	}
	require.Equal(t, []bool{false, true, false}, testable)
	require.Contains(t, f.Cells[0].Why, "swappiness=10: this machine has no swap")
	for _, l := range f.Levels {
		require.Equal(t, Yes, l.Word, "%s=%s: %s", l.Key, l.Level, l.Why)
	}
	require.Equal(t, []resource.Spec{{Kind: resource.Swap, Level: "file:64MiB"}}, f.Levels[1].Provide)
	e, err := Resolve(texts{"swappiness": "10", "swap": "zram:64MiB"}, swapless(t))
	require.NoError(t, err)
	require.Len(t, e.Provide, 1)
	require.Len(t, e.Host, 1)
}

func TestWhatAMachineCannotProvide(t *testing.T) {
	check := func(key, level, why string, change texts, word SupportWord) {
		t.Helper()
		h := machine(t, change)
		h.Swap = 0
		l, _ := scout{host: h, reach: everything, writable: h.FS.Writable}.level(key, level, "drop it")
		require.Equal(t, word, l.Word, l.Why)
		require.Contains(t, l.Why, why)
	}
	const modules, config = "lib/modules/6.12.0/modules.dep", "boot/config-6.12.0"
	gone := func(file string) texts { return texts{file: ""} }
	check("swap", "file:64MiB", "", nil, Yes)
	check("swap", "file:64MiB", "no swapping", gone("proc/swaps"), No)
	check("swap", "zram:64MiB", "no zram (CONFIG_ZRAM is not set)", texts{zramControl + "/hot_add": "", config: "\n# CONFIG_ZRAM is not set\n"}, No)
	check("netem", "loss=1%", "no sch_netem", texts{"sys/module/sch_netem/x": "", config: "\n# CONFIG_NET_SCH_NETEM is not set\n"}, No)
	check("fs", "xfs:1GiB", "mkfs.xfs is not there: install xfsprogs", gone("usr/sbin/mkfs.xfs"), No)
	check("fs", "tmpfs:64MiB", "", gone("usr/sbin/mkfs.xfs"), Yes)
	check("fs", "overlay", "no overlay (CONFIG_OVERLAY_FS is not set)", texts{"proc/filesystems": "\text4\n", config: "\n# CONFIG_OVERLAY_FS is not set\n"}, No)
	check("fs", "overlay", "", texts{"proc/filesystems": "\text4\n", modules: "kernel/fs/overlayfs/overlay.ko.xz:\n"}, Yes)
	check("fs", "overlay", "says whether it has CONFIG_OVERLAY_FS", texts{"proc/filesystems": "\text4\n"}, Unknown)
	check("netem", "none", "", gone("sys/module/sch_netem/x"), Yes)
	check("netem", "none", "no network namespaces", gone("proc/self/ns/net"), No)
}

func TestSwapOfTheMachinesOwnIsNotSwitchedOff(t *testing.T) {
	refused(t, machine(t, nil), "swapoff it first", texts{"swap": "none"})
	h := swapless(t)
	h.Root = false
	refused(t, h, "needs root", texts{"fs": "overlay"})
}

func TestAResourceIsHeldAgainstWhatTheProcessSees(t *testing.T) {
	levels := texts{"fs": "ext4:64MiB,data=ordered", "netem": "none", "swap": "file:64MiB"}
	e, err := Resolve(levels, swapless(t))
	require.NoError(t, err)
	check := func(key, want, seen string, word Word, why string) {
		t.Helper()
		kinds := map[resource.Kind]string{resource.Kind(key): seen}
		s := Judge(levels, e, Evidence{Provided: kinds, Counts: map[string]float64{"pages-swapped-out": 7}})[key]
		require.Equal(t, word, s.Word)
		require.Contains(t, s.Why, why)
		require.Equal(t, want, levels[key])
	}
	check("fs", "ext4:64MiB,data=ordered", "ext4:64MiB", InForce, "the kernel does not show data=ordered")
	check("fs", "ext4:64MiB,data=ordered", "xfs:64MiB", NotInForce, "fs was xfs:64MiB, not ext4:64MiB,data=ordered")
	check("netem", "none", "none", InForce, "")
	check("netem", "none", resource.Shared, NotInForce, "netem was host, not none")
	check("swap", "file:64MiB", "file:64MiB", InForce, "7 out")
	check("swap", "file:64MiB", "none", NotInForce, "swap was none")
	idle := Judge(levels, e, Evidence{Provided: map[resource.Kind]string{"swap": "file:64MiB"}, Counts: map[string]float64{"pages-swapped-out": 0}})
	require.Equal(t, Idle, idle["swap"].Word)
	def, err := Resolve(texts{"fs": Default}, swapless(t))
	require.NoError(t, err)
	require.Equal(t, []resource.Kind{resource.Files}, def.Kinds())
	require.Equal(t, texts{"fs": "ext4:20GiB"}, Effective(texts{"fs": Default}, def, Evidence{Provided: map[resource.Kind]string{"fs": "ext4:20GiB"}}))
}

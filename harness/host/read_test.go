package host

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

func TestReadDescribesAGuestWithTwoCPUs(t *testing.T) {
	h := vm().read(t)
	check := func(what string, got, want any) {
		t.Helper()
		require.Equal(t, want, got, what)
	}
	check("kernel", h.Kernel, "6.1.0-18-amd64")
	check("boot", h.BootID, "5f0c0a3e-6a3c-4f7b-9d5f-000000000001")
	check("arch", h.Arch, "amd64")
	check("model", h.CPU.Model, "Example CPU @ 2.30GHz")
	check("level", h.CPU.Level, 2)
	check("online", h.CPU.Online, []int{0, 1})
	check("cores", h.CPU.Cores, [][]int{{0}, {1}})
	check("nodes", h.CPU.Nodes, [][]int{{0, 1}})
	check("allowed", h.CPU.Allowed, []int{0, 1})
	check("memory", h.Memory.Total, int64(16384000<<10))
	check("swap", h.Swap, int64(0))
	check("virtual", h.Virtual, "QEMU Standard PC (i440FX + PIIX, 1996)")
	check("clocksource", h.Clocksource, "kvm-clock")
	check("mitigations", h.Mitigations, map[string]string{"meltdown": "Not affected", "retbleed": "Vulnerable"})
	check("settings", h.Settings, map[string]string{
		"proc/sys/vm/swappiness":                     "60",
		"sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never",
	})
	check("machine from", h.MachineFrom, "/etc/machine-id")
}

func TestCgroupModeSaysWhereControllersHang(t *testing.T) {
	check := func(tr tree, mode CgroupMode, controllers string) {
		t.Helper()
		h := tr.read(t)
		if got := strings.Join(h.Controllers, " "); h.Cgroup != mode || got != controllers {
			t.Errorf("got %s with %q, want %s with %q", h.Cgroup, got, mode, controllers)
		}
	}
	check(vm(), CgroupHybrid, "cpu cpuset io memory pids")
	check(v2(), CgroupV2, "cpu cpuset io memory pids")
	check(vm().with(tree{"proc/self/mountinfo": hybridMounts}), CgroupV1, "cpu cpuset io memory pids")
	check(vm().with(tree{"proc/self/mountinfo": "22 27 0:21 / /proc rw - proc proc rw\n"}), CgroupNone, "")
	// Debian's hybrid default of old: only the name=systemd hierarchy is v1.
	check(v2().with(tree{"proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"}),
		CgroupV2, "cpu cpuset io memory pids")
}

func TestReadUnderstandsArm64OnAnyMachine(t *testing.T) {
	h := arm().read(t)
	require.Equal(t, "arm64", h.Arch)
	require.Equal(t, "implementer 0x41 part 0xd0c variant 0x3 revision 1", h.CPU.Model)
	require.Equal(t, 0, h.CPU.Level)
	require.Equal(t, "", h.Virtual)
	require.Equal(t, int64(65532<<10), h.Swap)
	require.Equal(t, "/sys/firmware/devicetree/base/serial-number", h.MachineFrom)
}

func TestReadWorksWithoutSys(t *testing.T) {
	tr := vm()
	maps.DeleteFunc(tr, func(name, _ string) bool { return strings.HasPrefix(name, "sys/") })
	delete(tr, "etc/machine-id")
	h := tr.read(t)
	require.Equal(t, []int{0, 1}, h.CPU.Online)
	require.Equal(t, [][]int{{0}, {1}}, h.CPU.Cores)
	require.Equal(t, [][]int{{0, 1}}, h.CPU.Nodes)
	require.Equal(t, "unnamed hypervisor", h.Virtual)
	require.Contains(t, h.MachineFrom, "no /etc/machine-id")
	require.Len(t, h.Machine, 8)
}

func TestReadFailsOnlyWhereNothingCanBeRead(t *testing.T) {
	_, err := Read(sysfs.FS(t.TempDir()))
	require.ErrorContains(t, err, "is /proc mounted?")
	_, err = Read("")
	require.Error(t, err)
	require.Equal(t, "6.1.0", tree{"proc/sys/kernel/osrelease": "6.1.0\n"}.read(t).Kernel)
}

func TestReadKnowsTheMachineItRunsOn(t *testing.T) {
	h, err := Read("/")
	require.NoError(t, err)
	if h.Kernel == "" || h.BootID == "" || h.Memory.Total == 0 || len(h.CPU.Allowed) == 0 || h.CPU.Model == "" {
		t.Errorf("holes in %+v", h)
	}
	for _, c := range h.CPU.Allowed {
		if !slices.Contains(h.CPU.Online, c) || !slices.Contains(slices.Concat(h.CPU.Cores...), c) || !slices.Contains(slices.Concat(h.CPU.Nodes...), c) {
			t.Errorf("CPU %d is allowed but not online, in a core and in a node: %+v", c, h.CPU)
		}
	}
	if h.Arch == "amd64" && h.CPU.Level < 1 {
		t.Errorf("goamd64 level %d of a CPU that runs this test", h.CPU.Level)
	}
}

func TestHostKeepsTheMachineIDSecret(t *testing.T) {
	h := vm().read(t)
	b, err := json.Marshal(h)
	require.NoError(t, err)
	require.NotContains(t, string(b), "0123456789abcdef")
	// HMAC-SHA256 with key "assay", as openssl computes it.
	require.Equal(t, "769c18e9", h.Machine)
}

func TestSameNamesEveryDifferenceButTheBoot(t *testing.T) {
	base := vm()
	check := func(change tree, want ...string) {
		t.Helper()
		require.Equal(t, want, base.with(change).read(t).Same(base.read(t)))
	}
	check(nil)
	check(tree{"proc/sys/kernel/random/boot_id": "another\n"})
	check(tree{"proc/meminfo": "MemTotal:       16380000 kB\n"})
	check(tree{"proc/sys/vm/swappiness": "1\n"})
	check(tree{"proc/sys/kernel/osrelease": "6.1.0-19-amd64\n"}, "kernel: 6.1.0-19-amd64, was 6.1.0-18-amd64")
	check(tree{"sys/devices/system/cpu/online": "0\n"}, "CPUs online: 0, was 0-1")
	check(tree{"proc/meminfo": "MemTotal:       8192000 kB\n"}, "memory: 8388608000 bytes, was 16777216000 bytes")
	check(tree{"proc/cmdline": "", "etc/machine-id": "ffffffffffffffffffffffffffffffff\n"},
		"machine: "+keyed("ffffffffffffffffffffffffffffffff")+", was "+keyed("0123456789abcdef0123456789abcdef"),
		"kernel command line: nothing, was quiet mitigations=auto")
}

func TestLevelFollowsTheFeatureGroups(t *testing.T) {
	check := func(flags string, want int) {
		t.Helper()
		if got := parseCPUInfo("processor: 0\nflags: " + flags + "\n").level(); got != want {
			t.Errorf("level %d, want %d, of %s", got, want, flags)
		}
	}
	v1 := "cmov cx8 fpu fxsr mmx sse sse2"
	v2 := v1 + " cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
	v3 := v2 + " avx avx2 bmi1 bmi2 f16c fma abm movbe"
	check("", 0)
	check(v1, 1)
	check(v2, 2)
	check(v2+" avx avx2", 2)
	check(v3, 3)
	check(v3+" avx512f avx512bw avx512cd avx512dq avx512vl", 4)
}

func TestWhatTheKernelHandsToInitIsLeftOut(t *testing.T) {
	check := func(cmdline, want string) {
		t.Helper()
		if got := kernelArgs(cmdline); got != want {
			t.Errorf("%q: got %q, want %q", cmdline, got, want)
		}
	}
	check("quiet mitigations=off", "quiet mitigations=off")
	check("quiet rdinit=/agent psi=1 -- --token s3cret", "quiet psi=1")
	check("root=/dev/vda init=/bin/sh", "root=/dev/vda")
	check("", "")
}

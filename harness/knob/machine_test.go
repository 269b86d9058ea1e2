package knob

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/sysfs"
)

const pmdFile = thpFolder + "hugepages-2048kB/enabled"

const (
	policy0 = "sys/devices/system/cpu/cpufreq/policy0/"
	policy1 = "sys/devices/system/cpu/cpufreq/policy1/"
)

// machineFiles are those of a machine on which every knob is supported.
// Selectors hold their value alone, as a plain file does after a write.
func machineFiles() map[string]string {
	files := map[string]string{
		thpEnabled:                   "madvise",
		thpDefrag:                    "madvise",
		pmdFile:                      "always [inherit] madvise never",
		mthpFile("64kB"):             "never",
		thpFolder + "hpage_pmd_size": "2097152",
		maxPtesNone:                  "511",
		"proc/self/cgroup":           "4:memory:/shell\n1:cpu:/\n0::/\n",
		"proc/self/limits":           "Max processes             96365                96365                processes \nMax open files            20000                20000                files     \n",
		"proc/meminfo":               "MemTotal:       24000000 kB\nCommitLimit:    12000000 kB\nCommitted_AS:    1000000 kB\nHugepagesize:       2048 kB\n",
		"proc/cpuinfo":               "processor\t: 0\nFeatures\t: fp asimd aes sha2 atomics vfp vfpv3\n",
		"proc/sys/kernel/osrelease":  "6.12.0",
		"proc/sys/abi/vsyscall32":    "1",
		"usr/bin/gcc":                "",
		"usr/sbin/mkfs.ext4":         "",
		"usr/sbin/mkfs.xfs":          "",
		"dev/loop-control":           "",
		"proc/filesystems":           "nodev\ttmpfs\nnodev\toverlay\n\text4\n\txfs\n",
		"proc/swaps":                 "Filename\tType\tSize\tUsed\tPriority\n",
		"proc/self/ns/net":           "",
		zramControl + "/hot_add":     "1",
		"sys/module/sch_netem/x":     "",
		swappinessFile:               "60",
		overcommitFile:               "0",
		overcommitRatio:              "50",
		overcommitKbytes:             "0",
		hugepagesFile:                "0",
		numaBalancing:                "0",
		zoneReclaim:                  "0",
		dropFile:                     "3",
		autogroup:                    "1",
		baseSlice:                    "3000000",
		somaxconn:                    "4096",
		portRange:                    "32768\t60999",
		paranoid:                     "2",
		randomizeFile:                "2",
		mostOpen:                     "1048576",
		smtControl:                   "on",
		boost:                        "1",
		clockNow:                     "tsc",
		nodesWithMemory:              "0",
		"etc/passwd":                 "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/nonexistent:/bin/false\nann:x:1000:1000::/home/ann:\n",
		"etc/group":                  "root:x:0:\naudio:x:29:ann,bob\nann:x:1000:\n",
		"sys/block/vda/dev":          "254:0",

		"proc/sys/vm/dirty_ratio":             "20",
		"proc/sys/vm/dirty_bytes":             "0",
		"proc/sys/vm/dirty_background_ratio":  "10",
		"proc/sys/vm/dirty_background_bytes":  "0",
		"proc/sys/vm/vfs_cache_pressure":      "100",
		"proc/sys/vm/min_free_kbytes":         "67584",
		clockFolder + "available_clocksource": "tsc hpet acpi_pm ",
	}
	for _, policy := range []string{policy0, policy1} {
		files[policy+"scaling_governor"] = "powersave"
		files[policy+"scaling_available_governors"] = "performance powersave"
		files[policy+"scaling_min_freq"] = "800000"
		files[policy+"scaling_max_freq"] = "3000000"
		files[policy+"cpuinfo_min_freq"] = "800000"
		files[policy+"cpuinfo_max_freq"] = "3000000"
		files[policy+"energy_performance_preference"] = "balance_performance"
		files[policy+"energy_performance_available_preferences"] = "default performance balance_performance balance_power power"
	}
	for cpu := range 2 {
		for i, state := range []struct{ name, latency string }{{"POLL", "0"}, {"C1", "2"}, {"C1E", "10"}, {"C6", "133"}} {
			folder := fmt.Sprintf("sys/devices/system/cpu/cpu%d/cpuidle/state%d/", cpu, i)
			files[folder+"name"], files[folder+"latency"], files[folder+"disable"] = state.name, state.latency, "0"
		}
	}
	return files
}

// machineOf is the machine that has what a knob is about.
func machineOf(t testing.TB, k Knob) host.Host {
	t.Helper()
	if k.Scope == Machine {
		return fitting(k, machine(t, nil))
	}
	return fitting(k, looking(t))
}

// fitting is a host of the architecture and the cgroups that a knob is for.
func fitting(k Knob, h host.Host) host.Host {
	h.Arch = cmp.Or(k.Arch, h.Arch)
	if k.V1 != "" {
		h.Cgroup = host.CgroupV2
	}
	return h
}

// machine plants the files, changed by change ("" takes one away), and
// describes a hybrid host with two CPUs around them.
func machine(t testing.TB, change map[string]string) host.Host {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, plant(root, change))
	return described(root)
}

// looking is a machine shared by tests that only look at it.
func looking(t testing.TB) host.Host {
	t.Helper()
	once.Do(func() { require.NoError(t, plant(shared, nil)) })
	return described(shared)
}

var (
	once   sync.Once
	shared string
)

// TestMain keeps the fake machines, thousands of small files, in memory where there
// is a place for that.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("/dev/shm", "machines-")
	if err != nil {
		dir, err = os.MkdirTemp("", "machines-")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("TMPDIR", dir)
	shared = filepath.Join(dir, "shared")
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func plant(root string, change map[string]string) error {
	files := machineFiles()
	maps.Copy(files, change)
	for name, text := range files {
		if _, gone := change[name]; gone && text == "" {
			continue
		}
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func described(root string) host.Host {
	return host.Host{
		FS: sysfs.FS(root), Root: true, Arch: "amd64", Kernel: "6.12.0", Swap: 1 << 30,
		Cgroup: host.CgroupHybrid, Controllers: []string{"cpu", "cpuset", "io", "memory", "pids"},
		CPU: host.CPU{
			Model: "Example CPU", Level: 3,
			Online: []int{0, 1}, Allowed: []int{0, 1}, Cores: [][]int{{0}, {1}}, Nodes: [][]int{{0, 1}},
		},
	}
}

// content is every file of a host, byte for byte.
func content(t testing.TB, h host.Host) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for name := range machineFiles() {
		if b, err := os.ReadFile(h.FS.Path(name)); err == nil {
			all[name] = string(b)
		}
	}
	return all
}

func put(t testing.TB, h host.Host, file, value string) {
	t.Helper()
	require.NoError(t, h.FS.Write(sysfs.Write{File: file, Value: value}))
}

func newJournal(t testing.TB) *journal.Journal {
	t.Helper()
	j, err := journal.Open(filepath.Join(t.TempDir(), "state"))
	require.NoError(t, err)
	t.Cleanup(func() { j.Close() })
	return j
}

func everything(string) error { return nil }

// except is a user who can have every controller but these.
func except(names ...string) func(string) error {
	return func(c string) error {
		if slices.Contains(names, c) {
			return errors.New("cgroup controller " + c + ": this user may not make groups (run as root)")
		}
		return nil
	}
}

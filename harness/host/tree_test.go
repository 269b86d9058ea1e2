package host

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

// A tree is a fake root: names below it and their texts.
type tree map[string]string

func (t tree) plant(test *testing.T) sysfs.FS {
	test.Helper()
	root := test.TempDir()
	require.NoError(test, os.MkdirAll(filepath.Join(root, "proc"), 0o755))
	for name, text := range t {
		path := filepath.Join(root, name)
		require.NoError(test, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(test, os.WriteFile(path, []byte(text), 0o644))
	}
	return sysfs.FS(root)
}

func (t tree) read(test *testing.T) Host {
	test.Helper()
	h, err := Read(t.plant(test))
	require.NoError(test, err)
	return h
}

// with is t and more, more winning.
func (t tree) with(more tree) tree {
	sum := make(tree)
	for _, m := range []tree{t, more} {
		for name, text := range m {
			sum[name] = text
		}
	}
	return sum
}

// core is a CPU with its siblings, as sysfs shows them.
func core(siblings string, cpus ...string) tree {
	t := make(tree)
	for _, c := range cpus {
		t["sys/devices/system/cpu/cpu"+c+"/topology/core_cpus_list"] = siblings + "\n"
	}
	return t
}

const hybridMounts = `22 27 0:21 / /proc rw,relatime - proc proc rw
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
38 31 0:35 / /sys/fs/cgroup/blkio rw,relatime - cgroup cgroup rw,blkio
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
`

const unifiedMount = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"

// vm is a guest with two CPUs and a hybrid cgroup layout.
func vm() tree {
	return tree{
		"etc/machine-id":                                  "0123456789abcdef0123456789abcdef\n",
		"proc/sys/kernel/osrelease":                       "6.1.0-18-amd64\n",
		"proc/sys/kernel/random/boot_id":                  "5f0c0a3e-6a3c-4f7b-9d5f-000000000001\n",
		"proc/cmdline":                                    "quiet mitigations=auto\n",
		"proc/meminfo":                                    "MemTotal:       16384000 kB\nMemFree:        1000 kB\n",
		"proc/swaps":                                      "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n",
		"proc/self/status":                                "Name:\tassay\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n",
		"proc/self/mountinfo":                             hybridMounts + unifiedMount,
		"proc/cpuinfo":                                    "processor\t: 0\nmodel name\t: Example CPU @ 2.30GHz\nflags\t\t: fpu cmov cx8 fxsr mmx sse sse2 hypervisor cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3\n\nprocessor\t: 1\nmodel name\t: Example CPU @ 2.30GHz\n",
		"proc/sys/vm/swappiness":                          "60\n",
		"sys/devices/system/cpu/online":                   "0-1\n",
		"sys/devices/system/node/node0/cpulist":           "0-1\n",
		"sys/devices/system/cpu/vulnerabilities/meltdown": "Not affected\n",
		"sys/devices/system/cpu/vulnerabilities/retbleed": "Vulnerable\n",
		"sys/kernel/mm/transparent_hugepage/enabled":      "always [madvise] never\n",
		"sys/fs/cgroup/unified/cgroup.controllers":        "hugetlb\n",
		"sys/class/dmi/id/sys_vendor":                     "QEMU\n",
		"sys/class/dmi/id/product_name":                   "Standard PC (i440FX + PIIX, 1996)\n",
		"sys/devices/system/clocksource/clocksource0/current_clocksource": "kvm-clock\n",
	}.with(core("0", "0")).with(core("1", "1"))
}

// smt has two cores of two threads, numbered as Intel firmware does.
func smt() tree {
	return vm().with(tree{
		"sys/devices/system/cpu/online":         "0-3\n",
		"sys/devices/system/node/node0/cpulist": "0-3\n",
		"proc/self/status":                      "Cpus_allowed_list:\t0-7\n",
	}).with(core("0,2", "0", "2")).with(core("1,3", "1", "3"))
}

// numa has two nodes of four single-thread cores.
func numa() tree {
	t := vm().with(tree{
		"sys/devices/system/cpu/online":          "0-7\n",
		"sys/devices/system/node/node0/cpulist":  "0-3\n",
		"sys/devices/system/node/node1/cpulist":  "4-7\n",
		"sys/devices/system/node/node10/cpulist": "\n", // memory alone
		"proc/self/status":                       "Cpus_allowed_list:\t0-7\n",
	})
	for _, c := range []string{"0", "1", "2", "3", "4", "5", "6", "7"} {
		t = t.with(core(c, c))
	}
	return t
}

// v2 has its controllers in one hierarchy.
func v2() tree {
	return vm().with(tree{
		"proc/self/mountinfo":              "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
		"sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc\n",
	})
}

// arm is an arm64 board: no flags, no model name, no DMI.
func arm() tree {
	t := vm().with(tree{
		"proc/cpuinfo":   "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\nprocessor\t: 1\n",
		"proc/swaps":     "Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition 65532 0 100\n",
		"etc/machine-id": "uninitialized\n",
		"sys/firmware/devicetree/base/serial-number": "100000007a1b2c3d\x00",
	})
	delete(t, "sys/class/dmi/id/sys_vendor")
	delete(t, "sys/class/dmi/id/product_name")
	return t
}

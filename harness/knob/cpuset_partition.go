package knob

import (
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const partitionFile = "cpuset.cpus.partition"

var _ = register(Knob{
	Name:  partitionFile,
	Doc:   "whether the workload's CPUs are taken from everyone else (root), and from the scheduler's load balancing too (isolated)",
	Scope: Cgroup,
	Allow: "member, root, isolated",
	Try:   "cpuset.cpus.partition=isolated",
	Note:  "isolated, threads stay on the CPU that they are on unless they are moved; processes bound to these CPUs alone lose them, and kernel threads of a CPU stay",
	Since: "cgroup v2; isolated from Linux 6.1",
	V1:    "cgroup v1 has no partitions of CPUs",
	After: []string{"cpus", cpusetFile},
	Needs: []string{"cpus=1", "cpuset.cpus=1"},
	Parse: oneOf("member", "root", "isolated"),
	Effects: func(_, level string, h host.Host) (Effects, error) {
		if level == "isolated" && olderThan(h.Kernel, 6, 1) {
			return Effects{}, unsupported("isolated partitions came with Linux 6.1, and this is %s", h.Kernel)
		}
		if len(h.CPU.Online) < 2 && level != "member" {
			return Effects{}, unsupported("this machine has one CPU, and nothing else could run without it")
		}
		return Effects{Cgroup: []sysfs.Write{{File: partitionFile, Value: level}}}, nil
	},
	Refuses: []Refusal{
		{Cell: "cpuset.cpus.partition=isolated cpus=1", Where: "a kernel before 6.1", Lacks: oldKernel, Why: "came with Linux 6.1"},
		{Cell: "cpuset.cpus.partition=root cpus=1", Where: "a machine with one CPU", Lacks: func(h *host.Host) { h.CPU.Online = []int{0} }, Why: "has one CPU"},
	},
	Read: func(_ string, e Evidence) (string, bool) { return fromLeaf(partitionFile, e) },
	Leaf: partitionFile,
})

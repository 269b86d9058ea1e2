package knob

import (
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:  "cpu.idle",
	Doc:   "whether the workload's group gets only what CPU time nobody else wants: 1 yes, 0 no",
	Scope: Cgroup,
	Allow: "0, 1",
	Try:   "cpu.idle=1",
	Note:  "it matters only while others compete for the same CPUs",
	Since: "Linux 5.15",
	Not:   []string{"cpu.weight"},
	Refuses: []Refusal{
		{Cell: "cpu.idle=1", Where: "a kernel before 5.15", Lacks: oldKernel, Why: "came with Linux 5.15"},
	},
	Parse: oneOf("0", "1"),
	Effects: func(_, level string, h host.Host) (Effects, error) {
		if olderThan(h.Kernel, 5, 15) {
			return Effects{}, unsupported("it came with Linux 5.15, and this is %s", h.Kernel)
		}
		return Effects{Cgroup: []sysfs.Write{{File: "cpu.idle", Value: level, Same: sysfs.Number}}}, nil
	},
	Read: func(_ string, e Evidence) (string, bool) { return fromLeaf("cpu.idle", e) },
	Leaf: "cpu.idle",

	Causes: []string{"run-queue"},
})

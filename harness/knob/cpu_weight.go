package knob

import (
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:  "cpu.weight",
	Doc:   "share of CPU time against other groups that want some (100 is the default; cpu.shares 1024 on v1)",
	Scope: Cgroup,
	Allow: "a whole number from 1 to 10000",
	Try:   "cpu.weight=200",
	Note:  "it matters only while others compete for the same CPUs",
	Parse: func(_, text string) (string, error) { return count(text, 1, 10000) },
	Effects: func(_, level string, _ host.Host) (Effects, error) {
		return Effects{Cgroup: []sysfs.Write{{File: "cpu.weight", Value: level, Same: sysfs.Number}}}, nil
	},
	Read: func(_ string, e Evidence) (string, bool) {
		return fromLeaf("cpu.weight", e)
	},
	Leaf: "cpu.weight",
})

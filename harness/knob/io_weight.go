package knob

import (
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const noV1IO = "blkio of cgroup v1 has other limits and counters than io of v2"

var _ = register(Knob{
	Name:  "io.weight",
	Doc:   "share of a disk against other groups that want some (100 is the default)",
	Scope: Cgroup,
	Allow: "a whole number from 1 to 10000",
	Try:   "io.weight=200",
	V1:    noV1IO,
	Note:  "it has a say only where iocost is on for the disk (io.cost.qos)",
	Parse: func(_, text string) (string, error) { return count(text, 1, 10000) },
	Effects: func(_, level string, _ host.Host) (Effects, error) {
		return Effects{Cgroup: []sysfs.Write{{File: "io.weight", Value: "default " + level, Same: sysfs.Number}}}, nil
	},
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := fromLeaf("io.weight", e)
		first, _, _ := strings.Cut(text, "\n")
		return strings.TrimPrefix(first, "default "), ok
	},
	Leaf: "io.weight",
})

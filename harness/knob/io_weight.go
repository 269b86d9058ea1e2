package knob

import (
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:  "io.weight",
	Doc:   "share of a disk against other groups that want some (100 is the default)",
	Scope: Cgroup,
	Allow: "a whole number from 1 to 10000",
	Try:   "io.weight=200",
	Note:  "it has a say only where iocost is on for the disk (io.cost.qos); on cgroup v1 it is bfq's (blkio.bfq.weight), up to 1000, and has a say where bfq schedules the disk",
	Parse: func(_, text string) (string, error) { return count(text, 1, 10000) },
	Refuses: []Refusal{
		{Cell: "io.weight=20000", Why: "from 1 to 10000"},
		{Cell: "io.weight=2000", Where: "cgroup v1", Files: map[string]string{"proc/self/cgroup": "3:blkio:/\n"}, Why: "ends at 1000"},
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		if onV1(h, "io") && len(level) >= 4 && level != "1000" {
			return Effects{}, unsupported("the weight of bfq, which is the one of cgroup v1, ends at 1000")
		}
		return Effects{Cgroup: []sysfs.Write{{File: "io.weight", Value: "default " + level, Same: sysfs.Number}}}, nil
	},
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := fromLeaf("io.weight", e)
		first, _, _ := strings.Cut(text, "\n")
		return strings.TrimPrefix(first, "default "), ok
	},
	Leaf: "io.weight",
})

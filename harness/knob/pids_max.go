package knob

import (
	"math"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:  "pids.max",
	Doc:   "how many threads and processes the workload may have",
	Scope: Cgroup,
	Allow: "a whole number from 1, or max",
	Try:   "pids.max=512",
	Note:  "a Go program that can't make a thread ends with an error; it has about four before main begins",
	Parse: func(_, text string) (string, error) {
		if text == "max" {
			return text, nil
		}
		return count(text, 1, math.MaxInt32)
	},
	Effects: func(_, level string, _ host.Host) (Effects, error) {
		return Effects{Cgroup: []sysfs.Write{{File: "pids.max", Value: level, Same: sysfs.Number}}}, nil
	},
	Read: func(_ string, e Evidence) (string, bool) { return fromLeaf("pids.max", e) },
	Leaf: "pids.max",
})

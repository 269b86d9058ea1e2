package knob

import (
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const dropFile = "proc/sys/vm/drop_caches"

var _ = register(Knob{
	Name:  "drop-caches",
	Doc:   "what the machine forgets before each trial: 1 page cache, 2 dentries and inodes, 3 both",
	Scope: Machine,
	Allow: "1, 2, 3",
	Try:   "drop-caches=3",
	Note:  "done before each trial, after a sync; every process of the machine reads its files again, and the workload's program too",
	Parse: oneOf("1", "2", "3"),
	Effects: func(_, level string, h host.Host) (Effects, error) {
		return one(h, dropFile, level, sysfs.Number)
	},
	Read:   func(string, Evidence) (string, bool) { return "", false }, // it is done, and leaves nothing to read
	Host:   below(dropFile),
	Act:    true,
	Causes: []string{"major-faults"},
})

package knob

import (
	"errors"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const memsFile = "cpuset.mems"

var _ = register(Knob{
	Name:  memsFile,
	Doc:   "the NUMA nodes that the workload's memory may come from",
	Scope: Cgroup,
	Allow: "a list such as 0-1",
	Try:   "cpuset.mems=0",
	Parse: func(_, text string) (string, error) {
		nodes, err := host.ParseCPUs(text)
		if err == nil && len(nodes) == 0 {
			err = errors.New("the list is empty")
		}
		return host.FormatCPUs(nodes), err
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		nodes, err := host.ParseCPUs(level)
		if err != nil {
			return Effects{}, err
		}
		return Effects{Cgroup: []sysfs.Write{{File: memsFile, Value: level}}}, haveMemory(nodes, h)
	},
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := fromLeaf(memsFile, e)
		if nodes, err := host.ParseCPUs(text); err == nil {
			return host.FormatCPUs(nodes), ok
		}
		return text, ok
	},
	Leaf: memsFile,
	Refuses: []Refusal{
		{Cell: "cpuset.mems=900", Why: "no memory on node 900 here"},
		{Cell: "cpuset.mems=0", Where: "a kernel without NUMA", Files: map[string]string{nodesWithMemory: ""}, Why: "knows no NUMA nodes"},
	},
})

package knob

import (
	"errors"
	"slices"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/sysfs"
)

const cpusetFile = "cpuset.cpus"

var _ = register(Knob{
	Name:  cpusetFile,
	Doc:   "the CPUs that the workload may use, by number",
	Scope: Cgroup,
	Allow: "a list such as 0-3,8",
	Try:   "cpuset.cpus=0",
	Not:   []string{CPUsKey},
	Refuses: []Refusal{
		{Cell: "cpuset.cpus=0,4000", Why: "CPU 4000 is not online here"},
		{Cell: "cpuset.cpus=0", Where: "a process that is bound to CPU 1", Lacks: func(h *host.Host) { h.CPU.Allowed = []int{1} }, Why: "its affinity is 1"},
	},
	Parse: func(_, text string) (string, error) {
		cpus, err := host.ParseCPUs(text)
		if err == nil && len(cpus) == 0 {
			err = errors.New("the list is empty")
		}
		return host.FormatCPUs(cpus), err
	},
	Effects: cpusetEffects,
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := fromLeaf(cpusetFile, e)
		if cpus, err := host.ParseCPUs(text); err == nil {
			return host.FormatCPUs(cpus), ok
		}
		return text, ok
	},
	Leaf: cpusetFile,
})

func cpusetEffects(_, level string, h host.Host) (Effects, error) {
	cpus, err := host.ParseCPUs(level)
	if err != nil {
		return Effects{}, err
	}
	for _, c := range cpus {
		if !slices.Contains(h.CPU.Online, c) {
			return Effects{}, unsupported("CPU %d is not online here: %s are", c, host.FormatCPUs(h.CPU.Online))
		}
		if !slices.Contains(h.CPU.Allowed, c) {
			return Effects{}, unsupported("CPU %d is not allowed to this process: its affinity is %s", c, host.FormatCPUs(h.CPU.Allowed))
		}
	}
	return onCPUs(cpus), nil
}

// onCPUs confines a workload to CPUs by its leaf and by its affinity. The latter
// as well, because a child is born with the affinity of the harness, which
// keeps to other CPUs, and a cpuset of v2 leaves that in force.
func onCPUs(cpus []int) Effects {
	return Effects{
		Cgroup:  []sysfs.Write{{File: cpusetFile, Value: host.FormatCPUs(cpus)}},
		Process: launch.Settings{Affinity: cpus},
	}
}

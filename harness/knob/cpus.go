package knob

import (
	"slices"
	"strconv"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/prose"
)

// CPUsKey names the knob by which a workload has a number of CPUs.
const CPUsKey = "cpus"

var _ = register(Knob{
	Name:    CPUsKey,
	Doc:     "how many CPUs the workload may use, chosen by topology: whole cores first, CPU 0 last",
	Scope:   Process,
	Allow:   "a whole number from 1",
	Try:     "cpus=1",
	Note:    "set as affinity, and on the leaf too where it can have a cpuset",
	Not:     []string{cpusetFile},
	Parse:   func(_, text string) (string, error) { return count(text, 1, mostCPUs) },
	Effects: cpusEffects,
	Refuses: []Refusal{
		{Cell: "cpus=4000", Why: "this process may use"},
		{Cell: "cpus=0", Why: "from 1 to"},
	},
	Read: func(_ string, e Evidence) (string, bool) {
		return strconv.Itoa(len(e.Affinity)), e.Affinity != nil
	},
})

func cpusEffects(_, level string, h host.Host) (Effects, error) {
	n, err := strconv.Atoi(level)
	if err != nil {
		return Effects{}, err
	}
	if n > len(h.CPU.Allowed) {
		return Effects{}, unsupported("this process may use %s here (%s)", prose.Plural(len(h.CPU.Allowed), "CPU"), host.FormatCPUs(h.CPU.Allowed))
	}
	measured, _, _ := h.Pick(n)
	if slices.Contains(h.Controllers, "cpuset") {
		return onCPUs(measured), nil
	}
	return Effects{Process: launch.Settings{Affinity: measured}}, nil
}

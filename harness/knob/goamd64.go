package knob

import (
	"errors"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:    "goamd64",
	Doc:     "instruction set that the workload is compiled for (GOAMD64)",
	Scope:   Build,
	Arch:    "amd64",
	Allow:   "v1, v2, v3, v4",
	Try:     "goamd64=v3",
	Parse:   oneOf("v1", "v2", "v3", "v4"),
	Effects: goamd64Effects,
	Refuses: []Refusal{{Cell: "goamd64=v3", Where: "a CPU without AVX2", Lacks: func(h *host.Host) { h.CPU.Level = 2 }, Why: "runs up to v2"}},
	Read:    func(_ string, e Evidence) (string, bool) { return fromBuild("GOAMD64", e) },
})

func goamd64Effects(_, level string, h host.Host) (Effects, error) {
	need := int(level[1] - '0')
	switch {
	case h.CPU.Level == 0:
		return Effects{}, errLevelUnknown
	case need > h.CPU.Level:
		return Effects{}, unsupported("%s runs up to v%d: a %s program ends at its start", h.CPU.Model, h.CPU.Level, level)
	}
	return buildWith("GOAMD64", level), nil
}

var errLevelUnknown = errors.New("the CPU's features are not known (proc/cpuinfo has no flags)")

package knob

import (
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:    "turbo",
	Doc:     "whether CPUs may run above their nominal frequency while heat and power allow",
	Scope:   Machine,
	Allow:   "on, off",
	Try:     "turbo=off",
	Note:    "it also moves the highest frequency that cpu-max-freq can have",
	After:   []string{"governor"},
	Parse:   oneOf("on", "off"),
	Effects: turboEffects,
	Read:    readTurbo,
	Host:    below(intelTurbo, boost, boostByPolicy),
	Moves:   []string{minFreqFiles, maxFreqFiles},
	Settles: onWorkQueue,
})

// turboEffects knows both drivers' ways: intel_pstate forbids, the others allow.
func turboEffects(_, level string, h host.Host) (Effects, error) {
	allow := map[string]string{"on": "1", "off": "0"}[level]
	forbid := map[string]string{"on": "0", "off": "1"}[level]
	switch {
	case h.FS.Exists(intelTurbo):
		return one(h, intelTurbo, forbid, sysfs.Number)
	case h.FS.Exists(boost):
		return one(h, boost, allow, sysfs.Number)
	}
	if files, err := h.FS.Glob(boostByPolicy); err != nil || len(files) == 0 {
		return Effects{}, unsupported("neither %s nor %s is there: the processor has no turbo, or a hypervisor or firmware has it in hand", intelTurbo, boost)
	}
	return inPolicies(h, boostByPolicy, sysfs.Number, func(string) (string, error) { return allow, nil })
}

func readTurbo(key string, e Evidence) (string, bool) {
	if text, ok := e.Host[intelTurbo]; ok {
		return onOff(strings.TrimSpace(text) == "0"), true
	}
	return each(func(text string) string { return onOff(text == "1") }, boost, boostByPolicy)(key, e)
}

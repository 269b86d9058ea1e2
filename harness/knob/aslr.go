package knob

import (
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

const randomizeFile = "proc/sys/kernel/randomize_va_space"

var _ = register(Knob{
	Name:    "aslr",
	Doc:     "whether the workload's stack and mappings lie at random addresses (personality ADDR_NO_RANDOMIZE)",
	Scope:   Process,
	Allow:   "on, off",
	Try:     "aslr=off",
	Note:    "off, every start has the same layout, whose luck or misfortune all samples share: it takes a source of noise away, not of bias",
	Parse:   oneOf("on", "off"),
	Effects: aslrEffects,
	Read:    fromProcess(randomOf),
	Shown:   []string{procPersonality},
	Refuses: []Refusal{
		{Cell: "aslr=on", Where: "a machine with randomize_va_space 0", Files: map[string]string{randomizeFile: "0"}, Why: "no process here has random addresses"},
	},
})

func aslrEffects(_, level string, h host.Host) (Effects, error) {
	text, err := h.FS.Read(randomizeFile)
	if err == nil && strings.TrimSpace(text) == "0" && level == "on" {
		return Effects{}, unsupported("%s is 0, so no process here has random addresses: write 2 there", randomizeFile)
	}
	on := level == "on"
	return Effects{Process: launch.Settings{Randomize: &on}, Observe: []string{randomizeFile}}, nil
}

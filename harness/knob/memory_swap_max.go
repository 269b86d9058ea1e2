package knob

import (
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/workloads/wire"
)

var _ = register(needsSwap(memoryLimit(Knob{
	Name:    "memory.swap.max",
	Doc:     "how much of the workload may be swapped out; 0B for none",
	Try:     "memory.swap.max=256MiB",
	V1:      "cgroup v1 limits memory and swap as one sum (memory.memsw.limit_in_bytes), not swap alone",
	Check:   swappinessCheck,
	Checked: "pages swapped in and out on the machine (pswpin and pswpout of /proc/vmstat); idle where there were none",
	Refuses: []Refusal{
		{Cell: "memory.swap.max=256MiB", Where: "a machine without swap", Lacks: func(h *host.Host) { h.Swap = 0 }, Why: "has no swap"},
	},
	Causes: []string{"swap"},
})))

// needsSwap adds to a limit on memory what a limit on swap has of its own.
func needsSwap(k Knob) Knob {
	k.Allow = "a size such as 512MiB, 0B for none, or max"
	parse, effects := k.Parse, k.Effects
	k.Parse = func(key, text string) (string, error) {
		if n, err := wire.ParseBytes(text); err == nil && n == 0 {
			return "0B", nil
		}
		return parse(key, text)
	}
	k.Effects = func(key, level string, h host.Host) (Effects, error) {
		if h.Swap == 0 {
			return Effects{}, unsupported("this machine has no swap (proc/swaps lists none): add a swap level, such as swap: \"file:512MiB\"")
		}
		return effects(key, level, h)
	}
	return k
}

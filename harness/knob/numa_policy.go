package knob

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

const nodesWithMemory = "sys/devices/system/node/has_memory"

var _ = register(Knob{
	Name:    "numa-policy",
	Doc:     "which NUMA nodes the workload's memory comes from (set_mempolicy)",
	Scope:   Process,
	Allow:   `local, "preferred:NODE", "bind:NODES", "interleave:NODES", with NODES such as 0-1`,
	Try:     "numa-policy=bind:0",
	Note:    "pages that are in the page cache already, the program's own code among them, stay where they are",
	Parse:   func(_, text string) (string, error) { m, err := parseMemory(text); return memoryText(m), err },
	Effects: memoryEffects,
	Read:    fromProcess(memoryOf),
	Shown:   []string{procNUMA},
	Refuses: []Refusal{
		{Cell: "numa-policy=preferred:0-1", Why: "exactly one"},
		{Cell: "numa-policy=bind:900", Why: "no memory on node 900 here"},
	},
})

func parseMemory(text string) (launch.MemoryPolicy, error) {
	mode, list, _ := strings.Cut(text, ":")
	nodes, err := host.ParseCPUs(list)
	switch {
	case err != nil:
		return launch.MemoryPolicy{}, err
	case text == "local":
	case !slices.Contains([]string{"preferred", "bind", "interleave"}, mode):
		return launch.MemoryPolicy{}, fmt.Errorf("%q is none of its levels", text)
	case len(nodes) == 0, mode == "preferred" && len(nodes) != 1:
		return launch.MemoryPolicy{}, fmt.Errorf("%q: %s needs nodes, preferred exactly one", text, mode)
	}
	return launch.MemoryPolicy{Mode: mode, Nodes: nodes}, nil
}

func memoryEffects(_, level string, h host.Host) (Effects, error) {
	m, err := parseMemory(level)
	if err != nil {
		return Effects{}, err
	}
	if err := haveMemory(m.Nodes, h); err != nil {
		return Effects{}, err
	}
	return Effects{Process: launch.Settings{Memory: &m}}, nil
}

// haveMemory says of nodes which are missing on a host.
func haveMemory(nodes []int, h host.Host) error {
	text, err := h.FS.Read(nodesWithMemory)
	if err != nil {
		return unsupported("this kernel knows no NUMA nodes (no %s)", nodesWithMemory)
	}
	there, err := host.ParseCPUs(text)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if !slices.Contains(there, n) {
			return unsupported("there is no memory on node %d here: it is on %s", n, host.FormatCPUs(there))
		}
	}
	return nil
}

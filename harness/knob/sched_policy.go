package knob

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

var _ = register(Knob{
	Name:    "sched-policy",
	Doc:     "scheduling policy of the workload's threads",
	Scope:   Process,
	Allow:   `other, batch, idle, "fifo:PRIORITY", "rr:PRIORITY" (1 to 99)`,
	Try:     "sched-policy=batch",
	Note:    "fifo and rr leave nothing of their CPUs to others, the harness included, but the share that sched_rt_runtime_us keeps back",
	Parse:   func(_, text string) (string, error) { p, err := parsePolicy(text); return policyText(p), err },
	Effects: policyEffects,
	Read:    fromProcess(policyOf),
	Shown:   []string{procStat},
})

func parsePolicy(text string) (launch.Policy, error) {
	switch text {
	case "other", "batch", "idle":
		return launch.Policy{Name: text}, nil
	}
	name, priority, found := strings.Cut(text, ":")
	if !found || name != "fifo" && name != "rr" {
		return launch.Policy{}, fmt.Errorf("%q is none of its levels", text)
	}
	canonical, err := count(priority, 1, 99)
	if err != nil {
		return launch.Policy{}, err
	}
	n, err := strconv.Atoi(canonical)
	return launch.Policy{Name: name, Priority: n}, err
}

func policyEffects(_, level string, h host.Host) (Effects, error) {
	p, err := parsePolicy(level)
	if err != nil {
		return Effects{}, err
	}
	if p.Priority > 0 && !h.Root {
		return Effects{}, needsRoot("a real-time policy")
	}
	// With CONFIG_RT_GROUP_SCHED each v1 group has real time of its own, none to begin with.
	if own, err := h.FS.Glob("sys/fs/cgroup/*/cpu.rt_runtime_us"); err == nil && p.Priority > 0 && len(own) > 0 && onV1(h, "cpu") {
		return Effects{}, unsupported("this kernel gives real time by groups (CONFIG_RT_GROUP_SCHED), and a fresh leaf has none")
	}
	return Effects{Process: launch.Settings{Policy: &p}}, nil
}

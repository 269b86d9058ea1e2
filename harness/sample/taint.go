package sample

import (
	"slices"
	"strings"
)

// A Rule is a threshold over which a trial is doubted.
type Rule struct {
	Kind  string  `json:"kind"`
	Unit  string  `json:"unit"` // of Limit, as in counters: a share of the window, a count, ns
	Limit float64 `json:"limit"`
	Doc   string  `json:"doc"`

	// Unless is a counter that tells the same better: where it is there, the rule is
	// not used.
	Unless string `json:"unless,omitempty"`
}

// used says whether a trial's counters hold what the rule goes by, and nothing better.
func (r Rule) used(counters map[string]float64) bool {
	_, have := counters[r.Unit]
	_, better := counters[r.Unless]
	return have && !better
}

// rules are all thresholds, in the order in which taints are listed. A trial
// is tainted where its counter Unit is above Limit.
var rules = []Rule{
	{"steal", "steal-share", 0.01, "time the hypervisor took from the measured CPUs, as a share of the window (proc/stat)", ""},
	{"clock-step", "clock-step-ns", 1e6, "wall clock against monotonic clock over the window", ""},
	{"throttling", "nr-throttled", 0, "periods in which a CPU quota held the workload back (cpu.stat)", ""},
	{"major-faults", "major-faults", 100, "pages read from disk during the window (proc/PID/stat)", ""},
	{"swap", "pages-swapped-in", 0, "pages swapped in on the host during the window (proc/vmstat)", ""},
	{"send-lag", "p99-send-lag-ns", 1e6, "how late a load asked by its own fault, 99th percentile (the workload): its limits, not the server's", ""},
	{"company", unitCompany, 0, "the other trial of a duet's step was tainted, or failed, or had to be repeated: both are, together", ""},
	{"foreign-load", "foreign-share", 0.1, "other work on the measured CPUs, as a share of the window (cpuacct or proc/schedstat, else proc/stat, less the workload's own time)", ""},
	{"run-queue", "cpu-denied-share", 0.05, "time in which the workload could have run and others had its CPUs, as a share of the window, exact for short windows too (cpu.pressure, and no more than others ran)", ""},
	// Threads of one workload take turns by involuntary switches too: on a quiet machine,
	// pinned to one CPU, goroutine-storm's lockosthread made 90,000 a second.
	{"preemption", "involuntary-switches/s", 2000, "times a second that a thread was taken off a measured CPU (proc/PID/task/*/status), where cpu.pressure can't be read", "cpu-denied-share"},
	{"heat", "thermal-throttles", 0, "times that the measured CPUs were slowed down for heat (thermal_throttle)", ""},
	{"frequency", "frequency-drop", 0.3, "how far below their ceiling the measured CPUs ran as the window ended (cpufreq)", ""},
}

// Rules lists the thresholds that reports print.
func Rules() []Rule { return slices.Clone(rules) }

// Taints holds counters against the thresholds. Kinds in caused are evidence in
// this cell, not doubt: a quota causes throttling.
func Taints(counters map[string]float64, caused []string) []Taint {
	var ts []Taint
	for _, r := range rules {
		v := counters[r.Unit]
		if !r.used(counters) || v <= r.Limit || slices.Contains(caused, r.Kind) {
			continue
		}
		ts = append(ts, Taint{Kind: r.Kind, Value: v, Limit: r.Limit, Unit: r.Unit})
	}
	return ts
}

// Looked lists the kinds of taint whose evidence stands among counters, in the order of
// the rules, whether they tainted or not.
func Looked(counters map[string]float64) []string {
	var kinds []string
	for _, r := range rules {
		if r.used(counters) {
			kinds = append(kinds, r.Kind)
		}
	}
	return kinds
}

// physical are kinds that tell of the processor itself: of a guest's, what the
// machine that it runs on made up.
var physical = []string{"heat", "frequency"}

// InGuest marks a sample as one of a guest, whose frequency and heat are no doubt
// of the trial.
func (s *Sample) InGuest(emulated bool) {
	s.Emulated = emulated
	s.Taints = slices.DeleteFunc(s.Taints, func(t Taint) bool {
		return slices.ContainsFunc(physical, func(kind string) bool {
			return t.Kind == kind || strings.HasSuffix(t.Kind, "-"+kind) // of a role by its name
		})
	})
}

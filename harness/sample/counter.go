package sample

import (
	"slices"

	"golang.org/x/perf/benchunit"

	"github.com/assaylab/assay/workloads/wire"
)

// A Counter is a reading of the kernel over the window, of one role.
type Counter struct {
	wire.Metric
	Group Group
}

// A Group says which counters go together in an experiment's measure list.
type Group string

const (
	Process Group = "process" // of the workload's process; on every line
	Cgroup  Group = "cgroup"  // of its leaf; on the lines where measure names it
	Noise   Group = "noise"   // evidence about the host: in trials.jsonl, never on a line
)

// counters are all of them. One that this host does not have is absent, never zero.
var counters = []Counter{
	process("peak-RSS-bytes", wire.Lower, "VmHWM at the end of the window, set-up included (proc/PID/status)"),
	process("rss-bytes", wire.Lower, "resident memory at the end of the window (proc/PID/smaps_rollup)"),
	process("anon-huge-bytes", "", "anonymous memory in huge pages at the end of the window (proc/PID/smaps_rollup)"),
	process("minor-faults", wire.Lower, "page faults without reading from disk (proc/PID/stat)"),
	process("major-faults", wire.Lower, "page faults that read from disk (proc/PID/stat)"),
	process("voluntary-switches", wire.Lower, "context switches of all threads that waited (proc/PID/task/*/status)"),
	process("involuntary-switches", wire.Lower, "context switches of all threads that were preempted (proc/PID/task/*/status)"),
	process("cpu-user-ns", wire.Lower, "user CPU time (cpu.stat, cpuacct; without a cgroup proc/PID/stat)"),
	process("cpu-system-ns", wire.Lower, "system CPU time (cpu.stat, cpuacct; without a cgroup proc/PID/stat)"),

	cgroup("cgroup-peak-bytes", "peak memory of the leaf, page cache and kernel memory included (memory.peak, memory.max_usage_in_bytes)"),
	cgroup("nr-periods", "periods of the CPU quota (cpu.stat)"),
	cgroup("nr-throttled", "periods in which the quota held the workload back (cpu.stat)"),
	cgroup("throttled-ns", "time held back by the quota (cpu.stat)"),
	cgroup("oom-kills", "processes of the leaf that the kernel killed for memory (memory.events, memory.oom_control)"),
	cgroup("cpu-pressure-ns", "time some task of the leaf waited for a CPU (cpu.pressure)"),
	cgroup("memory-pressure-ns", "time some task of the leaf waited for memory (memory.pressure)"),
	cgroup("io-pressure-ns", "time some task of the leaf waited for a device (io.pressure)"),

	noise("thp-fault-allocs", "huge pages given at a page fault, whole host (proc/vmstat)"),
	noise("thp-collapse-allocs", "huge pages made by khugepaged, whole host (proc/vmstat)"),
	noise("pages-swapped-in", "pages swapped in, whole host (proc/vmstat)"),
	noise("pages-swapped-out", "pages swapped out, whole host (proc/vmstat)"),
	noise("steal-share", "share of the window that the hypervisor took from the measured CPUs (proc/stat)"),
	noise("foreign-share", "share of the window that other work took on the measured CPUs (proc/stat less the workload)"),
	noise("clock-step-ns", "wall clock against monotonic clock over the window"),
	noise("window-ns", "begin to end of the window, as the workload saw it"),
}

func process(unit string, better wire.Better, doc string) Counter {
	return Counter{wire.Metric{Unit: unit, Better: better, Doc: doc}, Process}
}

func cgroup(unit, doc string) Counter {
	return Counter{wire.Metric{Unit: unit, Better: wire.Lower, Doc: doc}, Cgroup}
}

func noise(unit, doc string) Counter { return Counter{wire.Metric{Unit: unit, Doc: doc}, Noise} }

// Counters lists the counters that can stand on a line: those of the role under
// test, then, with its name before the unit, those of each role beside it. groups
// is an experiment's measure list; nil is all.
func Counters(groups []string, beside ...string) []wire.Metric {
	var ms []wire.Metric
	for _, c := range counters {
		if c.Group == Process || c.Group == Cgroup && (groups == nil || slices.Contains(groups, string(Cgroup))) {
			ms = append(ms, c.Metric)
		}
	}
	own := ms
	for _, role := range beside {
		for _, m := range own {
			ms = append(ms, m.Prefixed(role))
		}
	}
	return ms
}

// Extend adds counters to a line, in the order of their list. The workload's
// own value of a unit stands.
//
// Note: a zero in a unit of ns is left out. benchfmt tidies "5 x-ns" to x-sec
// but leaves "0 x-ns" as it is, so zeros would split every table in two. It
// still stands among the counters in trials.jsonl.
func (l *Line) Extend(values map[string]float64, groups []string, beside ...string) {
	for _, m := range Counters(groups, beside...) {
		v, ok := values[m.Unit]
		if _, own := l.Get(m.Unit); !ok || own {
			continue
		}
		if _, tidied := benchunit.Tidy(1, m.Unit); v == 0 && tidied != m.Unit {
			continue
		}
		l.Values = append(l.Values, Value{Value: v, Unit: m.Unit})
	}
}

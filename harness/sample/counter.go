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
	Runtime Group = "runtime" // of the Go runtime in it; on the lines where measure names it
	Cgroup  Group = "cgroup"  // of its leaf; on the lines where measure names it
	Perf    Group = "perf"    // of the processor; read, and on the lines, where measure names it
	Noise   Group = "noise"   // evidence about the host: in trials.jsonl, never on a line
)

// usual are the groups of an experiment that names none. Perf is not among them:
// counting is work at each context switch, fork and exit of the workload.
var usual = []string{string(Runtime), string(Cgroup)}

// Asked says whether an experiment's measure list, nil for the usual, has a group.
func Asked(measure []string, g Group) bool {
	if measure == nil {
		measure = usual
	}
	return g == Process || slices.Contains(measure, string(g))
}

// GroupOf is the group of a counter of the role under test; "" for a unit that is none.
func GroupOf(unit string) Group {
	i := slices.IndexFunc(counters, func(c Counter) bool { return c.Unit == unit })
	if i < 0 {
		return ""
	}
	return counters[i].Group
}

// NeedsWindow says of a counter that only a program which says when its window ends has
// it: of one that was not looked at before it ended it is gone.
func NeedsWindow(unit string) bool {
	return GroupOf(unit) == Runtime || slices.Contains(living, unit)
}

var living = []string{"peak-RSS-bytes", "rss-bytes", "anon-huge-bytes", "run-queue-wait-ns"}

// Counted says whether some of the samples has a value in a unit, on a line or among
// its counters, where zeros in ns stand alone.
func Counted(samples []Sample, unit string) bool {
	return slices.ContainsFunc(samples, func(s Sample) bool {
		_, counted := s.Counters[unit]
		return counted || slices.ContainsFunc(s.Lines, func(l Line) bool { _, printed := l.Get(unit); return printed })
	})
}

// WholeProcess is the time of a program that is its own window. The workloads of this
// tree have a window within, so that none of them has it.
const WholeProcess = "process-wall-ns"

// counters are all of them. One that this host does not have is absent, never zero.
var counters = []Counter{
	process("peak-RSS-bytes", wire.Lower, "VmHWM at the end of the window, set-up included (proc/PID/status)"),
	process("rss-bytes", wire.Lower, "resident memory at the end of the window (proc/PID/smaps_rollup)"),
	process("anon-huge-bytes", "", "anonymous memory in huge pages at the end of the window (proc/PID/smaps_rollup)"),
	process("minor-faults", wire.Lower, "page faults without reading from disk (proc/PID/stat)"),
	process("major-faults", wire.Lower, "page faults that read from disk (proc/PID/stat)"),
	process("voluntary-switches", wire.Lower, "context switches of all threads that waited (proc/PID/task/*/status)"),
	process("involuntary-switches", wire.Lower, "context switches of all threads that were preempted (proc/PID/task/*/status)"),
	process(WholeProcess, wire.Lower, "exec to exit, of a program that is its own window"),
	process("cpu-user-ns", wire.Lower, "user CPU time (cpu.stat, cpuacct; without a cgroup proc/PID/stat)"),
	process("cpu-system-ns", wire.Lower, "system CPU time (cpu.stat, cpuacct; without a cgroup proc/PID/stat)"),
	process("run-queue-wait-ns", wire.Lower, "time that threads were runnable and had no CPU, summed over threads (proc/PID/task/*/schedstat)"),

	runtime("gc-cycles", "", "collections that ended in the window (runtime/metrics /gc/cycles/total)"),
	runtime("gc-cpu-ns", wire.Lower, "CPU time of the garbage collector, estimated by the runtime (/cpu/classes/gc/total)"),
	runtime("alloc-bytes", wire.Lower, "heap memory allocated (/gc/heap/allocs:bytes)"),
	runtime("alloc-objects", wire.Lower, "heap objects allocated, tiny ones counted by their blocks (/gc/heap/allocs:objects)"),
	runtime("mutex-wait-ns", wire.Lower, "time that goroutines waited for a sync.Mutex or RWMutex, or for a lock of the runtime, summed (/sync/mutex/wait/total)"),

	perf("instructions", wire.Lower, "instructions retired"),
	perf("cpu-cycles", wire.Lower, "processor cycles; over task-clock-ns the mean frequency in GHz"),
	perf("branches", "", "branch instructions retired"),
	perf("branch-misses", wire.Lower, "mispredicted branches"),
	perf("dtlb-misses", wire.Lower, "loads whose address was not in the data TLB"),
	perf("llc-misses", wire.Lower, "loads that missed the last level cache"),
	perf("task-clock-ns", wire.Lower, "CPU time of all threads (software event)"),
	perf("cpu-migrations", wire.Lower, "moves of a thread to another CPU (software event)"),
	perf("page-faults", wire.Lower, "page faults of both kinds (software event)"),

	cgroup("cgroup-peak-bytes", "peak memory of the leaf, page cache and kernel memory included (memory.peak, memory.max_usage_in_bytes)"),
	cgroup("nr-periods", "periods of the CPU quota (cpu.stat)"),
	cgroup("nr-throttled", "periods in which the quota held the workload back (cpu.stat)"),
	cgroup("throttled-ns", "time held back by the quota (cpu.stat)"),
	cgroup("oom-kills", "processes of the leaf that the kernel killed for memory (memory.events, memory.oom_control)"),
	cgroup("cpu-pressure-ns", "time some task of the leaf waited for a CPU (cpu.pressure)"),
	cgroup("memory-pressure-ns", "time some task of the leaf waited for memory (memory.pressure)"),
	cgroup("io-pressure-ns", "time some task of the leaf waited for a device (io.pressure)"),

	noise("scavenge-cpu-ns", "CPU time for giving memory back to the kernel, estimated by the runtime (/cpu/classes/scavenge/total)"),
	noise("goroutines-created", "goroutines started in the window (/sched/goroutines-created; from Go 1.26 on)"),
	noise("goroutines", "goroutines as the window ended (/sched/goroutines)"),
	noise("heap-live-bytes", "heap that the last collection found alive (/gc/heap/live)"),
	noise("heap-goal-bytes", "heap size at which the next collection is to end (/gc/heap/goal)"),
	noise("heap-released-bytes", "free heap that was given back to the kernel (/memory/classes/heap/released)"),
	noise("runtime-bytes", "all memory mapped by the runtime, what was given back included (/memory/classes/total)"),
	noise("memory-high-events", "times the leaf was throttled to reclaim, over memory.high (memory.events)"),
	noise("memory-max-events", "times a charge met the leaf's limit (memory.events, memory.failcnt)"),
	noise("cpu-full-pressure-ns", "time in which tasks of the leaf were runnable and none of them ran: others had the CPU, or a quota (cpu.pressure; from Linux 5.13 on)"),
	noise("cpu-full-share", "that as a share of the window"),
	noise("cpu-denied-share", "the same, and no more than others ran on the measured CPUs where that is counted: an idle CPU takes time to wake, which others did not take"),
	noise("foreign-ns", "CPU time of others on the measured CPUs (cpuacct.usage_percpu of the root group, else proc/schedstat, less the workload's own)"),
	noise("kernel-threads-ns", "CPU time of the kernel's threads on the measured CPUs, where the workload has them work: it is not foreign (proc/PID/schedstat)"),
	noise("memory-full-pressure-ns", "time in which every task of the leaf waited for memory (memory.pressure)"),
	noise("io-full-pressure-ns", "time in which every task of the leaf waited for a device (io.pressure)"),
	noise("burst-ns", "CPU time used beyond the quota as a burst (cpu.stat; v2 only)"),
	noise("io-read-bytes", "bytes that the leaf read from devices (io.stat; v2 only)"),
	noise("io-write-bytes", "bytes that the leaf wrote to devices (io.stat; v2 only)"),
	noise("io-reads", "read requests of the leaf (io.stat; v2 only)"),
	noise("io-writes", "write requests of the leaf (io.stat; v2 only)"),
	noise("storage-read-bytes", "bytes that the process had fetched from storage (proc/PID/io)"),
	noise("storage-write-bytes", "bytes that the process caused to be sent to storage (proc/PID/io)"),
	noise("on-cpu-ns", "time of all threads on a CPU (proc/PID/task/*/schedstat)"),
	noise("timeslices", "times that a thread was put on a CPU (proc/PID/task/*/schedstat)"),
	noise("run-queue-share", "run-queue-wait-ns as a share of what the measured CPUs could give in the window; above 1 where several threads waited for one CPU"),
	noise("involuntary-switches/s", "involuntary switches a second on each measured CPU"),
	noise("numa-local-bytes", "memory of the process on the nodes of the measured CPUs at the end (proc/PID/numa_maps)"),
	noise("numa-remote-bytes", "memory of the process on other nodes at the end (proc/PID/numa_maps)"),
	noise("perf-counted-share", "smallest share of the window in which an event of measure: [perf] had a counter; below 1 counts are scaled up"),
	noise("thp-fault-allocs", "huge pages given at a page fault, whole host (proc/vmstat)"),
	noise("thp-collapse-allocs", "huge pages made by khugepaged, whole host (proc/vmstat)"),
	noise("thp-fault-fallbacks", "page faults that asked for a huge page and got small ones, whole host (proc/vmstat)"),
	noise("thp-collapse-failures", "huge pages that khugepaged could not get, whole host (proc/vmstat)"),
	noise("thp-page-splits", "huge pages split, whole host (proc/vmstat)"),
	noise("thp-map-splits", "mappings of huge pages split, whole host (proc/vmstat)"),
	noise("compact-stalls", "allocations that waited for memory to be compacted, whole host (proc/vmstat)"),
	noise("compact-daemon-wakes", "wake-ups of kcompactd, whole host (proc/vmstat)"),
	noise("host-major-faults", "page faults that read from disk, whole host (proc/vmstat)"),
	noise("numa-scans", "page table entries that NUMA balancing unmapped to see who touches them, whole host (proc/vmstat)"),
	noise("numa-hint-faults", "page faults for that, whole host (proc/vmstat)"),
	noise("numa-pages-migrated", "pages moved to another node, whole host (proc/vmstat)"),
	noise("numa-misses", "pages that came from another node than wished, whole host (proc/vmstat)"),
	noise("softirqs-timer", "timer interrupts on the measured CPUs (proc/softirqs)"),
	noise("softirqs-net-tx", "soft interrupts of network sending on the measured CPUs (proc/softirqs)"),
	noise("softirqs-net-rx", "soft interrupts of network receiving on the measured CPUs (proc/softirqs)"),
	noise("softirqs-block", "soft interrupts of block devices on the measured CPUs (proc/softirqs)"),
	noise("softirqs-sched", "load balancing on the measured CPUs (proc/softirqs)"),
	noise("softirqs-rcu", "RCU callbacks on the measured CPUs (proc/softirqs)"),
	noise("idle-entries", "times that the measured CPUs left an idle state (cpuidle/state*/usage)"),
	noise("idle-ns", "time that the measured CPUs were in idle states, summed (cpuidle/state*/time)"),
	noise("disabled-idle-entries", "times that they left one that is disabled (cpuidle/state*/disable)"),
	noise("disabled-idle-ns", "time that they were in states that are disabled"),
	noise("cpu-frequency-hz", "lowest frequency of the measured CPUs as the window ended (cpufreq/scaling_cur_freq)"),
	noise("frequency-drop", "how far that is below the CPU's ceiling, as a share of it (cpufreq/scaling_max_freq)"),
	noise("thermal-throttles", "times that the measured CPUs or their packages were slowed down for heat (thermal_throttle)"),
	noise("pages-swapped-in", "pages swapped in, whole host (proc/vmstat)"),
	noise("pages-swapped-out", "pages swapped out, whole host (proc/vmstat)"),
	noise("steal-share", "share of the window that the hypervisor took from the measured CPUs (proc/stat)"),
	noise("foreign-share", "share of the window that other work took on the measured CPUs (foreign-ns; where that is not counted proc/stat less the workload)"),
	noise("clock-step-ns", "wall clock against monotonic clock over the window"),
	noise("window-ns", "begin to end of the window, as the workload saw it"),
}

func process(unit string, better wire.Better, doc string) Counter {
	return Counter{wire.Metric{Unit: unit, Better: better, Doc: doc}, Process}
}

func cgroup(unit, doc string) Counter {
	return Counter{wire.Metric{Unit: unit, Better: wire.Lower, Doc: doc}, Cgroup}
}

func runtime(unit string, better wire.Better, doc string) Counter {
	return Counter{wire.Metric{Unit: unit, Better: better, Doc: doc}, Runtime}
}

func perf(unit string, better wire.Better, doc string) Counter {
	return Counter{wire.Metric{Unit: unit, Better: better, Doc: doc + ", of all threads in the window, kernel included where it may be (perf_event_open(2))"}, Perf}
}

func noise(unit, doc string) Counter { return Counter{wire.Metric{Unit: unit, Doc: doc}, Noise} }

// Vocabulary is every counter there is, those that stand on no line included.
func Vocabulary() []Counter { return slices.Clone(counters) }

// Counters lists the counters that can stand on a line, whatever the measure list:
// those of the role under test, then, with its name before the unit, those of each
// role beside it.
func Counters(beside ...string) []wire.Metric {
	return metrics(func(g Group) bool { return g != Noise }, beside)
}

func metrics(wanted func(Group) bool, beside []string) []wire.Metric {
	var ms []wire.Metric
	for _, c := range counters {
		if wanted(c.Group) {
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

// Extend adds the counters that an experiment's measure list asks for to a line,
// in the order of their list. The workload's own value of a unit stands.
//
// Note: a zero in a unit of ns is left out. benchfmt tidies "5 x-ns" to x-sec
// but leaves "0 x-ns" as it is, so zeros would split every table in two. It
// still stands among the counters in trials.jsonl.
func (l *Line) Extend(values map[string]float64, measure []string, beside ...string) {
	for _, m := range metrics(func(g Group) bool { return Asked(measure, g) }, beside) {
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

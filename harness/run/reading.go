package run

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sysfs"
)

// A snapshot is what the host shows at one end of the window.
type snapshot struct {
	taken  bool
	counts map[string]float64 // by unit, growing
	ticks  map[int]cpuTicks   // by CPU
	offset int64              // wall clock less monotonic clock, ns
}

// cpuTicks are fields of a cpuN line of proc/stat, in ticks of 1/100 s (USER_HZ).
type cpuTicks struct{ busy, steal int64 }

const tick = 10_000_000 // ns of one tick

// read takes the readings of one end of the window, those of each role's process
// and leaf given to it by take. What can't be read is absent.
func (t *trial) read(take func(a *actor, counts map[string]float64)) snapshot {
	for _, a := range t.actors {
		counts := processCounts(t.FS, a.process.PID)
		if c, err := a.leaf.Counters(); err == nil {
			maps.Copy(counts, c)
		}
		take(a, counts)
	}
	host := snapshot{taken: true, counts: map[string]float64{}, offset: clockOffset()}
	vmstat(t.FS, host.counts)
	host.ticks = hostTicks(t.FS)
	return host
}

// count gives each role the counters of the window, whose length is in ns. Those of
// the host stand with the role under test.
func (t *trial) count(window int64) {
	for _, a := range t.actors {
		a.counts = grown(a.begun, a.closed)
	}
	for _, a := range t.actors {
		t.shares(a, window)
		maps.Copy(a.counts, living(t.FS, a.process.PID))
	}
	c := t.tested().counts
	maps.Copy(c, grown(t.begun.counts, t.closed.counts))
	step := t.closed.offset - t.begun.offset
	c["clock-step-ns"] = float64(max(step, -step))
	c["window-ns"] = float64(window)
}

// grown is what counters grew by between two readings, and peaks as they stand.
func grown(begin, end map[string]float64) map[string]float64 {
	c := map[string]float64{}
	for unit, v := range end {
		before, ok := begin[unit]
		switch {
		case peaks[unit]:
			c[unit] = v
		case ok && v >= before:
			c[unit] = v - before
		}
	}
	return c
}

// peaks are readings at the end, not growth.
var peaks = map[string]bool{"cgroup-peak-bytes": true}

// shortest is the window, in ns, from which shares can be told from ticks.
const shortest = 10 * tick

// shares adds what others took of the CPUs of a role. Each is counted less one
// tick: the kernel shows whole ticks, which may have gathered before the window.
// A role that has some of these CPUs too is none of the others.
func (t *trial) shares(a *actor, window int64) {
	if window < shortest || len(a.CPUs) == 0 {
		return
	}
	var busy, steal int64
	for _, cpu := range a.CPUs {
		now, ok := t.closed.ticks[cpu]
		before, ok2 := t.begun.ticks[cpu]
		if !ok || !ok2 {
			return
		}
		busy += now.busy - before.busy
		steal += now.steal - before.steal
	}
	whole := float64(window) * float64(len(a.CPUs))
	a.counts["steal-share"] = max(0, float64(steal-1)*tick/whole)
	own := 0.0
	for _, b := range t.actors {
		if slices.ContainsFunc(b.CPUs, func(cpu int) bool { return slices.Contains(a.CPUs, cpu) }) {
			own += b.counts["cpu-user-ns"] + b.counts["cpu-system-ns"]
		}
	}
	a.counts["foreign-share"] = max(0, (float64((busy-1)*tick)-own)/whole)
}

// processCounts reads proc/PID/stat and the switches of all its threads.
func processCounts(fs sysfs.FS, pid int) map[string]float64 {
	c := map[string]float64{}
	stat, err := fs.Read(fmt.Sprintf("proc/%d/stat", pid))
	if err != nil {
		return c
	}
	// Fields count from 3 after the name, which is in parentheses and may hold anything.
	f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	field := func(n int) float64 {
		if n-3 >= len(f) {
			return 0
		}
		v, _ := strconv.ParseFloat(f[n-3], 64)
		return v
	}
	c["minor-faults"], c["major-faults"] = field(10), field(12)
	c["cpu-user-ns"], c["cpu-system-ns"] = field(14)*tick, field(15)*tick
	switches(fs, pid, c)
	return c
}

func switches(fs sysfs.FS, pid int, c map[string]float64) {
	tasks, err := os.ReadDir(fs.Path(fmt.Sprintf("proc/%d/task", pid)))
	if err != nil {
		return
	}
	for _, task := range tasks {
		status, err := fs.Read(fmt.Sprintf("proc/%d/task/%s/status", pid, task.Name()))
		if err != nil {
			continue
		}
		c["voluntary-switches"] += labelled(status, "voluntary_ctxt_switches:")
		c["involuntary-switches"] += labelled(status, "nonvoluntary_ctxt_switches:")
	}
}

// living reads what only a living process shows: its peak, its pages.
func living(fs sysfs.FS, pid int) map[string]float64 {
	c := map[string]float64{}
	if status, err := fs.Read(fmt.Sprintf("proc/%d/status", pid)); err == nil && strings.Contains(status, "VmHWM:") {
		c["peak-RSS-bytes"] = labelled(status, "VmHWM:") * 1024
	}
	if rollup, err := fs.Read(fmt.Sprintf("proc/%d/smaps_rollup", pid)); err == nil {
		c["rss-bytes"] = labelled(rollup, "Rss:") * 1024
		c["anon-huge-bytes"] = labelled(rollup, "AnonHugePages:") * 1024
	}
	return c
}

// labelled is the number after a label at the start of a line; 0 where there is none.
func labelled(text, label string) float64 {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, label); ok {
			if f := strings.Fields(rest); len(f) > 0 {
				v, _ := strconv.ParseFloat(f[0], 64)
				return v
			}
		}
	}
	return 0
}

// vmstatUnits are the host-wide counters that knobs are judged by.
var vmstatUnits = map[string]string{
	"thp_fault_alloc":    "thp-fault-allocs",
	"thp_collapse_alloc": "thp-collapse-allocs",
	"pswpin":             "pages-swapped-in",
	"pswpout":            "pages-swapped-out",
}

func vmstat(fs sysfs.FS, c map[string]float64) {
	text, err := fs.Read("proc/vmstat")
	if err != nil {
		return
	}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if unit, ok := vmstatUnits[name]; ok {
			if v, err := strconv.ParseFloat(value, 64); err == nil {
				c[unit] = v
			}
		}
	}
}

// hostTicks reads proc/stat: cpuN user nice system idle iowait irq softirq steal guest guest_nice.
// Guest time is already part of user time.
func hostTicks(fs sysfs.FS) map[int]cpuTicks {
	text, err := fs.Read("proc/stat")
	if err != nil {
		return nil
	}
	ticks := map[int]cpuTicks{}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "cpu") {
			break // they stand first; the interrupts below have thousands of fields
		}
		f := strings.Fields(line)
		if len(f) < 9 {
			continue
		}
		cpu, err := strconv.Atoi(f[0][len("cpu"):])
		if err != nil {
			continue
		}
		var t cpuTicks
		for _, i := range []int{1, 2, 3, 6, 7} {
			v, _ := strconv.ParseInt(f[i], 10, 64)
			t.busy += v
		}
		t.steal, _ = strconv.ParseInt(f[8], 10, 64)
		ticks[cpu] = t
	}
	return ticks
}

// clockOffset is the wall clock less the monotonic clock, in ns. It moves only
// when someone sets or slews the wall clock.
func clockOffset() int64 {
	var wall, mono unix.Timespec
	unix.ClockGettime(unix.CLOCK_REALTIME, &wall)
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono)
	return wall.Nano() - mono.Nano()
}

// environ reads the environment that a process was started with.
func environ(fs sysfs.FS, pid int) map[string]string {
	b, err := os.ReadFile(fs.Path(fmt.Sprintf("proc/%d/environ", pid)))
	if err != nil {
		return nil
	}
	env := map[string]string{}
	for kv := range bytes.SplitSeq(b, []byte{0}) {
		if key, value, ok := strings.Cut(string(kv), "="); ok {
			env[key] = value
		}
	}
	return env
}

// affinity is the CPUs that a process may use; nil where that can't be told.
func affinity(pid int) []int {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(pid, &set); err != nil {
		return nil
	}
	var cpus []int
	for cpu := 0; len(cpus) < set.Count(); cpu++ {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus
}

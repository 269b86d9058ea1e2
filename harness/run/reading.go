package run

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/sysfs"
)

// A reading is the kernel's counters at one end of the window.
type reading struct {
	counts map[string]float64 // by unit, growing
	ticks  map[int]cpuTicks   // by CPU, of the whole host
	offset int64              // wall clock less monotonic clock, ns
}

// cpuTicks are fields of a cpuN line of proc/stat, in ticks of 1/100 s (USER_HZ).
type cpuTicks struct{ busy, steal int64 }

const tick = 10_000_000 // ns of one tick

// read takes a reading of the leaf, the process and the host. What can't be
// read is absent.
func (t *trial) read() reading {
	r := reading{counts: processCounts(t.FS, t.process.PID), offset: clockOffset()}
	if c, err := t.leaf.Counters(); err == nil {
		maps.Copy(r.counts, c)
	}
	vmstat(t.FS, r.counts)
	r.ticks = hostTicks(t.FS)
	return r
}

// since gives the counters of a window: growth between two readings, peaks as
// they stand, and shares of the window's length in ns on the measured CPUs.
func (r reading) since(begin reading, window int64, cpus []int) map[string]float64 {
	c := map[string]float64{"window-ns": float64(window)}
	for unit, v := range r.counts {
		before, ok := begin.counts[unit]
		switch {
		case peaks[unit]:
			c[unit] = v
		case ok && v >= before:
			c[unit] = v - before
		}
	}
	step := r.offset - begin.offset
	c["clock-step-ns"] = float64(max(step, -step))
	r.shares(c, begin, window, cpus)
	return c
}

// peaks are readings at the end, not growth.
var peaks = map[string]bool{"cgroup-peak-bytes": true}

// shortest is the window, in ns, from which shares can be told from ticks.
const shortest = 10 * tick

// shares adds what others took of the measured CPUs. Each is counted less one
// tick: the kernel shows whole ticks, which may have gathered before the window.
func (r reading) shares(c map[string]float64, begin reading, window int64, cpus []int) {
	if window < shortest || len(cpus) == 0 {
		return
	}
	var busy, steal int64
	for _, cpu := range cpus {
		now, ok := r.ticks[cpu]
		before, ok2 := begin.ticks[cpu]
		if !ok || !ok2 {
			return
		}
		busy += now.busy - before.busy
		steal += now.steal - before.steal
	}
	whole := float64(window) * float64(len(cpus))
	c["steal-share"] = max(0, float64(steal-1)*tick/whole)
	own := c["cpu-user-ns"] + c["cpu-system-ns"]
	c["foreign-share"] = max(0, (float64((busy-1)*tick)-own)/whole)
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

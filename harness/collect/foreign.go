package collect

import (
	"bytes"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

var _ = register(Collector{
	Name:  "cpuacct",
	Doc:   "CPU time of all tasks on the measured CPUs, exact for short windows too (cpuacct.usage_percpu of the root group, kernel/sched/cpuacct.c; without cgroup v1 proc/schedstat, scheduler/sched-stats.rst)",
	Group: "noise",
	Read: func(r *Reader, c Moment) {
		everyone(r, c)
		reader(r, c)
	},
})

// everyoneNS is what tasks of all groups, the kernel's threads among them, had of the
// measured CPUs.
const everyoneNS = hidden + "everyone"

// everyone prefers the group's count, which goes with that of the leaf: both grow as
// the scheduler charges a task. That of schedstat grows as a task leaves its CPU, by
// all time since it came: a stretch that ends in the window counts whole, one that
// is not over as the window ends is left out, and what a hypervisor or an interrupt
// took of it is in it.
func everyone(r *Reader, c Moment) {
	if text, ok := r.Host(r.set.rootUsage()); ok {
		usagePerCPU(text, r.CPUs, c)
	} else if text, ok := r.Host("proc/schedstat"); ok {
		runtimes(text, r.CPUs, c)
	}
}

// Everyone is the CPU time, in ns, that all tasks have had of some CPUs; ok is false
// where nothing here counts it.
func (s *Set) Everyone(cpus []int) (ns float64, ok bool) {
	m := Moment{}
	everyone(&Reader{Who: Who{CPUs: cpus}, set: s}, m)
	ns, ok = m[everyoneNS]
	return ns, ok
}

// readerNS is the CPU time of this process, where all of that is on measured CPUs: a
// harness that has none of its own shares one of theirs. It reads while the workload
// waits, and for the rest of the window it is still.
const readerNS = hidden + "reader"

func reader(r *Reader, c Moment) {
	var on unix.CPUSet
	var used unix.Rusage
	if r.PID == os.Getpid() || unix.SchedGetaffinity(0, &on) != nil || unix.Getrusage(unix.RUSAGE_SELF, &used) != nil {
		return
	}
	for _, cpu := range r.CPUs {
		on.Clear(cpu)
	}
	if on.Count() == 0 {
		c[readerNS] = float64(used.Utime.Nano() + used.Stime.Nano())
	}
}

// rootUsage is the file of cgroup v1's root group, looked for once; empty where there
// is none. A container may see another group in its place, which no release_agent
// stands beside: that is the root's alone (cgroup-v1/cgroups.rst, 1.4).
func (s *Set) rootUsage() string {
	if s.usage == nil {
		s.usage = new(string)
		names, _ := s.fs.Glob("sys/fs/cgroup/*/cpuacct.usage_percpu")
		for _, name := range names {
			if s.fs.Exists(strings.TrimSuffix(name, "cpuacct.usage_percpu") + "release_agent") {
				*s.usage = name
				break
			}
		}
	}
	return *s.usage
}

// usagePerCPU reads ns, one number for each possible CPU. Where one of the CPUs has
// none nothing is added.
func usagePerCPU(text []byte, cpus []int, c Moment) {
	sum, found := 0.0, 0
	for cpu := int64(0); ; cpu++ {
		n, rest, ok := number(text)
		if !ok {
			break
		}
		if text = rest; among(cpus, cpu) {
			sum += float64(n)
			found++
		}
	}
	if found == len(cpus) && found > 0 {
		c[everyoneNS] = sum
	}
}

// runtimes reads the lines "cpuN" and nine numbers, of which the seventh is the ns
// that tasks ran on it, in versions 15 to 17 of the format; other lines are of
// scheduling domains.
func runtimes(text []byte, cpus []int, c Moment) {
	sum, found := 0.0, 0
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(line, []byte("cpu"))
		if !ok {
			continue
		}
		cpu, rest, ok := number(rest)
		if !ok || !among(cpus, cpu) {
			continue
		}
		var ran int64
		for range 7 {
			if ran, rest, ok = number(rest); !ok {
				return
			}
		}
		sum += float64(ran)
		found++
	}
	if found == len(cpus) && found > 0 {
		c[everyoneNS] = sum
	}
}

// shortestExact is the window, in ns, from which a share of exact times is told: what
// runs as it begins, the harness perhaps, was last charged up to a tick before.
const shortestExact = 10_000_000

// What others took of the measured CPUs, and what of it the workload wanted. That a
// task is runnable and does not run is no proof that another has its CPU: an idle one
// takes time to wake, a virtual one tens of microseconds. So others denied it no more
// than they ran.
var _ = derive(func(begin, end Moment, w Window, c map[string]float64) {
	own, counted := owned(begin, end, w, c)
	if len(w.CPUs) == 0 || w.NS <= 0 {
		return
	}
	waited, asked := c["cpu-full-pressure-ns"]
	if everyone, ok := grown(begin, end, everyoneNS); ok && counted {
		foreign := max(0, everyone-own)
		c["foreign-ns"] = foreign
		waited = min(waited, foreign)
		if w.NS >= shortestExact {
			c["foreign-share"] = share(foreign, w.whole())
		}
	} else if busy, ok := grown(begin, end, busyTicks); ok && counted && w.NS >= shortest {
		c["foreign-share"] = share((busy-1)*tick-own, w.whole())
	}
	if asked {
		c["cpu-denied-share"] = share(waited, float64(w.NS))
	}
})

// owned is the CPU time, in ns, that is not foreign: the workload's, that of other roles
// on its CPUs, what the kernel did on its behalf, and the reading of all that.
func owned(begin, end Moment, w Window, c map[string]float64) (float64, bool) {
	user, ok := c["cpu-user-ns"]
	system, ok2 := c["cpu-system-ns"]
	kernel, _ := onBehalf(begin, end)
	read, _ := grown(begin, end, readerNS)
	return user + system + w.Shared + kernel + read, ok && ok2
}

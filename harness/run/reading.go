package run

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/sysfs"
)

// moment reads the counters of every role at one end of the window, while the
// workload waits.
func (t *trial) moment(end bool, take func(a *actor, m collect.Moment)) {
	t.Local.mu.Lock()
	defer t.Local.mu.Unlock()
	for _, a := range t.actors {
		who := collect.Who{PID: a.process.PID, CPUs: a.CPUs, Leaf: a.leaf.Counters, Beside: !a.Tested, KernelWork: a.Kernel}
		take(a, t.Collectors.Read(who, end, t.Collect))
	}
}

// count gives each role the counters of the window, whose length is in ns. A role
// that has some of another's CPUs too is not foreign to it.
func (t *trial) count(window int64) {
	for _, a := range t.actors {
		w := collect.Window{NS: window, CPUs: a.CPUs}
		for _, b := range t.actors {
			if b != a && slices.ContainsFunc(b.CPUs, func(cpu int) bool { return slices.Contains(a.CPUs, cpu) }) {
				w.Shared += collect.CPUTime(b.begun, b.closed)
			}
		}
		a.counts = collect.Between(a.begun, a.closed, w)
		maps.Copy(a.counts, a.events)
		if !a.Tested {
			delete(a.counts, "window-ns") // there is one window
		}
	}
}

// countsEvents says whether events of the processor are counted of a role.
func (t *trial) countsEvents(a *actor) bool {
	return t.Perf != nil && a.Tested && (t.Collect == nil || slices.Contains(t.Collect, sample.Perf))
}

// environ reads the environment that a process was started with; nil where it
// can't be told, as of one that has ended.
func environ(fs sysfs.FS, pid int) map[string]string {
	b, err := os.ReadFile(fs.Path(fmt.Sprintf("proc/%d/environ", pid)))
	if err != nil || len(b) == 0 {
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

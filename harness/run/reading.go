package run

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

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
// can't be told, as of one that has ended. In exec the kernel closes what tells the
// parent of it before the process has its environment (begin_new_exec and
// create_elf_tables, fs/exec.c and fs/binfmt_elf.c): until then there is none to read.
func environ(fs sysfs.FS, pid int) map[string]string {
	var text []byte
	for patience := birth; len(text) == 0 && patience > 0 && lives(fs, pid); patience -= glimpse {
		var err error
		if text, err = os.ReadFile(fs.Path(fmt.Sprintf("proc/%d/environ", pid))); err != nil {
			return nil
		}
		if len(text) == 0 {
			time.Sleep(glimpse)
		}
	}
	if len(text) == 0 {
		return nil
	}
	env := map[string]string{}
	for kv := range bytes.SplitSeq(text, []byte{0}) {
		if key, value, ok := strings.Cut(string(kv), "="); ok {
			env[key] = value
		}
	}
	return env
}

const (
	birth   = time.Second // a process that has no environment by then has none at all
	glimpse = 50 * time.Microsecond
)

// lives says whether a process runs a program: one that has ended and was not waited
// for has none.
func lives(fs sysfs.FS, pid int) bool {
	_, err := os.Readlink(fs.Path(fmt.Sprintf("proc/%d/exe", pid)))
	return err == nil
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

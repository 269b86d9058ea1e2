package run

import (
	"fmt"
	"maps"
	"slices"

	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/sample"
)

// A program that knows nothing of the control channel has no window of its own:
// what the harness counts of it is the whole process, from exec to exit.

// around reads what goes on around the process, at its start or at its end.
func (t *trial) around(a *actor, end bool) collect.Moment {
	groups := []sample.Group{}
	if t.Collect == nil || slices.Contains(t.Collect, sample.Noise) {
		groups = append(groups, sample.Noise)
	}
	return t.Collectors.Read(collect.Who{CPUs: a.CPUs, KernelWork: a.Kernel}, end, groups)
}

// whole counts what the process took, its children included, and what went on
// around it. The leaf is as old as the process: all that it counted is the process's.
func (t *trial) whole(a *actor) {
	u := a.exit.Usage
	own := map[string]float64{
		"cpu-user-ns": float64(u.User), "cpu-system-ns": float64(u.System),
		"minor-faults": float64(u.MinorFaults), "major-faults": float64(u.MajorFaults),
		"voluntary-switches": float64(u.Voluntary), "involuntary-switches": float64(u.Involuntary),
		"storage-read-bytes": float64(u.Read), "storage-write-bytes": float64(u.Written),
	}
	total, _ := a.leaf.Counters() // those that could be read
	maps.Copy(own, total)
	a.closed = t.around(a, true)
	for unit, v := range own {
		a.begun[unit], a.closed[unit] = 0, v
	}
	t.count(int64(a.exit.Wall))
	maps.Copy(a.counts, a.counted())
	a.counts[sample.WholeProcess] = float64(a.exit.Wall)
}

// unseen says what is not counted of a program that has no window, and why. Of its peak
// the kernel keeps the larger of its own and of what started it (setmax_mm_hiwater_rss
// in exec_mmap, fs/exec.c), which is the harness.
const unseen = "not counted of a program that is its own window: peak-RSS-bytes, rss-bytes, run-queue-wait-ns, timeslices and what the Go runtime counts (it has ended when it is looked at; cgroup-peak-bytes, cpu-full-share and cpu-denied-share are there)"

// printed are the lines of what the workload printed. Where metrics are read from
// stderr, it must be whole.
func (t *trial) printed(p *actor, out []byte) ([]sample.Line, error) {
	if !t.Find.Stderr() {
		return t.Find.Lines(out, nil)
	}
	text, lost := p.stderr.rest()
	if lost > 0 {
		return nil, tooMuch(lost)
	}
	return t.Find.Lines(out, text)
}

func tooMuch(lost int64) error {
	return fmt.Errorf("printed %d bytes more than the %d that are kept (have it print less beside its results)", lost, keepStdout)
}

// stderrKept is how much of stderr is kept: its end, for the reason that stands
// there, or as much as of stdout where metrics are, or what the scheduler did.
func (t *trial) stderrKept(a *actor) int {
	if t.Find.Stderr() || t.schedTraced(a) {
		return keepStdout
	}
	return keepStderr
}

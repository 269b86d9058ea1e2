package run

import (
	"errors"
	"maps"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// judge says how the trial ended and what it measured.
func (t *trial) judge() {
	first, last := t.actors[0], t.actors[0]
	for _, a := range t.actors {
		if a.process == nil {
			continue
		}
		t.finalCounters(a)
		if a.ended() > last.ended() {
			last = a
		}
	}
	t.s.Wall = last.ended() - first.since.UnixNano()
	var out []byte
	var lost int64
	p := t.printer()
	if p.process != nil {
		out, lost = p.stdout.rest()
		t.runtime(p, string(out))
		t.course(p, string(out))
	}
	if p.process != nil && p.stdout.followed {
		t.s.Spent = spent(out, p.stdout.arrivals, time.Unix(0, p.ended()))
	}
	t.gather()
	if p.process != nil {
		t.lines(p, out, lost)
	}
	if t.s.Outcome == sample.Void {
		t.ending(t.printer())
		return
	}
	culprit := t.culprit()
	t.ending(culprit)
	t.s.Outcome, t.s.Error = t.outcome(culprit)
	if t.s.Outcome != sample.OK {
		return
	}
	for _, a := range t.actors {
		t.evidence(a)
		t.taints(a)
		t.standings(a)
	}
}

// ending is how the process of a role ended.
func (t *trial) ending(a *actor) {
	t.s.Exit = a.exit.Status
	if a.exit.Signal != 0 {
		t.s.Signal = unix.SignalName(a.exit.Signal)
	}
}

// culprit is the role that failed first: the others then failed for the want of
// it, or were killed. Where time ran out it is the one that was waited for, where
// none failed the one that prints.
func (t *trial) culprit() *actor {
	var found *actor
	for _, a := range t.actors {
		if a.process == nil {
			continue
		}
		if o, _ := t.outcome(a); o != sample.OK && (found == nil || t.before(a, found)) {
			found = a
		}
	}
	if found == nil {
		return t.printer()
	}
	if len(t.actors) > 1 {
		t.s.Role = found.Name
	}
	return found
}

// before says whether the failure of a comes before that of b.
func (t *trial) before(a, b *actor) bool {
	if t.timedOut && (a == t.heard || b == t.heard) {
		return a == t.heard
	}
	return a.ended() < b.ended()
}

// finalCounters adds what only the end shows: kills for memory, and, where
// there was no window, the whole process.
func (t *trial) finalCounters(a *actor) {
	if a.counts == nil {
		a.counts = map[string]float64{}
	}
	if t.s.Window != sample.Whole {
		if n, ok := a.leaf.OOMKills(); ok {
			a.counts["oom-kills"] = n
		}
		return
	}
	t.whole(a)
}

// gather puts the counters of all roles together, by what they are called in results.
func (t *trial) gather() {
	t.s.Counters = map[string]float64{}
	for _, a := range t.actors {
		for unit, v := range a.counts {
			t.s.Counters[a.unit(unit)] = v
		}
	}
}

// lines parses what was printed, makes one line of all that have one name, and
// adds the counters to each.
func (t *trial) lines(p *actor, out []byte, lost int64) {
	printed, err := t.printed(p, out)
	if err != nil {
		p.foul = errors.Join(p.foul, err)
	}
	lines := sample.Fold(printed)
	if len(lines) < len(printed) {
		t.s.Raw = printed
	}
	if lost > 0 {
		p.foul = errors.Join(p.foul, tooMuch(lost))
	}
	for i := range lines {
		lines[i].Extend(t.s.Counters, t.Measure, t.beside()...)
	}
	t.s.Lines = lines
}

// runtime takes over what the Go runtime in the role that prints says it counted.
func (t *trial) runtime(p *actor, out string) {
	stats, ok, err := wire.FindStats(out)
	if err != nil {
		p.foul = errors.Join(p.foul, err)
	}
	if !ok {
		return
	}
	maps.Copy(p.counts, stats.Counters)
	for unit, buckets := range stats.Histograms {
		put(&t.s.Histograms, p.unit(unit), buckets)
	}
}

// course takes over how the window went, as the role that prints noted it.
func (t *trial) course(p *actor, out string) {
	var err error
	if t.s.Course, err = wire.FindCourse(out); err != nil {
		p.foul = errors.Join(p.foul, err)
	}
}

// beside are the names of the roles that are not under test.
func (t *trial) beside() []string {
	var names []string
	for _, a := range t.actors {
		if !a.Tested {
			names = append(names, a.Name)
		}
	}
	return names
}

// evidence puts together what the trial counted of a role: by the kernel, and what
// the role that prints says of itself.
func (t *trial) evidence(a *actor) {
	a.proof.Counts = maps.Clone(a.counts)
	a.proof.Said = complaints(a)
	if a == t.printer() {
		maps.Copy(a.proof.Counts, t.said())
	}
}

// complaints are what the Go runtime said of GODEBUG as a role started, which is no more
// there where the role said a lot after it.
func complaints(a *actor) (lines []string) {
	text, _ := a.stderr.rest()
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "GODEBUG: ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// said is what stands on the lines, by unit.
func (t *trial) said() map[string]float64 {
	values := map[string]float64{}
	for _, l := range t.s.Lines {
		for _, v := range l.Values {
			values[v.Unit] = v.Value
		}
	}
	return values
}

// taints says what of a role's makes the trial doubtful: its counters, and what
// the workload itself says, with the role that prints it.
func (t *trial) taints(a *actor) {
	for _, taint := range sample.Taints(a.counts, a.Causes) {
		taint.Kind, taint.Unit = a.unit(taint.Kind), a.unit(taint.Unit)
		t.s.Taints = append(t.s.Taints, taint)
	}
	if a != t.printer() {
		return
	}
	own := t.said()
	maps.DeleteFunc(own, func(unit string, _ float64) bool { _, counted := t.s.Counters[unit]; return counted })
	t.s.Taints = append(t.s.Taints, sample.Taints(own, a.Causes)...)
}

// standings says of each knob of a role how its level stood.
func (t *trial) standings(a *actor) {
	for key, level := range knob.Effective(a.Levels, a.Effects, a.proof) {
		put(&t.s.Effective, a.key(key), level)
	}
	for key, st := range knob.Judge(a.Levels, a.Effects, a.proof) {
		put(&t.s.Standings, a.key(key), sample.Standing{Word: string(st.Word), Why: st.Why})
	}
}

func put[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = v
}

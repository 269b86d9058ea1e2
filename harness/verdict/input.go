package verdict

import (
	"maps"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// An Input is all that a judgement rests on. Nothing in it is changed.
type Input struct {
	Plan plan.Plan

	Main   []sample.Sample // one attempt a trial: the main analysis (sample.Chosen)
	First  []sample.Sample // the first attempt that counts (sample.First): the sensitivity line
	Failed []sample.Sample // attempts that failed, of any outcome; void ones are passed over

	Metrics    []wire.Metric     // of the workload and of the harness's counters
	Untestable map[int]string    // cell -> why it can't be tested here
	Binaries   map[int]string    // cell -> sha256 of what it runs; may be nil
	Build      []string          // keys of build knobs: cells that differ only there may share a binary
	Facts      map[string]string // go, kernel and arch, to hold source.at against
	Uncounted  map[string]string // unit -> why this machine can't count it
	Bootstrap  bool              // also work out bootstrap intervals, on which no verdict rests: milliseconds a side
}

// A part is one sub-claim: a relation of a claim in one case.
type part struct {
	claim spec.Claim
	name  string // direction, magnitude or predict
	rel   spec.Relation
	fix   map[string]string // levels of the case, where each splits
	label string            // "gomaxprocs=2"
}

// Count is m: the sub-claims that a plan declares, the untestable ones counted.
func Count(p plan.Plan) int { return len(parts(p)) }

func parts(p plan.Plan) []part {
	var all []part
	for _, c := range p.Spec.Claims {
		for _, fix := range cases(p, c.Compare) {
			for _, x := range c.Parts() {
				all = append(all, part{claim: c, name: x.Name, rel: x.Relation, fix: fix, label: label(c.Compare.Each, fix)})
			}
		}
	}
	return all
}

// cases are the combinations of levels that a comparison is split by, in the
// order of the plan; one empty case without each, or where no cell fits.
func cases(p plan.Plan, c spec.Compare) []map[string]string {
	if len(c.Each) == 0 {
		return []map[string]string{nil}
	}
	var all []map[string]string
	of := c.Of.Levels()
	for _, cell := range p.Cells {
		if cell.Arm != plan.ArmMain || !matches(p, cell, of) {
			continue
		}
		fix := map[string]string{}
		for _, key := range c.Each {
			fix[key.Text] = p.Level(cell, key.Text)
		}
		if !slices.ContainsFunc(all, func(m map[string]string) bool { return maps.Equal(m, fix) }) {
			all = append(all, fix)
		}
	}
	if len(all) == 0 {
		return []map[string]string{nil}
	}
	return all
}

func matches(p plan.Plan, c plan.Cell, want map[string]string) bool {
	for key, level := range want {
		if p.Level(c, key) != level {
			return false
		}
	}
	return true
}

func label(each []spec.Scalar, fix map[string]string) string {
	if fix == nil {
		return ""
	}
	text := ""
	for i, key := range each {
		if i > 0 {
			text += " "
		}
		text += key.Text + "=" + fix[key.Text]
	}
	return text
}

// questions are the comparisons of a part, one a denominator, with how each is called.
func (in Input) questions(x part) (qs []stat.Question, to []string) {
	c := x.claim.Compare
	q := stat.Question{
		Metric: c.Metric.Text, Benchmark: c.Benchmark.Text, Quantity: stat.Quantity(x.rel.Quantity),
		Of: c.Of.Levels(), Fix: x.fix, Without: in.without(), Resolution: in.resolution(c.Metric.Text),
	}
	if x.rel.Quantity.Alone() {
		return []stat.Question{q}, []string{""}
	}
	for _, s := range c.To {
		q.To = s.Levels()
		qs, to = append(qs, q), append(to, s.String())
	}
	return qs, to
}

func (in Input) without() map[int]bool {
	m := make(map[int]bool, len(in.Untestable))
	for c := range in.Untestable {
		m[c] = true
	}
	return m
}

// metric is what is known of a unit; ok is false where nothing is.
func (in Input) metric(unit string) (m wire.Metric, ok bool) {
	for _, m := range in.Metrics {
		if _, same := stat.Same(m.Unit, unit); same {
			return m, true
		}
	}
	return wire.Metric{}, false
}

// resolution is a metric's, in a claim's unit for it.
func (in Input) resolution(unit string) wire.Resolution {
	m, ok := in.metric(unit)
	if !ok {
		return wire.Resolution{}
	}
	factor, _ := stat.Same(m.Unit, unit)
	m.Resolution.Absolute *= factor
	return m.Resolution
}

// region is a relation's region in the metric's unit; ok is false where the
// relation's unit does not fit.
func region(r spec.Relation, metric string) (stat.Region, bool) {
	factor, ok := r.Scale(metric)
	if !ok {
		return stat.Region{}, false
	}
	lo, hi := stat.Bound(r.Lo), stat.Bound(r.Hi)
	lo.Value, hi.Value = lo.Value*factor, hi.Value*factor
	return stat.Region{Lo: lo, Hi: hi}, true
}

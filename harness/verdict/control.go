package verdict

import (
	"fmt"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// controlLevel is what a control's interval is drawn at: a sound aa arm fails
// in one of twenty runs on each metric.
const controlLevel = 0.95

// controls judges the arms that test the instrument.
func (in Input) controls() []Control {
	var all []Control
	for _, c := range in.Plan.Cells {
		switch c.Arm {
		case plan.ArmAA:
			for _, q := range in.claimed() {
				all = append(all, in.aa(c, q))
			}
		case plan.ArmPositive:
			if c.Inject > 0 { // and not its company in a duet
				all = append(all, in.positive(c))
			}
		}
	}
	return all
}

// claimed are the metrics that claims speak of; without claims the primary one.
func (in Input) claimed() []stat.Question {
	var qs []stat.Question
	add := func(metric, benchmark string) {
		q := stat.Question{Metric: metric, Benchmark: benchmark, Quantity: stat.Ratio, Resolution: in.resolution(metric)}
		if !slices.ContainsFunc(qs, func(o stat.Question) bool { return o.Metric == metric && o.Benchmark == benchmark }) {
			qs = append(qs, q)
		}
	}
	for _, c := range in.Plan.Spec.Claims {
		add(c.Compare.Metric.Text, c.Compare.Benchmark.Text)
	}
	if len(qs) > 0 {
		return qs
	}
	for _, m := range in.Metrics {
		if m.Primary {
			add(m.Unit, "")
		}
	}
	if len(qs) == 0 {
		add("ns/op", "")
	}
	return qs
}

// against compares a control arm with the cell that it repeats.
func (in Input) against(c plan.Cell, q stat.Question) (stat.Comparison, error) {
	if why, ok := in.Untestable[c.Index]; ok {
		return stat.Comparison{}, fmt.Errorf("not testable here: %s", why)
	}
	q.Of, q.OfArm, q.To = c.Levels, c.Arm, c.Levels
	return stat.Compare(in.Plan, in.Main, q)
}

// aa checks that a cell and its repeat are alike. Where values are not all
// above 0, their difference must cover 0.
func (in Input) aa(c plan.Cell, q stat.Question) Control {
	same := 1.0
	cmp, err := in.against(c, q)
	if err != nil {
		q.Quantity, same = stat.Difference, 0
		if diff, again := in.against(c, q); again == nil {
			cmp, err = diff, nil
		}
	}
	out := in.control(c, q.Metric, cmp, stat.Only(same), err)
	if m, ok := in.metric(q.Metric); ok && m.Exact && err == nil {
		return exactly(out, cmp)
	}
	if out.Open {
		return out
	}
	out.OK = *out.Side.Lo <= same && same <= *out.Side.Hi
	verb := "covers"
	if !out.OK {
		verb = "leaves out"
	}
	out.Why += fmt.Sprintf("; %s %v", verb, same)
	return out
}

// exactly judges an aa arm on values without noise: they must be equal.
func exactly(out Control, cmp stat.Comparison) Control {
	out.OK, out.Open = true, false
	out.Why = out.Metric + ", exact:"
	rs := cmp.Readings()
	for i, r := range rs {
		out.OK = out.OK && slices.Equal(r.Values, rs[0].Values)
		if i > 0 {
			out.Why += ";"
		}
		out.Why += fmt.Sprintf(" %s %s in %s", r.Name, list(r.Values), prose.Plural(r.Trials, "trial"))
	}
	return out
}

// positive checks that a known slowdown is found. It makes more of what is
// better when lower, and less of what is better when higher.
func (in Input) positive(c plan.Cell) Control {
	metric := "ns/op"
	if p := in.Plan.Spec.Design.Controls.Positive; p != nil && p.Metric.Text != "" {
		metric = p.Metric.Text
	}
	want := 1 + c.Inject
	if m, ok := in.metric(metric); ok && m.Better == wire.Higher {
		want = 1 / want
	}
	cmp, err := in.against(c, stat.Question{Metric: metric, Quantity: stat.Ratio, Resolution: in.resolution(metric)})
	out := in.control(c, metric, cmp, stat.Only(want), err)
	if out.Open {
		return out
	}
	i := stat.Interval{Lo: *out.Side.Lo, Hi: *out.Side.Hi}
	out.OK = !i.Covers(1) && i.Covers(want)
	switch {
	case out.OK:
		out.Why += fmt.Sprintf("; leaves out 1 and covers the injected %.4g", want)
	case i.Covers(1):
		out.Why += fmt.Sprintf("; covers 1: the injected %.4g was not found", want)
	default:
		out.Why += fmt.Sprintf("; leaves out the injected %.4g", want)
	}
	return out
}

// control writes down a comparison with a control arm. It is not OK until its
// caller finds so: one that could not be judged was not passed, and did not fail.
func (in Input) control(c plan.Cell, metric string, cmp stat.Comparison, reg stat.Region, err error) Control {
	out := Control{Arm: c.Arm, Metric: metric, Of: in.Plan.Name(c), Level: controlLevel}
	base := c
	base.Arm = plan.ArmMain
	if err != nil {
		out.Open, out.Why = true, err.Error()
		out.Side = Side{To: in.Plan.Name(base), Blocks: []Point{}}
		return out
	}
	s := side{to: in.Plan.Name(base), cmp: cmp, region: reg}
	s.p, s.place = cmp.Effect.P(reg)
	d := decision{level: controlLevel}
	out.Side = s.write(d)
	out.Open = out.Side.Lo == nil || out.Side.Hi == nil
	x := part{rel: spec.Relation{Quantity: spec.Quantity(cmp.Quantity)}}
	x.claim.Compare.Of = spec.Selection{{Key: spec.Scalar{Text: plan.ArmKey}, Level: spec.Scalar{Text: c.Arm}}}
	out.Why = fmt.Sprintf("%s, %s, %s", metric, effect(x, s, d), prose.Plural(cmp.Effect.N(), "block"))
	if n := stat.FewestAt(1 - controlLevel); cmp.Effect.N() < n {
		out.Why += fmt.Sprintf("; needs >= %d blocks, has %d", n, cmp.Effect.N())
	}
	return out
}

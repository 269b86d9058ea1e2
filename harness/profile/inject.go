package profile

import (
	"slices"
	"time"

	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// slowed is where a slowdown is looked for, unless the experiment says otherwise.
const slowed = "ns/op"

// steps are the numbers of blocks at which recall is told.
var steps = []int{6, 8, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500}

// fewestGroups is from how many groups a recall is told at all.
const fewestGroups = 3

// injected holds the slowed-down cell against the arm that it repeats. Groups of
// one size are disjoint; those of different sizes share blocks.
func (r *trials) injected() *Injected {
	if r.slow < 0 {
		return nil
	}
	in := &Injected{Share: r.Plan.Cells[r.slow].Inject, Metric: slowed}
	if p := r.Plan.Spec.Design.Controls.Positive; p != nil && p.Metric.Text != "" {
		in.Metric = p.Metric.Text
	}
	m := wire.Metric{Unit: in.Metric}
	for _, x := range r.Metrics {
		if x.Unit == in.Metric {
			m = x
		}
	}
	base := r.base()
	if e, err := r.compare(m, r.slow, base, slices.Concat(r.blocks...)); err == nil {
		i := e.Interval(level)
		in.Effect, in.Lo, in.Hi = finite(e.Estimate()), finite(i.Lo), finite(i.Hi)
	}
	equal, unknown := r.compare(m, r.arms[1], r.arms[0], slices.Concat(r.blocks...))
	for _, n := range steps {
		groups := r.groups(n)
		if len(groups) < fewestGroups {
			break
		}
		found := 0
		for _, samples := range groups {
			e, err := r.compare(m, r.slow, base, samples)
			if err != nil {
				return in
			}
			if e.Interval(level).Lo > 1 {
				found++
			}
		}
		x := Recall{Blocks: n, Rate: NewRate(found, len(groups)), Time: r.took() * time.Duration(n)}
		if p := equal.Power(1+in.Share, level, n); unknown == nil && p == p {
			x.Power = p
		}
		in.Found = append(in.Found, x)
		if in.Enough == 0 && x.Rate.Share() >= 0.9 {
			in.Enough = n
		}
	}
	return in
}

// base is the plain cell with the levels of the slowed-down one.
func (r *trials) base() int {
	q := stat.Question{Of: r.Plan.Cells[r.slow].Levels, Quantity: stat.Value}
	pairs, err := q.Pairs(r.Plan)
	if err != nil || len(pairs) == 0 {
		return r.arms[0]
	}
	return pairs[0].Of
}

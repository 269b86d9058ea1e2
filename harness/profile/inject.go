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
		in.Effect, in.Lo, in.Hi = stat.Finite(e.Estimate()), stat.Finite(i.Lo), stat.Finite(i.Hi)
	}
	for _, n := range steps {
		if len(r.blocks)/n < fewestGroups {
			break
		}
		x, err := r.recall(m, base, 1+in.Share, n)
		if err != nil {
			break
		}
		in.Found = append(in.Found, x)
		if in.Enough == 0 && x.Rate.Share() >= 0.9 {
			in.Enough = n
		}
	}
	return in
}

// recall is how often n blocks find the slowdown, and how often they should.
func (r *trials) recall(m wire.Metric, base int, size float64, n int) (x Recall, err error) {
	found, groups := 0, r.groups(n)
	for _, samples := range groups {
		e, err := r.compare(m, r.slow, base, samples)
		if err != nil {
			return x, err
		}
		if e.Interval(level).Lo > 1 {
			found++
		}
	}
	x = Recall{Blocks: n, Rate: NewRate(found, len(groups)), Time: r.took() * time.Duration(n)}
	x.Power, err = r.power(m, size, n)
	return x, err
}

// perStretch is how many stretches of blocks begin in each length of one.
const perStretch = 4

// power is how often a ratio of that size should be found in n blocks: in stretches
// of the identical arms, each arm slowed down on paper in its turn.
//
// Note: the power of a normal spread, taken from all blocks at once, was tried and
// rejected. Noise comes in episodes: on a shared machine 15 blocks that should have
// found 2 % in 97.7 % of the cases did in 86.8 %.
func (r *trials) power(m wire.Metric, size float64, n int) (float64, error) {
	found, of := 0, 0
	for _, samples := range r.stretches(n, max(n/perStretch, 1)) {
		e, err := r.compare(m, r.arms[1], r.arms[0], samples)
		if err != nil {
			return 0, err
		}
		i := e.Interval(level)
		for _, lo := range []float64{i.Lo, 1 / i.Hi} {
			if of++; lo*size > 1 {
				found++
			}
		}
	}
	return float64(found) / float64(of), nil
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

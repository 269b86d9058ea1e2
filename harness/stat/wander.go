package stat

import (
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// Wander is the doubt that a question's metric changes its level while a run goes
// on, in all of its cells at once; "" where it keeps still, or can't be read. Of and
// To are ignored. A reading counts by its rank among those of its cell, and a block
// by the mean of them: what differs from cell to cell is in none of it. Metrics that
// are looked at together, so many of them, share the limit.
func Wander(p plan.Plan, samples []sample.Sample, q Question, among int) string {
	q.Quantity = Value // any reading has a rank
	var pairs []Pair
	for _, c := range p.Cells {
		if c.Arm == plan.ArmMain && !q.Without[c.Index] {
			pairs = append(pairs, Pair{Of: c.Index, To: -1})
		}
	}
	t, err := newTable(p, samples, q, pairs)
	if err != nil {
		return ""
	}
	s := together(t.series(p), len(t.rows))
	if len(s.values) < drift.least {
		return ""
	}
	s.name = q.Metric + " over all cells"
	return s.moves(among)
}

// together is the mean of the cells' ranks in each block that holds one, each as a
// share of what its cell has.
func together(cells []series, blocks int) (s series) {
	sums, held := make([]float64, blocks), make([]float64, blocks)
	for _, c := range cells {
		for i, r := range ranks(c.values) {
			sums[c.blocks[i]] += r / float64(len(c.values)+1)
			held[c.blocks[i]]++
		}
	}
	for b, n := range held {
		if n > 0 {
			s.blocks, s.values = append(s.blocks, b), append(s.values, sums[b]/n)
		}
	}
	return s
}

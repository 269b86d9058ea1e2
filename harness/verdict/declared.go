package verdict

import (
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/stat"
)

// A declaration is what the claims about one metric hold against each other, of
// to and to of alike: who predicts the one ratio has predicted its inverse.
type declaration struct {
	benchmark string // empty where one has the metric
	metric    string
	pairs     []stat.Pair
}

// declared are the pairs of cells that claims compare, in all their cases.
func (in Input) declared() (all []declaration) {
	for _, x := range parts(in.Plan) {
		c := x.claim.Compare
		d := declaration{benchmark: strings.TrimPrefix(c.Benchmark.Text, "Benchmark"), metric: c.Metric.Text}
		qs, _ := in.questions(x)
		for _, q := range qs {
			if pairs, err := q.Pairs(in.Plan); err == nil && !x.rel.Quantity.Alone() {
				d.pairs = append(d.pairs, pairs...)
			}
		}
		all = append(all, d)
	}
	return all
}

// predicted says whether claims are about all that a comparison rests on. One at
// some levels of another factor leaves its main effect to be explored.
func (x *explorer) predicted(c stat.Comparison) bool {
	return !slices.ContainsFunc(c.Pairs, func(p stat.Pair) bool {
		return !slices.ContainsFunc(x.declared, func(d declaration) bool {
			return (x.benchmark == "" || x.benchmark == d.benchmark) && d.has(c.Metric, p)
		})
	})
}

func (d declaration) has(metric string, p stat.Pair) bool {
	_, same := stat.Same(d.metric, metric)
	return same && (slices.Contains(d.pairs, p) || slices.Contains(d.pairs, stat.Pair{Of: p.To, To: p.Of}))
}

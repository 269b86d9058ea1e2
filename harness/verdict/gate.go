package verdict

import (
	"math"

	"github.com/assaylab/assay/harness/stat"
)

// Gate is the exit code of these results where claims gate: 3 with a refuted
// one, else 4 with one that is inconclusive or invalid, else 5 where none was
// testable here, else 0. Without claims it is 0.
func (r Results) Gate() int {
	count := map[Word]int{}
	for _, v := range r.Verdicts {
		count[v.Word]++
	}
	switch {
	case count[Refuted] > 0:
		return 3
	case count[Inconclusive]+count[Invalid] > 0:
		return 4
	case len(r.Verdicts) > 0 && count[NotTestable] == len(r.Verdicts):
		return 5
	}
	return 0
}

// Precision is how precisely the sub-claims that statistics must decide are
// known by now: the largest half-width of their intervals at 1 - alpha/m, as a
// share (a difference's of what it is compared with, a share's as it stands). It looks
// at no effect's place, so that to stop at a precision favours no verdict. Infinite
// where an interval is; ok is false where no sub-claim has one, so that there is
// nothing to be precise about. What cannot be compared at all does not wait.
func Precision(in Input) (share float64, ok bool) {
	ps := parts(in.Plan)
	level := 1 - in.Plan.Spec.Design.Alpha()/float64(max(len(ps), 1))
	for _, f := range in.look(ps, in.Main) {
		if f.word == NotTestable || f.word == Invalid || f.exact {
			continue
		}
		for _, s := range f.sides {
			if s.fixed == nil {
				share, ok = max(share, relative(s.cmp, level)), true
			}
		}
	}
	return share, ok
}

func relative(c stat.Comparison, level float64) float64 {
	half := c.Effect.HalfWidth(level)
	switch {
	case c.Quantity == stat.Ratio || c.Quantity == stat.Share || half == 0:
		return half
	case c.Scale == 0:
		return math.Inf(1)
	}
	return half / c.Scale
}

package stat

import (
	"cmp"
	"slices"
)

// A Step is where a step-down procedure judges one sub-claim.
type Step struct {
	Rank    int     // k: this is the k-th smallest p; from 1
	Alpha   float64 // the interval is judged and shown at 1 - Alpha
	Decided bool    // p <= Alpha, and so were all smaller ones
}

// Holm judges p-values so that the chance of one false decision or more among
// m sub-claims is at most alpha. m counts also those without a p, which only
// makes it stricter. Equal values keep their order.
//
// The k-th smallest is judged at alpha/(m-k+1); at the first that fails all
// stops, and the rest is undecided. The rest is shown at the level of that stop:
// each of its p is at least the stopping one, which was above the stop's alpha,
// so none of its intervals decides there. At its own, laxer step one might,
// and the picture would contradict the verdict.
func Holm(ps []float64, m int, alpha float64) []Step {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[a], ps[b]) })

	steps := make([]Step, len(ps))
	stopped, at := false, 0.0
	for k, i := range order {
		if !stopped {
			at = alpha / float64(m-k)
			stopped = !(ps[i] <= at)
		}
		steps[i] = Step{Rank: k + 1, Alpha: at, Decided: !stopped}
	}
	return steps
}

// HolmAdjusted are the p-values after Holm: the smallest family-wise alpha at
// which [Holm] decides each, in the order given. m is as there.
func HolmAdjusted(ps []float64, m int) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[a], ps[b]) })

	adjusted := make([]float64, len(ps))
	most := 0.0
	for k, i := range order {
		most = max(most, min(1, ps[i]*float64(m-k)))
		adjusted[i] = most
	}
	return adjusted
}

// BenjaminiHochberg adjusts p-values of exploratory tables: calling all below q
// a finding makes at most the share q of findings false. Adjusted values stand
// in the order given.
func BenjaminiHochberg(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[b], ps[a]) })

	adjusted := make([]float64, len(ps))
	least := 1.0
	for back, i := range order {
		rank := len(ps) - back
		least = min(least, ps[i]*float64(len(ps))/float64(rank))
		adjusted[i] = least
	}
	return adjusted
}

package stat

import (
	"math"
	"slices"
)

// An Effect is what the blocks say together: the pseudo-median (Hodges-Lehmann)
// of one value a block, with its exact signed-rank interval. Zeros and ties are
// kept; with closed ends the interval then covers more often than stated, never less.
//
// A ratio is worked on as its logarithm and shown as itself. A share is the one
// effect of another kind: its values are 0 or 1, and it is their mean with the
// exact binomial interval. All results are in units as shown.
type Effect struct {
	xs    []float64 // sorted, logarithms for a ratio
	log   bool
	share bool    // xs are 0 or 1: the effect is a share of blocks, its interval the exact binomial one
	widen float64 // added to both ends of every interval: the resolution, in units of xs
	null  null
}

// NewEffect makes an Effect of one value a block: ratios above 0 for Ratio, 0
// or 1 for Share, else differences or values. widen is what a block's value may be off by for
// the resolution of its readings: a log ratio's as such, else in the unit.
// Values must be finite.
func NewEffect(q Quantity, values []float64, widen float64) Effect {
	e := Effect{xs: slices.Clone(values), log: q == Ratio, share: q == Share, widen: widen, null: newNull(len(values))}
	if e.log {
		for i, v := range e.xs {
			e.xs[i] = math.Log(v)
		}
	}
	slices.Sort(e.xs)
	return e
}

// N is how many blocks the effect rests on.
func (e Effect) N() int { return len(e.xs) }

// Estimate is the pseudo-median: the median of all Walsh averages; of a share
// the mean. NaN without values.
func (e Effect) Estimate() float64 {
	if len(e.xs) == 0 {
		return math.NaN()
	}
	if e.share {
		return e.binomial().estimate()
	}
	return e.show(e.middle())
}

func (e Effect) middle() float64 {
	m := walshCount(len(e.xs))
	return walsh(kthWalsh(e.xs, (m+1)/2), kthWalsh(e.xs, m/2+1))
}

// Interval is the interval at a level such as 0.95, its ends moved outwards by
// the resolution. Where there are too few blocks for the level it is infinite.
func (e Effect) Interval(level float64) Interval {
	if e.share && len(e.xs) > 0 {
		return e.binomial().interval(1 - level + 1e-15)
	}
	// 1-level is off by a rounding; without the margin an interval at 1-p could
	// just miss the p that it was asked for.
	return e.at(e.null.depth(1 - level + 1e-15))
}

// at is the interval from the k-th smallest to the k-th largest Walsh average.
func (e Effect) at(k int) Interval {
	if k <= 0 || math.IsInf(e.widen, 1) {
		return Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}
	}
	lo, hi := kthWalsh(e.xs, k), kthWalsh(e.xs, walshCount(len(e.xs))+1-k)
	return Interval{Lo: e.show(lo - e.widen), Hi: e.show(hi + e.widen)}
}

// show turns a working value into what is shown.
func (e Effect) show(x float64) float64 {
	if e.log {
		return math.Exp(x)
	}
	return x
}

// P is the smallest alpha at which the interval at 1-alpha lies wholly inside
// or wholly outside a region, and which of the two. Where no interval does, not
// even the narrowest, p is 1 and the place Straddles.
//
// Intervals are nested, so that p is found by counting: an interval from the
// k-th Walsh average lies above a bound when fewer than k averages do not.
func (e Effect) P(r Region) (p float64, place Place) {
	if len(e.xs) == 0 || math.IsInf(e.widen, 1) {
		return 1, Straddles
	}
	if e.share {
		return e.binomial().p(r)
	}
	all := walshCount(len(e.xs))
	low := func(ok func(float64) bool) int { // averages whose lower end fails ok, which grows true
		return countBelow(e.xs, func(w float64) bool { return ok(e.show(w - e.widen)) })
	}
	high := func(ok func(float64) bool) int { // averages whose upper end fails ok, which grows false
		return all - countBelow(e.xs, func(w float64) bool { return !ok(e.show(w + e.widen)) })
	}
	inside := max(low(r.aboveLo), high(r.belowHi))
	outside := min(
		high(func(v float64) bool { return !r.aboveLo(v) }), // wholly below
		low(func(v float64) bool { return !r.belowHi(v) }),  // wholly above
	)
	deepest := e.null.deepest()
	switch {
	case inside < deepest:
		return e.null.alpha(inside + 1), Inside
	case outside < deepest:
		return e.null.alpha(outside + 1), Outside
	}
	return 1, Straddles
}

// Differs is the p of an effect being another value than v: the smallest alpha at
// which its interval leaves v out, 1 where none does. Readings that are all equal
// have a narrowest interval that lies inside [Only] v, and nothing differs there.
func Differs(e interface{ P(Region) (float64, Place) }, v float64) float64 {
	if p, place := e.P(Only(v)); place == Outside {
		return p
	}
	return 1
}

package stat

import "math"

// HalfWidth is how precisely an effect is known: half the interval's length at
// a level. A ratio's is a share: sqrt(hi/lo) - 1, so that 0.03 reads "within
// 3 %". It is also the smallest effect that these blocks could have shown.
// Infinite where the interval is.
func (e Effect) HalfWidth(level float64) float64 {
	i := e.Interval(level)
	switch {
	case !i.Bounded():
		return math.Inf(1)
	case e.log:
		return math.Sqrt(i.Hi/i.Lo) - 1
	}
	return (i.Hi - i.Lo) / 2
}

// mostNeeded is from where a number of blocks is no help to anyone.
const mostNeeded = 1_000_000

// Needed estimates how many blocks would settle whether the effect lies inside
// a region, at a level: as many as shrink the interval to the distance between
// the estimate and the region's bound, taken that its length falls with the
// square root of the blocks and that the estimate stays where it is. The part of
// an interval that is resolution does not shrink. At least one block more than
// now, and never under the fewest with a finite interval. 0 where no number of
// blocks can be told: the estimate is on the bound or within the resolution of it.
func (e Effect) Needed(r Region, level float64) int {
	n := len(e.xs)
	if n < 2 {
		return 0
	}
	if e.share {
		return e.binomial().needed(r, level)
	}
	mid := e.middle()
	below, above := e.halves(mid, level)
	share := 0.0 // of the present length that is left to shrink to
	need := func(half, distance float64) {
		if distance -= e.widen; distance <= 0 {
			share = math.Inf(1)
		} else {
			share = max(share, half/distance)
		}
	}
	lo, hi := e.work(r.Lo), e.work(r.Hi)
	switch v := e.show(mid); {
	case !r.aboveLo(v):
		need(above, lo-mid)
	case !r.belowHi(v):
		need(below, mid-hi)
	default:
		if !r.Lo.Inf {
			need(below, mid-lo)
		}
		if !r.Hi.Inf {
			need(above, hi-mid)
		}
	}
	blocks := math.Ceil(float64(n) * share * share)
	if !(blocks <= mostNeeded) {
		return 0
	}
	return max(int(blocks), n+1, FewestAt(1-level))
}

// work is a bound in working units. A ratio's bound at or under 0 is infinitely far.
func (e Effect) work(b Bound) float64 {
	switch {
	case !e.log:
		return b.Value
	case b.Value <= 0:
		return math.Inf(-1)
	}
	return math.Log(b.Value)
}

// halves are the interval's two parts without the resolution, in working units.
// With too few blocks for an interval they follow from the standard deviation:
// the pseudo-median's is sqrt(pi/3) of the mean's where values are normal.
func (e Effect) halves(mid, level float64) (below, above float64) {
	k := e.null.depth(1 - level + 1e-15)
	if k > 0 {
		return mid - kthWalsh(e.xs, k), kthWalsh(e.xs, walshCount(len(e.xs))+1-k) - mid
	}
	z := math.Sqrt2 * math.Erfinv(level)
	half := z * deviation(e.xs) * math.Sqrt(math.Pi/3/float64(len(e.xs)))
	return half, half
}

// deviation is the sample standard deviation.
func deviation(xs []float64) float64 {
	mean, ss := 0.0, 0.0
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	for _, x := range xs {
		ss += (x - mean) * (x - mean)
	}
	return math.Sqrt(ss / float64(len(xs)-1))
}

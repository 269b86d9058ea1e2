package stat

import "math"

// Foresee is the half-width, as in [Effect.HalfWidth], to be expected of an
// effect that is measured again in a number of blocks, and so the smallest
// effect that about every second such run would detect. It supposes that the
// spread between blocks stays what it was here and is near normal; the part
// that is resolution does not shrink. Infinite where the level asks for more
// blocks, or where these are too few to tell a spread.
func (e Effect) Foresee(level float64, blocks int) float64 {
	switch {
	case e.share && len(e.xs) > 0:
		i := binomial{k: int(math.Round(e.binomial().estimate() * float64(blocks))), n: blocks}.interval(1 - level + 1e-15)
		return (i.Hi - i.Lo) / 2
	case len(e.xs) < 2:
		return math.Inf(1)
	}
	half := e.spread(level)*normalHalf(level, blocks) + e.widen
	if e.log {
		return math.Expm1(half)
	}
	return half
}

// Typical is a ratio's effect over n blocks that lie just as normal ones are
// expected to, around 1, with a half-width at a level: what is known of a spread
// where only that was kept. Level and n must give a finite interval.
func Typical(half, level float64, n int) Effect {
	scores := normalScores(n)
	sd := math.Log1p(half) / normalHalf(level, n)
	for i := range scores {
		scores[i] = math.Exp(sd * scores[i])
	}
	return NewEffect(Ratio, scores, 0)
}

// spread is the standard deviation between blocks that their interval at a
// level speaks of; without an interval their own.
func (e Effect) spread(level float64) float64 {
	if unit := normalHalf(level, len(e.xs)); !math.IsInf(unit, 1) {
		below, above := e.halves(e.middle(), level)
		return (below + above) / 2 / unit
	}
	return deviation(e.xs)
}

// normalHalf is half the signed-rank interval's length on n values that lie
// just as standard normal ones are expected to.
func normalHalf(level float64, n int) float64 {
	i := NewEffect(Value, normalScores(n), 0).Interval(level)
	return (i.Hi - i.Lo) / 2
}

// normalScores are about where n sorted standard normal values are expected.
func normalScores(n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = normalQuantile((float64(i+1) - 0.375) / (float64(n) + 0.25)) // Blom's positions
	}
	return xs
}

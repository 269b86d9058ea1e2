package stat

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// When a bootstrap is shown, and what it is drawn from. Under 15 blocks its
// intervals are too short to be shown at all; beyond 500 they say what the exact
// interval says, at a cost that grows with the blocks.
const (
	BootstrapFrom = 15
	bootstrapTo   = 500
	resamples     = 2999 // 75 beyond each end of a 95 % interval
	bootstrapSeed = 20261120
)

// Bootstrap is the BCa interval (bias corrected and accelerated; Efron, 1987)
// of the same estimate, from blocks drawn with replacement: the same draws for
// the same number of blocks, always. Its ends are widened by the resolution. It
// supposes no symmetry, and covers less often than it says where blocks are
// few: it is there to be held against [Effect.Interval], and decides nothing.
// ok is false where it is not shown: see BootstrapFrom; for a share, whose
// interval is exact whatever the blocks; and where all blocks are equal.
func (e Effect) Bootstrap(level float64) (i Interval, ok bool) {
	n := len(e.xs)
	if e.share || n < BootstrapFrom || n > bootstrapTo || math.IsInf(e.widen, 0) {
		return Interval{}, false
	}
	i, ok = BCa(n, pseudoMedians(e.xs), resamples, blockDraws(n), level)
	return Interval{Lo: e.show(i.Lo - e.widen), Hi: e.show(i.Hi + e.widen)}, ok
}

// pseudoMedians gives the median of the Walsh averages of xs, each value taken
// so many times. The averages are sorted once: a resample only weighs them.
func pseudoMedians(xs []float64) func(times []int) float64 {
	type average struct {
		v    float64
		i, j int
	}
	all := make([]average, 0, walshCount(len(xs)))
	for i := range xs {
		for j := i; j < len(xs); j++ {
			all = append(all, average{walsh(xs[i], xs[j]), i, j})
		}
	}
	slices.SortFunc(all, func(a, b average) int { return cmp.Compare(a.v, b.v) })
	return func(times []int) float64 {
		n := 0
		for _, t := range times {
			n += t
		}
		m := walshCount(n)
		lower, seen := math.NaN(), 0
		for _, a := range all {
			if a.i == a.j {
				seen += walshCount(times[a.i])
			} else {
				seen += times[a.i] * times[a.j]
			}
			if math.IsNaN(lower) && seen >= (m+1)/2 {
				lower = a.v
			}
			if seen >= m/2+1 {
				return walsh(lower, a.v)
			}
		}
		return lower
	}
}

// blockDraws fills lists of n indices drawn evenly with replacement.
func blockDraws(n int) func([]int) {
	src := rand.NewPCG(bootstrapSeed, uint64(n))
	return func(into []int) {
		for i := range into {
			into[i] = int(src.Uint64() % uint64(n)) // off by under 2^-50 from even
		}
	}
}

// BCa is the bootstrap interval of a statistic of n values, which is told how
// many times to take each. Draw fills in the indices of one resample after
// another. The acceleration is the jackknife's; quantiles are interpolated on
// the scale of the normal distribution, as in R's boot package. ok is false
// where no or all resamples lie below the estimate: there is no bias to correct by.
func BCa(n int, statistic func(times []int) float64, resamples int, draw func(into []int), level float64) (i Interval, ok bool) {
	once := slices.Repeat([]int{1}, n)
	estimate := statistic(once)
	ts := resampled(n, statistic, resamples, draw)
	below, _ := slices.BinarySearch(ts, estimate)
	if below == 0 || below == len(ts) {
		return Interval{}, false
	}
	bias := normalQuantile(float64(below) / float64(len(ts)))
	a := acceleration(once, statistic)
	end := func(p float64) float64 {
		z := bias + normalQuantile(p)
		return interpolate(ts, 1-upper(bias+z/(1-a*z)))
	}
	half := (1 - level) / 2
	return Interval{Lo: end(half), Hi: end(1 - half)}, true
}

// resampled are the sorted statistics of all resamples.
func resampled(n int, statistic func([]int) float64, count int, draw func([]int)) []float64 {
	ts := make([]float64, count)
	index, times := make([]int, n), make([]int, n)
	for r := range ts {
		draw(index)
		clear(times)
		for _, at := range index {
			times[at]++
		}
		ts[r] = statistic(times)
	}
	slices.Sort(ts)
	return ts
}

// acceleration is how fast the spread of the statistic changes with its value:
// the skewness of its jackknife values over six.
func acceleration(times []int, statistic func([]int) float64) float64 {
	left := make([]float64, len(times))
	for i := range times {
		times[i]--
		left[i] = statistic(times)
		times[i]++
	}
	middle := mean(left)
	var square, cube float64
	for _, v := range left {
		d := middle - v
		square, cube = square+d*d, cube+d*d*d
	}
	if square == 0 {
		return 0
	}
	return cube / (6 * math.Pow(square, 1.5))
}

// interpolate is the quantile p of sorted values, between two of them linear in
// the normal quantiles of their ranks.
func interpolate(sorted []float64, p float64) float64 {
	n := len(sorted)
	at := p * float64(n+1)
	k := int(at)
	switch {
	case k < 1:
		return sorted[0]
	case k >= n:
		return sorted[n-1]
	}
	lo, hi := normalQuantile(float64(k)/float64(n+1)), normalQuantile(float64(k+1)/float64(n+1))
	return sorted[k-1] + (normalQuantile(p)-lo)/(hi-lo)*(sorted[k]-sorted[k-1])
}

// normalQuantile is where a standard normal value stays below with chance p.
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

package stat

import (
	"math"
	"sort"
	"sync"
)

// exactBlocks is up to where the null distribution is counted out exactly.
// Beyond it the normal approximation with continuity correction serves: the
// distribution has lighter tails than the normal one, so that the error is on
// the safe side.
const exactBlocks = 300

// A null is the distribution of Wilcoxon's signed-rank statistic T of n values
// symmetric about 0: T sums the ranks of the positive ones.
type null struct {
	n   int
	cum []float64 // cum[t] = P(T <= t) for t up to half of the range; nil beyond exactBlocks
}

// keptBlocks is up to where a distribution that was counted out is kept: 1 MB in
// all, where all of them would be 18 MB of a harness that is to stay small.
const keptBlocks = 120

// nulls are the distributions that were counted out, by n: a run judges the same
// few numbers of blocks over and over.
var nulls [keptBlocks + 1]struct {
	once sync.Once
	cum  []float64
}

func newNull(n int) null {
	switch {
	case n > exactBlocks:
		return null{n: n}
	case n > keptBlocks:
		return null{n: n, cum: countOut(n)}
	}
	c := &nulls[n]
	c.once.Do(func() { c.cum = countOut(n) })
	return null{n: n, cum: c.cum}
}

// countOut counts subsets of 1..n by their sum, as shares of 2^n. All terms are
// positive, so the relative error stays near n times the machine epsilon.
func countOut(n int) []float64 {
	half := walshCount(n) / 2
	p := make([]float64, half+1)
	p[0] = 1
	for i := 1; i <= n; i++ {
		for t := min(half, i*(i+1)/2); t >= 0; t-- {
			p[t] /= 2
			if t >= i {
				p[t] += p[t-i] / 2
			}
		}
	}
	for t := 1; t <= half; t++ {
		p[t] += p[t-1]
	}
	return p
}

// walshCount is how many averages of two (or of one with itself) n values have.
func walshCount(n int) int { return n * (n + 1) / 2 }

// deepest is the largest k for which the k-th smallest Walsh average is no
// larger than the k-th largest.
func (d null) deepest() int { return (walshCount(d.n) + 1) / 2 }

// alpha is what the interval from the k-th smallest to the k-th largest Walsh
// average may miss: 2 P(T <= k-1). With k = 0 both ends are infinite.
func (d null) alpha(k int) float64 {
	if k <= 0 {
		return 0
	}
	if d.cum != nil {
		return min(1, 2*d.cum[k-1])
	}
	n := float64(d.n)
	mean, sd := n*(n+1)/4, math.Sqrt(n*(n+1)*(2*n+1)/24)
	return min(1, math.Erfc((mean-(float64(k-1)+0.5))/(sd*math.Sqrt2)))
}

// depth is the largest k whose interval misses with at most alpha; 0 where
// there are too few values.
func (d null) depth(alpha float64) int {
	return sort.Search(d.deepest(), func(i int) bool { return d.alpha(i+1) > alpha })
}

// FewestAt is the smallest number of blocks with a finite interval at level
// 1 - alpha: the whole range of n values misses with 2/2^n.
func FewestAt(alpha float64) int {
	n := 1
	for ; n < exactBlocks && math.Ldexp(2, -n) > alpha; n++ {
	}
	return n
}

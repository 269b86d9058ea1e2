package stat

import (
	"math"
	"sort"
)

// exactPairs is up to how many pairs of values, n times m, the rank-sum null
// distribution is counted out exactly: 50 of each side, or 5 against 500. Beyond
// it the normal approximation with continuity correction serves: the distribution
// has lighter tails than the normal one, so that the error is on the safe side.
const exactPairs = 2500

// A rankSum is the distribution of Mann and Whitney's U of n and m values that
// are of one kind: the number of pairs in which the first side's is the larger.
type rankSum struct {
	n, m int
	cum  []float64 // cum[u] = P(U <= u) for u up to half of the range; nil beyond exactPairs
}

// newRankSum counts orders of n and m values by U. The largest value is of the
// first side with chance n/(n+m), and then exceeds all m of the other:
//
//	P(n, m, u) = n/(n+m) P(n-1, m, u-m) + m/(n+m) P(n, m-1, u)
//
// All terms are positive, so that nothing cancels.
func newRankSum(n, m int) rankSum {
	d := rankSum{n: n, m: m}
	if n*m > exactPairs || n == 0 || m == 0 {
		return d
	}
	half := n * m / 2
	rows := make([][]float64, m+1) // of the last n: by the number of the other side
	for j := range rows {
		rows[j] = make([]float64, half+1)
		rows[j][0] = 1
	}
	for i := 1; i <= n; i++ {
		for j := 1; j <= m; j++ { // rows[0] stays: without the other side U is 0
			mine, theirs := float64(i)/float64(i+j), float64(j)/float64(i+j)
			now := rows[j]
			for u := min(half, i*j); u >= 0; u-- {
				p := theirs * rows[j-1][u]
				if u >= j {
					p += mine * now[u-j]
				}
				now[u] = p
			}
		}
	}
	d.cum = rows[m]
	for u := 1; u <= half; u++ {
		d.cum[u] += d.cum[u-1]
	}
	return d
}

// deepest is the largest k for which the k-th smallest difference is no larger
// than the k-th largest.
func (d rankSum) deepest() int { return (d.n*d.m + 1) / 2 }

// alpha is what the interval from the k-th smallest to the k-th largest
// difference may miss: 2 P(U <= k-1). With k = 0 both ends are infinite.
func (d rankSum) alpha(k int) float64 {
	if k <= 0 {
		return 0
	}
	if d.cum != nil {
		return min(1, 2*d.cum[k-1])
	}
	n, m := float64(d.n), float64(d.m)
	mean, sd := n*m/2, math.Sqrt(n*m*(n+m+1)/12)
	return min(1, math.Erfc((mean-(float64(k-1)+0.5))/(sd*math.Sqrt2)))
}

// depth is the largest k whose interval misses with at most alpha; 0 where there
// are too few values.
func (d rankSum) depth(alpha float64) int {
	return sort.Search(d.deepest(), func(i int) bool { return d.alpha(i+1) > alpha })
}

// FewestUnpaired is the smallest number of values, as many on each side, with a
// finite interval at level 1 - alpha: of all orders of n and n values, one in
// each direction is as far apart as can be.
func FewestUnpaired(alpha float64) int {
	n := 1
	for ; n < 1000 && 2*math.Exp(-logChoose(2*n, n)) > alpha; n++ {
	}
	return n
}

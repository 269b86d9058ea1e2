package stat

import (
	"math"
	"slices"
	"sort"
)

// Walsh averages are the n(n+1)/2 means of two values (or of one with itself).
// They are never listed: 5000 blocks would have 12 million. Counting those on
// one side of a line takes n steps over the sorted values, and bisection by
// counting finds any order statistic exactly: some halvings leave so few averages
// that these are listed after all.

func walsh(a, b float64) float64 { return (a + b) / 2 }

// countBelow is how many Walsh averages of the sorted xs fail above, which is
// monotone: false for small values, then true.
func countBelow(xs []float64, above func(float64) bool) int {
	count, j := 0, len(xs)-1
	for i := 0; i < len(xs); i++ {
		// The averages of i with i..j fail; with a larger i fewer do.
		for j >= i && above(walsh(xs[i], xs[j])) {
			j--
		}
		if j < i {
			break
		}
		count += j - i + 1
	}
	return count
}

// upTo is how many Walsh averages of the sorted xs are at most v.
func upTo(xs []float64, v float64) int {
	return countBelow(xs, func(w float64) bool { return w > v })
}

// halvings is how often an interval is halved before the averages in it are taken
// for ties: 24 tell ten million values apart.
const halvings = 24

// kthWalsh is the k-th smallest Walsh average of the sorted xs, k from 1.
func kthWalsh(xs []float64, k int) float64 {
	lo, hi := xs[0], xs[len(xs)-1]
	low, high := upTo(xs, lo), walshCount(len(xs))
	if k <= low {
		return lo + 0 // not -0
	}
	for range halvings {
		if high-low <= len(xs) {
			few := between(xs, lo, hi)
			slices.Sort(few)
			return few[k-low-1] + 0
		}
		mid := lo + (hi-lo)/2
		if n := upTo(xs, mid); n >= k {
			hi, high = mid, n
		} else {
			lo, low = mid, n
		}
	}
	return smallestWith(xs, k, lo, hi)
}

// between lists the Walsh averages of the sorted xs above lo and up to hi.
func between(xs []float64, lo, hi float64) (few []float64) {
	for i, x := range xs {
		from := sort.Search(len(xs)-i, func(j int) bool { return walsh(x, xs[i+j]) > lo })
		for _, y := range xs[i+from:] {
			w := walsh(x, y)
			if w > hi {
				break
			}
			few = append(few, w)
		}
	}
	return few
}

// smallestWith is the smallest float64 between two with at least k averages up to
// it, which is one of them.
func smallestWith(xs []float64, k int, from, to float64) float64 {
	lo, hi := toOrdered(from), toOrdered(to)
	for lo < hi {
		mid := lo + int64(uint64(hi-lo)/2)
		if upTo(xs, fromOrdered(mid)) >= k {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return fromOrdered(lo)
}

// toOrdered maps float64s to integers in the same order; both zeros are 0.
// The difference of two finite ones fits an unsigned word.
func toOrdered(v float64) int64 {
	if b := int64(math.Float64bits(v)); b < 0 {
		return math.MinInt64 - b
	} else {
		return b
	}
}

func fromOrdered(o int64) float64 {
	if o < 0 {
		return math.Float64frombits(uint64(math.MinInt64 - o))
	}
	return math.Float64frombits(uint64(o))
}

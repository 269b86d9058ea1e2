package stat

import "math"

// Walsh averages are the n(n+1)/2 means of two values (or of one with itself).
// They are never listed: 5000 blocks would have 12 million. Counting those on
// one side of a line takes n steps over the sorted values, and bisection by
// counting finds any order statistic exactly.

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

// kthWalsh is the k-th smallest Walsh average of the sorted xs, k from 1. It is
// the smallest float64 with at least k averages up to it, and so one of them.
func kthWalsh(xs []float64, k int) float64 {
	lo, hi := toOrdered(xs[0]), toOrdered(xs[len(xs)-1])
	for lo < hi {
		mid := lo + int64(uint64(hi-lo)/2)
		v := fromOrdered(mid)
		if countBelow(xs, func(w float64) bool { return w > v }) >= k {
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

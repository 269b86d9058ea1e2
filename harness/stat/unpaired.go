package stat

import (
	"math"
	"slices"
	"sort"

	"github.com/assaylab/assay/workloads/wire"
)

// A Shift is how far the values of one independent sample lie from another's:
// the Hodges-Lehmann estimate, the median of all differences of one value of
// each, with the exact interval of the rank-sum test (Mann and Whitney). Ties
// are kept; with closed ends the interval then covers more often than stated,
// never less.
//
// A ratio is worked on as its logarithm and shown as itself. All results are in
// units as shown. Whatever changed between the two measurements is part of a
// Shift: it knows no blocks.
type Shift struct {
	of, to []float64 // sorted, logarithms for a ratio
	all    []float64 // sorted differences, where they are few enough to be listed
	log    bool
	widen  float64 // added to both ends of every interval: the resolution, in working units
	null   rankSum
}

// Shifts makes Shifts and keeps the null distributions that they share. The zero
// value is ready; it is not for use by several goroutines at once.
type Shifts struct{ nulls map[[2]int]rankSum }

// New makes the Shift of one sample against another: ratios need values above 0.
// The resolution is that of the metric, Absolute in the unit of the values.
// Values must be finite and are left in their order.
func (s *Shifts) New(q Quantity, of, to []float64, r wire.Resolution) Shift {
	x := Shift{of: slices.Clone(of), to: slices.Clone(to), log: q == Ratio, null: s.null(len(of), len(to))}
	slices.Sort(x.of)
	slices.Sort(x.to)
	x.widen = off(q, r, x.of, x.to)
	if x.log {
		for _, side := range [][]float64{x.of, x.to} {
			for i, v := range side {
				side[i] = math.Log(v)
			}
		}
	}
	if n := len(of) * len(to); n <= mostListed {
		x.all = make([]float64, 0, n)
		for _, a := range x.of {
			for _, b := range x.to {
				x.all = append(x.all, a-b)
			}
		}
		slices.Sort(x.all)
	}
	return x
}

// mostListed is up to how many differences listing them is the faster way.
const mostListed = 1024

func (s *Shifts) null(n, m int) rankSum {
	key := [2]int{min(n, m), max(n, m)}
	d, ok := s.nulls[key]
	if !ok {
		if s.nulls == nil {
			s.nulls = map[[2]int]rankSum{}
		}
		d = newRankSum(key[0], key[1])
		s.nulls[key] = d
	}
	return d
}

// off is what a difference of sorted readings may be off by: the most of any
// pair, which is at one of the four ends.
func off(q Quantity, r wire.Resolution, of, to []float64) float64 {
	most := 0.0
	if len(of) == 0 || len(to) == 0 || r == (wire.Resolution{}) {
		return most
	}
	for _, a := range []float64{of[0], of[len(of)-1]} {
		for _, b := range []float64{to[0], to[len(to)-1]} {
			most = max(most, Question{Quantity: q, Resolution: r}.off(a, b))
		}
	}
	return most
}

// Estimate is the Hodges-Lehmann estimate. NaN where a side is empty.
func (x Shift) Estimate() float64 {
	all := len(x.of) * len(x.to)
	if all == 0 {
		return math.NaN()
	}
	return x.show(walsh(x.kth((all+1)/2), x.kth(all/2+1)))
}

// Interval is the interval at a level such as 0.95, its ends moved outwards by
// the resolution. Where there are too few values for the level it is infinite.
func (x Shift) Interval(level float64) Interval {
	k := x.null.depth(1 - level + 1e-15) // the margin: see Effect.Interval
	if k <= 0 || math.IsInf(x.widen, 1) {
		return Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}
	}
	lo, hi := x.kth(k), x.kth(len(x.of)*len(x.to)+1-k)
	return Interval{Lo: x.show(lo - x.widen), Hi: x.show(hi + x.widen)}
}

// HalfWidth is half the interval's length, a ratio's as a share: sqrt(hi/lo) - 1.
// Infinite where the interval is.
func (x Shift) HalfWidth(level float64) float64 {
	i := x.Interval(level)
	switch {
	case !i.Bounded():
		return math.Inf(1)
	case x.log:
		return math.Sqrt(i.Hi/i.Lo) - 1
	}
	return (i.Hi - i.Lo) / 2
}

// P is the smallest alpha at which the interval at 1-alpha lies wholly inside or
// wholly outside a region, and which of the two; as [Effect.P].
func (x Shift) P(r Region) (p float64, place Place) {
	all := len(x.of) * len(x.to)
	if all == 0 || math.IsInf(x.widen, 1) {
		return 1, Straddles
	}
	low := func(ok func(float64) bool) int { // differences whose lower end fails ok, which grows true
		return x.below(func(d float64) bool { return ok(x.show(d - x.widen)) })
	}
	high := func(ok func(float64) bool) int { // differences whose upper end fails ok, which grows false
		return all - x.below(func(d float64) bool { return !ok(x.show(d + x.widen)) })
	}
	inside := max(low(r.aboveLo), high(r.belowHi))
	outside := min(
		high(func(v float64) bool { return !r.aboveLo(v) }), // wholly below
		low(func(v float64) bool { return !r.belowHi(v) }),  // wholly above
	)
	deepest := x.null.deepest()
	switch {
	case inside < deepest:
		return x.null.alpha(inside + 1), Inside
	case outside < deepest:
		return x.null.alpha(outside + 1), Outside
	}
	return 1, Straddles
}

// Superiority is the share of pairs, one value of each side, in which the first
// side's is the larger, ties for half (Vargha and Delaney's A): 0.5 where
// neither tends to be larger. NaN where a side is empty.
func (x Shift) Superiority() float64 {
	all := float64(len(x.of) * len(x.to))
	above := all - float64(x.below(func(d float64) bool { return d > 0 }))
	under := float64(x.below(func(d float64) bool { return d >= 0 }))
	return (above + (all-above-under)/2) / all
}

func (x Shift) show(v float64) float64 {
	if x.log {
		return math.Exp(v)
	}
	return v
}

// below is how many differences fail above, which is monotone: false for small
// values, then true. Many are never listed: 5000 by 5000 values have 25 million.
func (x Shift) below(above func(float64) bool) int {
	if x.all != nil {
		return sort.Search(len(x.all), func(i int) bool { return above(x.all[i]) })
	}
	count, j := 0, len(x.to) // differences with to[j:] fail
	for _, a := range x.of {
		for j > 0 && !above(a-x.to[j-1]) {
			j--
		}
		// A larger a has larger differences: those that passed go on passing.
		for j < len(x.to) && above(a-x.to[j]) {
			j++
		}
		count += len(x.to) - j
	}
	return count
}

// kth is the k-th smallest difference, k from 1: the smallest float64 with at
// least k differences up to it, and so one of them.
func (x Shift) kth(k int) float64 {
	if x.all != nil {
		return x.all[k-1]
	}
	lo := toOrdered(x.of[0] - x.to[len(x.to)-1])
	hi := toOrdered(x.of[len(x.of)-1] - x.to[0])
	for lo < hi {
		mid := lo + int64(uint64(hi-lo)/2)
		v := fromOrdered(mid)
		if x.below(func(d float64) bool { return d > v }) >= k {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return fromOrdered(lo)
}

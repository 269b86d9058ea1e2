package stat

import (
	"fmt"
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"
)

// A binomial is how many of n blocks had a trial above 0. Its interval is the
// exact one of Clopper and Pearson: at 1-alpha each end misses with alpha/2 at
// most, whatever the share. It is finite for any number of blocks, though few
// blocks make it long: none of n says "below 0.1 at 95 %" from n = 36 on.
//
// A block gives one trial, for the trials of one block are not independent. A
// trial is above 0 as printed: the resolution of a metric does not enter.
type binomial struct{ k, n int }

func (e Effect) binomial() binomial {
	b := binomial{n: len(e.xs)}
	for _, x := range e.xs {
		if x > 0 {
			b.k++
		}
	}
	return b
}

// oneCell says whether a share's question is about one cell.
func (q Question) oneCell(pairs []Pair) error {
	if q.Quantity != Share || len(pairs) <= 1 {
		return nil
	}
	return fmt.Errorf("%d cells have %s: a share counts blocks, one trial each (name one level of every factor in of:, or split with each:)", len(pairs), q.show(q.Of))
}

// order are the doubts about the order of zeros and ones. With fewer than five
// of either the normal approximations behind them do not hold.
func (b binomial) order(s series) []string {
	if min(b.k, b.n-b.k) < 5 {
		return nil
	}
	return s.order(1)
}

func (b binomial) estimate() float64 { return float64(b.k) / float64(b.n) }

// atLeast is P(X >= k) where the share is x: it rises with x.
func (b binomial) atLeast(x float64) float64 {
	return mathext.RegIncBeta(float64(b.k), float64(b.n-b.k+1), min(1, max(0, x)))
}

// atMost is P(X <= k) where the share is x: it falls with x.
func (b binomial) atMost(x float64) float64 {
	return mathext.RegIncBeta(float64(b.n-b.k), float64(b.k+1), 1-min(1, max(0, x)))
}

// interval is the largest share that P(X >= k) rules out to the smallest that
// P(X <= k) does. The ends are found by bisection over these very tails, so
// that [binomial.p] and the interval can't disagree.
func (b binomial) interval(alpha float64) Interval {
	i := Interval{Lo: 0, Hi: 1}
	if b.k > 0 {
		i.Lo = last(func(x float64) bool { return 2*b.atLeast(x) <= alpha })
	}
	if b.k < b.n {
		i.Hi = 1 - last(func(y float64) bool { return 2*b.atMost(1-y) <= alpha })
	}
	return i
}

// last is the largest share for which ok holds: it must be true, then false.
func last(ok func(float64) bool) float64 {
	const steps = 1 << 52
	return float64(max(0, sort.Search(steps, func(i int) bool { return !ok(float64(i) / steps) })-1)) / steps
}

// p is the smallest alpha at which the interval lies wholly inside or wholly
// outside a region, as in [Effect.P]. An end that stands at 0 or 1 stands there
// at every level.
func (b binomial) p(r Region) (p float64, place Place) {
	above := func(ok func(float64) bool, bound float64) float64 { // the lower end reaches beyond a bound
		return b.reach(b.k == 0, ok(0), b.atLeast, bound)
	}
	below := func(ok func(float64) bool, bound float64) float64 { // the upper end stays short of it
		return b.reach(b.k == b.n, ok(1), b.atMost, bound)
	}
	no := func(ok func(float64) bool) func(float64) bool { return func(v float64) bool { return !ok(v) } }
	inside, outside := 0.0, 2.0
	if !r.Lo.Inf {
		inside = max(inside, above(r.aboveLo, r.Lo.Value))
		outside = min(outside, below(no(r.aboveLo), r.Lo.Value))
	}
	if !r.Hi.Inf {
		inside = max(inside, below(r.belowHi, r.Hi.Value))
		outside = min(outside, above(no(r.belowHi), r.Hi.Value))
	}
	switch {
	case inside < 1:
		return inside, Inside
	case outside < 1:
		return outside, Outside
	}
	return 1, Straddles
}

// reach is the smallest alpha at which an end has passed a bound: 0 or 2 where
// the end stands still.
func (b binomial) reach(still, ok bool, tail func(float64) float64, bound float64) float64 {
	switch {
	case !still:
		return 2 * tail(bound)
	case ok:
		return 0
	}
	return 2
}

// FewestForShare is the smallest number of blocks that could put a share's
// interval at a level wholly inside a region, where the data are the best they
// can be: none above 0 for "below 0.1". 0 where no number of blocks can, as for
// a single point.
func FewestForShare(r Region, level float64) int {
	middle := 0.0
	switch {
	case !r.Lo.Inf && !r.Hi.Inf:
		middle = (r.Lo.Value + r.Hi.Value) / 2
	case r.Hi.Inf:
		middle = 1
	}
	settles := func(n int) bool {
		best := binomial{k: int(math.Round(middle * float64(n))), n: n}
		return r.Place(best.interval(1-level)) == Inside
	}
	n := 1 + sort.Search(mostNeeded, func(i int) bool { return settles(i + 1) })
	if n > mostNeeded {
		return 0
	}
	return n
}

// needed is the smallest number of blocks whose interval at the same share
// would lie on one side of the region's bounds; 0 where the share is on one.
func (b binomial) needed(r Region, level float64) int {
	share := b.estimate()
	for _, bound := range []Bound{r.Lo, r.Hi} {
		if !bound.Inf && share == bound.Value {
			return 0
		}
	}
	settled := func(n int) bool {
		grown := binomial{k: int(math.Round(share * float64(n))), n: n}
		return r.Place(grown.interval(1-level)) != Straddles
	}
	n := b.n + sort.Search(mostNeeded, func(i int) bool { return settled(b.n + 1 + i) }) + 1
	if n > mostNeeded {
		return 0
	}
	return n
}

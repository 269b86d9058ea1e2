package stat

import "math"

// A Region is what a claim says of an effect: a part of the real line, in the
// units of the effect as shown (a ratio as such, not its logarithm).
type Region struct{ Lo, Hi Bound }

// A Bound is one end of a Region. Inf is true where there is none on that side.
type Bound struct {
	Value  float64
	Inf    bool
	Closed bool // Value itself belongs to the region
}

// Only is the region that holds one value.
func Only(v float64) Region {
	return Region{Lo: Bound{Value: v, Closed: true}, Hi: Bound{Value: v, Closed: true}}
}

// Contains says whether v lies in the region.
func (r Region) Contains(v float64) bool { return r.aboveLo(v) && r.belowHi(v) }

// aboveLo and belowHi are monotone in v: false to true, and true to false.
func (r Region) aboveLo(v float64) bool {
	return r.Lo.Inf || v > r.Lo.Value || v == r.Lo.Value && r.Lo.Closed
}

func (r Region) belowHi(v float64) bool {
	return r.Hi.Inf || v < r.Hi.Value || v == r.Hi.Value && r.Hi.Closed
}

// An Interval is a closed interval; an end without a bound is an infinity.
type Interval struct{ Lo, Hi float64 }

// Bounded says whether both ends are finite.
func (i Interval) Bounded() bool { return !math.IsInf(i.Lo, 0) && !math.IsInf(i.Hi, 0) }

// Covers says whether v lies in the interval.
func (i Interval) Covers(v float64) bool { return i.Lo <= v && v <= i.Hi }

// A Place is where an interval lies against a region.
type Place int

const (
	Straddles Place = iota // partly inside, partly outside: nothing is decided
	Inside                 // wholly inside
	Outside                // wholly outside
)

// Place says where an interval lies.
func (r Region) Place(i Interval) Place {
	switch {
	case r.aboveLo(i.Lo) && r.belowHi(i.Hi):
		return Inside
	case !r.aboveLo(i.Hi) || !r.belowHi(i.Lo):
		return Outside
	}
	return Straddles
}

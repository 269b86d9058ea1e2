package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// A Row is one benchmark, cell and metric on both sides.
type Row struct {
	Benchmark string      `json:"benchmark"`
	Cell      string      `json:"cell,omitempty"` // "thp=never gogc=100"
	Metric    string      `json:"metric"`         // as printed: "ns/op"
	Better    wire.Better `json:"better,omitempty"`
	Primary   bool        `json:"primary,omitempty"`

	A Summary `json:"a"`
	B Summary `json:"b"`

	// Quantity is ratio (B over A) where all values are above 0, else difference
	// (B less A, in Metric).
	Quantity  stat.Quantity `json:"quantity"`
	OfMedians *float64      `json:"of-medians"` // the same of the two medians; nil where that is not finite
	Estimate  *float64      `json:"estimate"`   // Hodges-Lehmann, of the logarithms for a ratio
	Lo        *float64      `json:"lo"`         // interval at Level; nil is unbounded
	Hi        *float64      `json:"hi"`
	Level     float64       `json:"level,omitempty"`
	Exact     bool          `json:"exact,omitempty"` // repetitions agree on both sides: no interval, no p
	P         *float64      `json:"p,omitempty"`
	Q         *float64      `json:"q,omitempty"` // p after Benjamini-Hochberg over all rows that have one

	// Superiority is the share of pairs, a value of each side, in which B's is the
	// larger, ties for half: 0.5 for none.
	Superiority float64  `json:"superiority"`
	Smallest    *float64 `json:"smallest-detectable,omitempty"` // half the interval: a ratio's as a share

	Moved    bool     `json:"moved"`
	Way      Way      `json:"way,omitempty"` // of a row that moved
	Warnings []string `json:"warnings,omitempty"`

	// Impossible says, side by side, which values can be no measurement, such as a
	// time below 0. Such a row has not moved, and passes no gate.
	Impossible []string `json:"impossible,omitempty"`

	Paired bool `json:"paired,omitempty"` // within blocks of one run, and not the sides as a whole

	effect measured
}

// A measured effect is a [stat.Shift] of two samples, or a [stat.Effect] of blocks.
type measured interface {
	Estimate() float64
	Interval(level float64) stat.Interval
	HalfWidth(level float64) float64
	P(stat.Region) (float64, stat.Place)
}

// A Summary is the values of one side.
type Summary struct {
	N      int     `json:"n"`
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// A Way is which way a row moved.
type Way string

const (
	Worse   Way = "worse"
	Better  Way = "better"
	Changed Way = "changed" // nobody said which way is better
)

func newRow(cache *stat.Shifts, p pair) Row {
	r := Row{
		Benchmark: p.a.Benchmark, Cell: p.cell, Metric: p.a.Unit, Better: p.metric.Better, Primary: p.metric.Primary,
		A: summary(p.a.Values), B: summary(p.b.Values), Quantity: stat.Difference,
	}
	if r.A.Min > 0 && r.B.Min > 0 {
		r.Quantity = stat.Ratio
	}
	r.OfMedians = stat.Finite(r.of(r.B.Median, r.A.Median))
	shift := cache.New(r.Quantity, p.b.Values, p.a.Values, p.metric.Resolution)
	r.effect, r.Superiority = shift, shift.Superiority()
	if p.within != nil {
		r.effect, r.Paired = p.within(r.Quantity), true
	}
	r.Estimate = stat.Finite(r.effect.Estimate())
	r.hold(p)
	if p.metric.Exact {
		if r.A.Min == r.A.Max && r.B.Min == r.B.Max {
			r.Exact = true
			return r
		}
		r.warn("it is declared exact and its repetitions do not agree: compared as a noisy one")
	}
	r.measure()
	if !r.Paired {
		r.doubt(p)
	}
	return r
}

func summary(vs []float64) Summary {
	return Summary{N: len(vs), Median: sample.Median(vs), Min: slices.Min(vs), Max: slices.Max(vs)}
}

// measure fills in what statistics say.
func (r *Row) measure() {
	r.Level = level
	i := r.effect.Interval(level)
	if i.Bounded() {
		r.Lo, r.Hi = stat.Finite(i.Lo), stat.Finite(i.Hi)
		r.Smallest = stat.Finite(r.effect.HalfWidth(level))
	} else if fewest := stat.FewestAt(alpha); r.Paired {
		r.warn(fmt.Sprintf("too few blocks hold both for an interval at %g %%: have %d", 100*level, fewest))
	} else if fewest := stat.FewestUnpaired(alpha); min(r.A.N, r.B.N) < fewest {
		r.warn(fmt.Sprintf("no interval at %g %% from %s against %d: have %d of each", 100*level, prose.Plural(r.A.N, "value"), r.B.N, fewest))
	}
	p := stat.Differs(r.effect, r.none())
	r.P = &p
}

// doubt asks each side whether its values are what the interval takes them for.
func (r *Row) doubt(p pair) {
	for _, side := range []struct {
		name   string
		values []float64
	}{{"A", p.a.Values}, {"B", p.b.Values}} {
		for _, w := range stat.Doubts(side.name, side.values, 2) {
			r.warn(w)
		}
	}
}

func (r *Row) warn(text string) { r.Warnings = append(r.Warnings, text) }

// none is the effect of no change.
func (r Row) none() float64 {
	if r.Quantity == stat.Ratio {
		return 1
	}
	return 0
}

// of is the effect of one value against another.
func (r Row) of(b, a float64) float64 {
	if r.Quantity == stat.Ratio {
		return b / a
	}
	return b - a
}

// settle says whether and which way a row moved, once q is known.
func (r *Row) settle() {
	effect := r.none()
	if r.Estimate != nil {
		effect = *r.Estimate
	}
	r.Moved = r.Exact && effect != r.none() || r.Q != nil && *r.Q <= alpha
	if r.Moved = r.Moved && len(r.Impossible) == 0; !r.Moved {
		return
	}
	switch up := effect > r.none(); {
	case r.Better == "":
		r.Way = Changed
	case up == (r.Better == wire.Lower):
		r.Way = Worse
	default:
		r.Way = Better
	}
}

// sort puts what moved first, by how far it moved at the least: the nearer end
// of its interval. Ratios come before differences, whose sizes have units. The
// rest stays in the order of A.
func (r *Result) sort() {
	slices.SortStableFunc(r.Rows, func(x, y Row) int {
		if x.Moved != y.Moved {
			return cmp.Compare(b2i(y.Moved), b2i(x.Moved))
		}
		if !x.Moved {
			return 0
		}
		return cmp.Or(
			cmp.Compare(b2i(y.Quantity == stat.Ratio), b2i(x.Quantity == stat.Ratio)),
			cmp.Compare(y.distance(), x.distance()),
		)
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// distance is how far a row moved at the least, on the log scale for a ratio.
func (r Row) distance() float64 {
	size := func(v float64) float64 {
		if r.Quantity == stat.Ratio {
			v = math.Log(v)
		}
		return math.Abs(v)
	}
	switch {
	case r.Lo != nil && r.Hi != nil:
		return math.Min(size(*r.Lo), size(*r.Hi))
	case r.Estimate != nil:
		return size(*r.Estimate)
	}
	return 0
}

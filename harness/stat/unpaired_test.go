package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assaylab/assay/workloads/wire"
)

func shiftOf(q Quantity, of, to []float64) Shift {
	var s Shifts
	return s.New(q, of, to, wire.Resolution{})
}

// permeability constants of the human chorioamnion (Hollander and Wolfe 1973),
// the example of R's wilcox.test: W = 35, p = 0.1272 one-sided.
var (
	term  = []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	early = []float64{1.15, 0.88, 0.90, 0.74, 1.21}
)

func TestShiftIsThePublishedOne(t *testing.T) {
	x := shiftOf(Difference, term, early)
	check := func(what string, got, want, within float64) {
		t.Helper()
		if math.Abs(got-want) > within {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	p, place := x.P(Only(0))
	check("p", p, 2*0.1272, 1e-4)
	if place != Outside {
		t.Errorf("place %v", place)
	}
	check("estimate", x.Estimate(), 0.305, 1e-9)
	check("superiority", x.Superiority(), 35.0/50, 1e-12)
	// The 9th smallest and largest of 50 differences, the next would miss with over 5 %.
	i := x.Interval(0.95)
	check("lo", i.Lo, -0.15, 1e-9)
	check("hi", i.Hi, 0.76, 1e-9)
}

// orders calls f with every way to choose n of the values.
func orders(values []float64, n int, f func(of, to []float64)) {
	for mask := range 1 << len(values) {
		var of, to []float64
		for i, v := range values {
			if mask>>i&1 == 1 {
				of = append(of, v)
			} else {
				to = append(to, v)
			}
		}
		if len(of) == n {
			f(of, to)
		}
	}
}

func TestRankSumIsTheEnumeratedOne(t *testing.T) {
	for _, sides := range [][2]int{{1, 1}, {1, 6}, {3, 4}, {4, 4}, {5, 6}} {
		n, m := sides[0], sides[1]
		counts := make([]float64, n*m+1)
		all := 0.0
		values := make([]float64, n+m)
		for i := range values {
			values[i] = float64(i)
		}
		orders(values, n, func(of, to []float64) {
			u := 0
			for _, a := range of {
				for _, b := range to {
					if a > b {
						u++
					}
				}
			}
			counts[u]++
			all++
		})
		d, sum := newRankSum(n, m), 0.0
		for u, got := range d.cum {
			sum += counts[u]
			if want := sum / all; math.Abs(got-want) > 1e-12 {
				t.Errorf("%d and %d: P(U <= %d) is %v, want %v", n, m, u, got, want)
			}
		}
	}
}

// Under every division of tied values into two sides, all equally likely where
// nothing differs, p is at or below alpha no more often than alpha.
func TestTiesAreOnTheSafeSide(t *testing.T) {
	for _, values := range [][]float64{
		{1, 1, 1, 1, 1, 1, 2, 2},
		{1, 1, 2, 2, 3, 3, 4, 4, 5, 5},
		{5, 5, 5, 5, 5, 5, 5, 5},
		{1, 2, 3, 4, 4, 4, 4, 4, 9},
	} {
		n := len(values) / 2
		var ps []float64
		orders(values, n, func(of, to []float64) {
			x := shiftOf(Difference, of, to)
			p, place := x.P(Only(0))
			if place == Inside && p < 1 && !x.Interval(1-p).Covers(0) {
				t.Errorf("%v against %v: inside, and not covered", of, to)
			}
			if place != Outside {
				p = 1
			}
			ps = append(ps, p)
		})
		slices.Sort(ps)
		for i, p := range ps {
			if share := float64(i+1) / float64(len(ps)); p < 1 && (i+1 == len(ps) || ps[i+1] > p) && share > p+1e-12 {
				t.Errorf("%v: p <= %v in a share of %v", values, p, share)
			}
		}
	}
}

// signs calls f with every way to give values a sign.
func signs(values []float64, f func(xs []float64)) {
	xs := make([]float64, len(values))
	for mask := range 1 << len(values) {
		for i, v := range values {
			xs[i] = v
			if mask>>i&1 == 1 {
				xs[i] = -v
			}
		}
		f(xs)
	}
}

// Under every choice of signs, all equally likely where nothing differs, p of
// tied values and zeros is at or below alpha no more often than alpha, and the
// interval that decides is the one drawn.
func TestTiesAndZerosAreOnTheSafeSideOfAllSigns(t *testing.T) {
	for _, values := range [][]float64{
		{1, 1, 1, 1, 1, 1, 1},
		{0, 0, 0, 1, 1, 1, 2, 2},
		{1, 1, 2, 2, 3, 3, 4, 4, 5, 5},
		{0, 0, 0, 0, 0, 0},
		{0.5, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9},
		{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, // none tied: exact
	} {
		var ps []float64
		signs(values, func(xs []float64) {
			e := NewEffect(Value, xs, 0)
			p, place := e.P(Only(0))
			if place != Outside {
				p = 1
			}
			if drawn := e.Interval(0.95).Covers(0); drawn != (p > 0.05) {
				t.Fatalf("%v: p %v, and 0 is covered: %v", xs, p, drawn)
			}
			ps = append(ps, p)
		})
		slices.Sort(ps)
		for i, p := range ps {
			share := float64(i+1) / float64(len(ps))
			last := i+1 == len(ps) || ps[i+1] > p
			if p < 1 && last && share > p+1e-12 {
				t.Errorf("%v: p <= %v in a share of %v", values, p, share)
			}
			if len(values) == 12 && p < 1 && last && math.Abs(share-p) > 1e-12 {
				t.Errorf("%v, no ties: p <= %v in a share of %v, want as often", values, p, share)
			}
		}
	}
}

func TestOrderStatisticsAreTheListedOnes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range 50 {
		n, m := 1+rng.IntN(9), 1+rng.IntN(9)
		of, to := make([]float64, n), make([]float64, m)
		for i := range of {
			of[i] = float64(rng.IntN(12)) - 3 // ties, zeros, signs
		}
		for i := range to {
			to[i] = float64(rng.IntN(12)) - 3
		}
		x := shiftOf(Difference, of, to)
		var all []float64
		larger := 0.0
		for _, a := range of {
			for _, b := range to {
				all = append(all, a-b)
				switch {
				case a > b:
					larger++
				case a == b:
					larger += 0.5
				}
			}
		}
		slices.Sort(all)
		counted := x
		counted.all = nil // as where there are too many to list
		for k := 1; k <= len(all); k++ {
			if got, other := x.kth(k), counted.kth(k); got != all[k-1] || other != got {
				t.Fatalf("%v against %v: difference %d is %v, counted %v, want %v", of, to, k, got, other, all[k-1])
			}
		}
		p, place := x.P(Only(0))
		if q, other := counted.P(Only(0)); p != q || place != other {
			t.Fatalf("%v against %v: p %v, counted %v", of, to, p, q)
		}
		if got, want := x.Superiority(), larger/float64(n*m); math.Abs(got-want) > 1e-12 {
			t.Fatalf("superiority %v, want %v", got, want)
		}
	}
}

// The unpaired interval misses no more often than it says where both sides are
// independent and alike: skewed, unequal in number, tied.
func TestUnpairedIntervalCoversAsOftenAsItSays(t *testing.T) {
	const reps = 1000
	draws := map[string]func(*rand.Rand) float64{
		"lognormal": func(r *rand.Rand) float64 { return math.Exp(r.NormFloat64()) },
		"coarse":    func(r *rand.Rand) float64 { return 10 + math.Round(2*r.NormFloat64()) },
		"bimodal":   func(r *rand.Rand) float64 { return 1 + 9*float64(r.IntN(2)) + 0.1*r.Float64() },
	}
	var cache Shifts
	for name, draw := range draws {
		rng := rand.New(rand.NewPCG(5, 2))
		for _, sides := range [][2]int{{4, 4}, {10, 10}, {6, 30}, {60, 60}} {
			missed := 0
			for range reps {
				of, to := make([]float64, sides[0]), make([]float64, sides[1])
				for i := range of {
					of[i] = draw(rng)
				}
				for i := range to {
					to[i] = draw(rng)
				}
				x := cache.New(Ratio, of, to, wire.Resolution{})
				covers := x.Interval(0.95).Covers(1)
				if p, place := x.P(Only(1)); (place == Outside && p <= 0.05) == covers {
					t.Fatalf("%s: p %v (%v) and the interval %v disagree", name, p, place, x.Interval(0.95))
				}
				if !covers {
					missed++
				}
			}
			if lo, _ := bounds(missed, reps); lo > 0.05 {
				t.Errorf("%s, %v: %d of %d missed, more than 5 %%", name, sides, missed, reps)
			}
		}
	}
}

func TestFewValuesGiveNoInterval(t *testing.T) {
	check := func(n int, bounded bool) {
		t.Helper()
		vs := make([]float64, n)
		for i := range vs {
			vs[i] = float64(i + 1)
		}
		if i := shiftOf(Ratio, vs, vs).Interval(0.95); i.Bounded() != bounded {
			t.Errorf("%d of each: %v", n, i)
		}
	}
	check(1, false)
	check(3, false)
	check(4, true)
	if got := FewestUnpaired(0.05); got != 4 {
		t.Errorf("fewest: %d, want 4", got)
	}
	if x := shiftOf(Ratio, nil, []float64{1}); !math.IsNaN(x.Estimate()) || x.Interval(0.95).Bounded() {
		t.Errorf("an empty side gave %v", x.Estimate())
	}
}

func TestResolutionWidensAShift(t *testing.T) {
	var s Shifts
	vs := []float64{100, 100, 100, 100, 100}
	i := s.New(Ratio, vs, vs, wire.Resolution{Relative: 0.01}).Interval(0.95)
	if want := 1.01 / 0.99; math.Abs(i.Hi-want) > 1e-12 || math.Abs(i.Lo-1/want) > 1e-12 {
		t.Errorf("%v, want both ends off by %v", i, want)
	}
	i = s.New(Difference, vs, vs, wire.Resolution{Absolute: 3}).Interval(0.95)
	if i != (Interval{-6, 6}) {
		t.Errorf("%v, want [-6, 6]", i)
	}
}

// Beyond the counted sizes the approximation misses no more often than it says
// in the tails that matter, held against the count itself.
func TestApproximationIsOnTheSafeSide(t *testing.T) {
	for _, sides := range [][2]int{{50, 50}, {20, 125}, {5, 500}, {2, 1250}} {
		d := newRankSum(sides[0], sides[1])
		normal := rankSum{n: d.n, m: d.m}
		for _, alpha := range []float64{0.05, 0.01, 0.001} {
			if exact, other := d.depth(alpha), normal.depth(alpha); other > exact {
				t.Errorf("%v at %v: depth %d, counted %d", sides, alpha, other, exact)
			}
		}
	}
}

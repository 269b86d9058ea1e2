package stat

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/assaylab/assay/harness/spec"
)

// byEnumeration counts the null distribution by trying all 2^n signs.
func byEnumeration(n int) []float64 {
	cum := make([]float64, walshCount(n)+1)
	for signs := range 1 << n {
		sum := 0
		for s := uint(signs); s != 0; s &= s - 1 {
			sum += bits.TrailingZeros(s) + 1
		}
		cum[sum] += math.Ldexp(1, -n)
	}
	for t := 1; t < len(cum); t++ {
		cum[t] += cum[t-1]
	}
	return cum
}

func TestNullIsWhatEnumerationGives(t *testing.T) {
	for n := 1; n <= 16; n++ {
		got, want := newNull(n), byEnumeration(n)
		for x := range got.cum {
			if math.Abs(got.cum[x]-want[x]) > 1e-14 {
				t.Fatalf("n=%d: P(T<=%d) = %v, want %v", n, x, got.cum[x], want[x])
			}
		}
	}
}

func TestNullMatchesPublishedTables(t *testing.T) {
	// The critical values of T for a two-sided test, as in any table of Wilcoxon's.
	check := func(n int, alpha float64, want int) {
		t.Helper()
		if got := newNull(n).depth(alpha) - 1; got != want {
			t.Errorf("n=%d alpha=%v: critical T = %d, want %d", n, alpha, got, want)
		}
	}
	check(6, 0.05, 0)
	check(7, 0.05, 2)
	check(10, 0.05, 8)
	check(10, 0.01, 3)
	check(15, 0.05, 25)
	check(20, 0.05, 52)
	check(20, 0.01, 37)
	check(25, 0.05, 89)
	check(50, 0.05, 434)
}

func TestBeyondExactTheTailIsNeverUnderstated(t *testing.T) {
	exact, normal := newNull(exactBlocks), null{n: exactBlocks}
	for k := 1; exact.alpha(k) < 0.1; k++ {
		if a, b := exact.alpha(k), normal.alpha(k); b < a*0.999 || a > 1e-4 && b > a*1.15 {
			t.Fatalf("k=%d: normal %v, exact %v", k, b, a)
		}
	}
}

func TestFewestBlocksIsWhatExperimentsAreHeldTo(t *testing.T) {
	check := func(from, to, want int) {
		t.Helper()
		for m := from; m <= to; m++ {
			if got := FewestAt(0.05 / float64(m)); got != want || got != (spec.Design{}).FewestBlocks(m) {
				t.Errorf("m=%d: %d blocks, want %d", m, got, want)
			}
			level := 1 - 0.05/float64(m)
			if e := NewEffect(Value, make([]float64, want), 0); !e.Interval(level).Bounded() {
				t.Errorf("m=%d: interval of %d blocks is not finite", m, want)
			}
			if e := NewEffect(Value, make([]float64, want-1), 0); e.Interval(level).Bounded() {
				t.Errorf("m=%d: interval of %d blocks is finite already", m, want-1)
			}
		}
	}
	check(1, 1, 6)
	check(2, 3, 7)
	check(4, 6, 8)
	check(7, 12, 9)
	check(13, 25, 10)
	check(26, 51, 11)
}

func TestOrderStatisticsAreTheListed(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 40} {
		for draw := range 20 {
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = math.Round(rng.NormFloat64()*4) / 4 // ties, zeros, both signs
				if draw%2 == 1 {
					xs[i] = rng.NormFloat64() * math.Exp(10*rng.NormFloat64()) // no two alike, of all sizes
				}
			}
			slices.Sort(xs)
			var all []float64
			for i := range xs {
				for j := i; j < n; j++ {
					all = append(all, walsh(xs[i], xs[j]))
				}
			}
			slices.Sort(all)
			for k := 1; k <= len(all); k++ {
				if got := kthWalsh(xs, k); got != all[k-1] {
					t.Fatalf("%v: average %d is %v, want %v", xs, k, got, all[k-1])
				}
			}
		}
	}
}

func TestIntervalIsWrittenOut(t *testing.T) {
	check := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	// Ten values; at 95 % the critical T is 8, so the 9th of 55 averages and the 9th last.
	e := NewEffect(Value, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 20}, 0)
	check("estimate", e.Estimate(), 5.5)
	check("lo", e.Interval(0.95).Lo, 3)
	check("hi", e.Interval(0.95).Hi, 11)

	// Six: the whole range at 95 %, nothing at 99 %.
	e = NewEffect(Ratio, []float64{0.5, 1, 1, 1, 1, 2}, 0)
	check("estimate", e.Estimate(), 1)
	check("lo", e.Interval(0.95).Lo, 0.5)
	check("hi", e.Interval(0.95).Hi, 2)
	if e.Interval(0.99).Bounded() {
		t.Error("99 % interval of six blocks is finite")
	}

	// Zeros are kept: five of them and five ones.
	e = NewEffect(Difference, []float64{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, 0)
	check("lo", e.Interval(0.95).Lo, 0)
	check("hi", e.Interval(0.95).Hi, 1)
}

func TestResolutionMovesBothEndsAndThePValue(t *testing.T) {
	values := []float64{0.90, 0.91, 0.92, 0.93, 0.94, 0.95}
	below1 := Region{Lo: Bound{Inf: true}, Hi: Bound{Value: 1}}

	fine := NewEffect(Ratio, values, 0)
	if p, place := fine.P(below1); p != 2.0/64 || place != Inside {
		t.Errorf("fine: p %v %v, want 0.03125 inside", p, place)
	}
	// Readings off by 5 %: 0.95 * 1.05/0.95 = 1.05, no longer below 1.
	wide := NewEffect(Ratio, values, stretch(0.05, 0.05))
	i := wide.Interval(0.95)
	if math.Abs(i.Lo-0.90*0.95/1.05) > 1e-12 || math.Abs(i.Hi-0.95*1.05/0.95) > 1e-12 {
		t.Errorf("widened interval %v", i)
	}
	if p, place := wide.P(below1); p <= 2.0/64 {
		t.Errorf("widened: p %v %v, want above 0.03125", p, place)
	}
	unknown := NewEffect(Ratio, values, math.Inf(1))
	if p, place := unknown.P(below1); p != 1 || place != Straddles || unknown.Interval(0.5).Bounded() {
		t.Errorf("a resolution as large as the value: p %v %v", p, place)
	}
}

// The p rule and the intervals are one: at 1-p the interval decides as P says,
// at any smaller alpha it does not.
func TestPIsTheLevelAtWhichTheIntervalDecides(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 7))
	bound := func() Bound {
		return Bound{Value: math.Round(rng.NormFloat64()*8) / 8, Inf: rng.IntN(3) == 0, Closed: rng.IntN(2) == 0}
	}
	decided := 0
	for range 4000 {
		values := make([]float64, 1+rng.IntN(20))
		shift := rng.NormFloat64()
		for i := range values {
			values[i] = shift + math.Round(rng.NormFloat64()*8)/8
		}
		q := Value
		if rng.IntN(2) == 0 {
			q = Ratio
			for i, v := range values {
				values[i] = math.Exp(v)
			}
		}
		e := NewEffect(q, values, []float64{0, 0.125}[rng.IntN(2)])
		r := Region{Lo: bound(), Hi: bound()}
		if r.Lo.Inf && r.Hi.Inf || !r.Lo.Inf && !r.Hi.Inf && r.Lo.Value >= r.Hi.Value {
			continue
		}
		p, place := e.P(r)
		if place == Straddles {
			for k := 1; k <= e.null.deepest(); k++ {
				if got := r.Place(e.at(k)); got != Straddles {
					t.Fatalf("%v %v: P says undecided, interval %d says %v", values, r, k, got)
				}
			}
			continue
		}
		decided++
		if got := r.Place(e.Interval(1 - p)); got != place {
			t.Fatalf("%v %+v: at 1-p (p=%v) the interval %v says %v, want %v", values, r, p, e.Interval(1-p), got, place)
		}
		if got := r.Place(e.Interval(1 - p*0.999)); got != Straddles {
			t.Fatalf("%v %+v: just above 1-p (p=%v) the interval %v decides already", values, r, p, e.Interval(1-p*0.999))
		}
	}
	if decided < 1000 {
		t.Fatalf("only %d cases were decided: the test says little", decided)
	}
}

func TestHalfWidthOfARatioIsAShare(t *testing.T) {
	e := NewEffect(Ratio, []float64{0.97, 1, 1, 1, 1, 1.03}, 0)
	if got, want := e.HalfWidth(0.95), math.Sqrt(1.03/0.97)-1; math.Abs(got-want) > 1e-12 {
		t.Errorf("half-width %v, want %v", got, want)
	}
	if !math.IsInf(e.HalfWidth(0.99), 1) {
		t.Error("half-width of an infinite interval is finite")
	}
	if got := NewEffect(Difference, []float64{-1, 0, 0, 0, 0, 3}, 0.5).HalfWidth(0.95); got != 2.5 {
		t.Errorf("half-width of a difference %v, want 2.5", got)
	}
}

func TestNeededBlocks(t *testing.T) {
	below1 := Region{Lo: Bound{Inf: true}, Hi: Bound{Value: 1}}
	spread := func(mid, s float64) Effect {
		var vs []float64
		for i := range 10 {
			vs = append(vs, math.Exp(mid+s*(float64(i)-4.5)))
		}
		return NewEffect(Ratio, vs, 0)
	}
	last := 0
	for _, s := range []float64{0.01, 0.02, 0.05, 0.1, 0.5} {
		n := spread(-0.01, s).Needed(below1, 0.95)
		if n < 11 || n < last {
			t.Errorf("spread %v: %d blocks after %d", s, n, last)
		}
		last = n
	}
	// The distance to 1 is 0.01, the half of the interval is 2.5 spreads: 10*(2.5*0.02/0.01)^2.
	if got := spread(-0.01, 0.02).Needed(below1, 0.95); got < 240 || got > 260 {
		t.Errorf("needed %d, want about 250", got)
	}
	if got := spread(0, 0.02).Needed(below1, 0.95); got != 0 {
		t.Errorf("the estimate is on the bound, needed %d, want 0", got)
	}
	// Three blocks far from the bound: as many as make an interval finite at all.
	if got := NewEffect(Ratio, []float64{0.5, 0.5, 0.501}, 0).Needed(below1, 0.95); got != 6 {
		t.Errorf("three blocks: needed %d, want 6", got)
	}
	if got := NewEffect(Ratio, []float64{0.99, 0.991, 0.992, 0.99, 0.991, 0.993}, 0.02).Needed(below1, 0.95); got != 0 {
		t.Errorf("within the resolution: needed %d, want 0", got)
	}
}

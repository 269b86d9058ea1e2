package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The draws are all 3^3 resamples of three values, so that nothing is random:
// 11 of the 27 means lie below that of the values. The rest is by hand.
func TestBCaIsWrittenOut(t *testing.T) {
	values := []float64{0, 1, 5}
	at := 0
	all := func(into []int) {
		for i, d := 0, at; i < 3; i, d = i+1, d/3 {
			into[i] = d % 3
		}
		at++
	}
	i, ok := BCa(3, func(times []int) float64 {
		n := times[0] + times[1] + times[2]
		return (values[0]*float64(times[0]) + values[1]*float64(times[1]) + values[2]*float64(times[2])) / float64(n)
	}, 27, all, 0.8)
	if !ok {
		t.Fatal("no interval")
	}
	// Means x 3 and how often: 0 1, 1 3, 2 3, 3 1, 5 3, 6 6, 7 3, 10 3, 11 3, 15 1.
	// Below 6: 11 of 27. Jackknife: means of pairs 3, 2.5, 0.5, about 2: -1, -0.5, 1.5 as influences;
	// cubes -1 - 0.125 + 3.375 = 2.25, squares 3.5.
	z0 := normalQuantile(11.0 / 27)
	a := 2.25 / (6 * math.Pow(3.5, 1.5))
	position := func(z float64) float64 {
		w := z0 + z
		return 28 * (0.5 * math.Erfc(-(z0+w/(1-a*w))/math.Sqrt2))
	}
	z := 1.2815515655446004 // of 0.9
	lo, hi := position(-z), position(z)
	ts := []float64{0, 1, 1, 1, 2, 2, 2, 3, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7, 7, 7, 10, 10, 10, 11, 11, 11, 15}
	between := func(end, position float64) {
		t.Helper()
		k := int(position)
		if end < ts[k-1]/3-1e-12 || end > ts[k]/3+1e-12 {
			t.Errorf("end %v at position %v: not between %v and %v", end, position, ts[k-1]/3, ts[k]/3)
		}
	}
	between(i.Lo, lo)
	between(i.Hi, hi)
	if k := int(lo); ts[k-1] == ts[k] && math.Abs(i.Lo-ts[k]/3) > 1e-12 {
		t.Errorf("low end %v, want %v", i.Lo, ts[k]/3)
	}
}

func TestQuantilesAreInterpolatedOnTheNormalScale(t *testing.T) {
	check := func(p, want float64) {
		t.Helper()
		if got := interpolate([]float64{10, 20, 40}, p); math.Abs(got-want) > 1e-9 {
			t.Errorf("quantile %v is %v, want %v", p, got, want)
		}
	}
	check(0.25, 10) // exactly the first of three
	check(0.5, 20)
	check(0.75, 40)
	check(0.01, 10)
	check(0.99, 40)
	// Half way between the ranks' normal quantiles, -0.6745 and 0.
	check(1-upper(-0.6744897501960817/2), 15)
}

// Taken so many times, the pseudo-median is that of the values written out.
func TestWeighedPseudoMedianIsTheListed(t *testing.T) {
	rng := rand.New(rand.NewPCG(54, 1))
	for n := 1; n <= 12; n++ {
		for range 30 {
			xs, times := make([]float64, n), make([]int, n)
			var drawn []float64
			for i := range xs {
				xs[i] = math.Round(rng.NormFloat64()*8) / 8
			}
			for range n {
				i := rng.IntN(n)
				times[i]++
				drawn = append(drawn, xs[i])
			}
			want := NewEffect(Value, drawn, 0).Estimate()
			if got := pseudoMedians(xs)(times); got != want {
				t.Fatalf("%v times %v: %v, want %v", xs, times, got, want)
			}
		}
	}
}

func TestBootstrapIsShownFromFifteenBlocksOn(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 1))
	draw := func(n int) (vs []float64) {
		for range n {
			vs = append(vs, math.Exp(0.1+0.02*rng.NormFloat64()))
		}
		return vs
	}
	check := func(e Effect, want bool) {
		t.Helper()
		if _, ok := e.Bootstrap(0.95); ok != want {
			t.Errorf("%d blocks: shown %v, want %v", e.N(), ok, want)
		}
	}
	check(NewEffect(Ratio, draw(14), 0), false)
	check(NewEffect(Ratio, draw(15), 0), true)
	check(NewEffect(Ratio, draw(501), 0), false)
	check(NewEffect(Ratio, draw(20), math.Inf(1)), false)
	check(shareOf(5, 20), false)
	check(NewEffect(Value, make([]float64, 20), 0), false)

	vs := draw(30)
	a, _ := NewEffect(Ratio, vs, 0).Bootstrap(0.95)
	slices.Reverse(vs)
	b, _ := NewEffect(Ratio, vs, 0).Bootstrap(0.95)
	if a != b {
		t.Errorf("the same blocks gave %+v and %+v", a, b)
	}
	exact := NewEffect(Ratio, vs, 0).Interval(0.95)
	if !a.Covers(math.Exp(0.1)) || a.Lo < exact.Lo*0.99 || a.Hi > exact.Hi*1.01 {
		t.Errorf("bootstrap %+v, exact %+v: far apart on normal data", a, exact)
	}
	wide, _ := NewEffect(Ratio, vs, 0.05).Bootstrap(0.95)
	if math.Abs(wide.Hi/a.Hi-math.Exp(0.05)) > 1e-9 {
		t.Errorf("with a resolution of 0.05 the end is %v, without %v", wide.Hi, a.Hi)
	}
}

// From 15 blocks on the interval covers nearly as often as it says, the less so
// the more skewed the blocks are: which is why it decides nothing. The bounds
// are the exact ones of the measured rates.
func TestBootstrapCoversNearlyAsOftenAsItSays(t *testing.T) {
	const reps, draws = 400, 299
	for name, noise := range noises {
		rng := rand.New(rand.NewPCG(52, 1))
		for _, n := range []int{15} {
			covered, vs := 0, make([]float64, n)
			for range reps {
				for i := range vs {
					vs[i] = noise(rng)
				}
				i, ok := BCa(n, pseudoMedians(vs), draws, blockDraws(n), 0.95)
				if ok && i.Covers(0) {
					covered++
				}
			}
			if lo, hi := bounds(covered, reps); hi < 0.93 || lo > 0.97 {
				t.Errorf("%s, n=%d: covers %d of %d, the rate lies in %.3f .. %.3f", name, n, covered, reps, lo, hi)
			}
		}
	}
}

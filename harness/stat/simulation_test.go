package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// bounds are the exact (Clopper-Pearson) ends of the rate behind x of n, each
// missing with 0.5 %.
func bounds(x, n int) (lo, hi float64) {
	tail := func(p float64, from, to int) float64 {
		sum := 0.0
		for i := from; i <= to; i++ {
			sum += math.Exp(logChoose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
		}
		return sum
	}
	bisect := func(f func(float64) bool) float64 { // f: true, then false
		a, b := 0.0, 1.0
		for range 50 {
			if mid := (a + b) / 2; f(mid) {
				a = mid
			} else {
				b = mid
			}
		}
		return b
	}
	if x > 0 {
		lo = bisect(func(p float64) bool { return tail(p, x, n) < 0.005 })
	}
	hi = 1
	if x < n {
		hi = bisect(func(p float64) bool { return tail(p, 0, x) > 0.005 })
	}
	return lo, hi
}

func TestClopperPearsonIsThePublishedOne(t *testing.T) {
	// R: binom.test(5, 100, conf.level = 0.99)$conf.int
	lo, hi := bounds(5, 100)
	if math.Abs(lo-0.0109) > 5e-4 || math.Abs(hi-0.1344) > 5e-3 {
		t.Errorf("bounds of 5/100: %v %v", lo, hi)
	}
	if lo, hi := bounds(0, 50); lo != 0 || math.Abs(hi-(1-math.Pow(0.005, 0.02))) > 1e-9 {
		t.Errorf("bounds of 0/50: %v %v", lo, hi)
	}
}

// atMost fails where the rate behind x of n may exceed limit.
func atMost(t *testing.T, what string, x, n int, limit float64) {
	t.Helper()
	if _, hi := bounds(x, n); hi > limit {
		t.Errorf("%s: %d of %d, the rate may be %.4f, more than %v", what, x, n, hi, limit)
	}
}

// noises are symmetric about 0, as the interval supposes of log ratios of two
// arms with the same noise.
var noises = map[string]func(*rand.Rand) float64{
	"normal": func(r *rand.Rand) float64 { return r.NormFloat64() },
	"skewed arms": func(r *rand.Rand) float64 { // each arm is skewed, their log ratio is not
		return math.Log(1+r.ExpFloat64()) - math.Log(1+r.ExpFloat64())
	},
	"outliers": func(r *rand.Rand) float64 {
		if r.IntN(10) == 0 {
			return 20 * r.NormFloat64()
		}
		return r.NormFloat64()
	},
}

func TestIntervalCoversAsOftenAsItSays(t *testing.T) {
	const reps = 3000
	for name, noise := range noises {
		rng := rand.New(rand.NewPCG(11, 1))
		for _, n := range []int{7, 12} {
			missed, k := 0, newNull(n).depth(0.05)
			for range reps {
				vs := make([]float64, n)
				for i := range vs {
					vs[i] = noise(rng)
				}
				if p, place := NewEffect(Value, vs, 0).P(Only(0)); place == Outside && p <= 0.05 {
					missed++
				}
			}
			// Without ties the rate is known exactly: it must lie in the bounds.
			want := newNull(n).alpha(k)
			if lo, hi := bounds(missed, reps); want < lo || want > hi {
				t.Errorf("%s, n=%d: missed %d of %d, want a rate of %.4f", name, n, missed, reps, want)
			}
		}
	}
}

func TestIntervalOfCoarseReadingsCoversMoreNotLess(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 1))
	const reps = 3000
	missed := 0
	for range reps {
		vs := make([]float64, 10)
		for i := range vs {
			vs[i] = math.Round(rng.NormFloat64()) // mostly -1, 0, 1
		}
		if p, place := NewEffect(Value, vs, 0).P(Only(0)); place == Outside && p <= 0.05 {
			missed++
		}
	}
	atMost(t, "coarse readings", missed, reps, 0.05)
}

// False decisions of whole experiments whose claims are all false in one
// direction or the other, alike in truth to the last digit of their bound.
func TestFamilyOfClaimsErrsAtMostAsOftenAsOneMay(t *testing.T) {
	const reps = 1500
	below := Region{Lo: Bound{Inf: true}, Hi: Bound{Value: 1}}
	for _, m := range []int{3, 6, 12} {
		rng := rand.New(rand.NewPCG(13, uint64(m)))
		wrong := 0
		for range reps {
			ps, places := make([]float64, m), make([]Place, m)
			base := make([]float64, 12) // the arm that all claims share
			for i := range base {
				base[i] = rng.NormFloat64()
			}
			for c := range m {
				vs := make([]float64, 12)
				for i := range vs {
					vs[i] = math.Exp(0.03 * (rng.NormFloat64() - base[i]))
				}
				ps[c], places[c] = NewEffect(Ratio, vs, 0).P(below)
			}
			for c, s := range Holm(ps, m, 0.05) {
				// The ratio is 1: "below 1" is false, so only Inside is an error.
				if s.Decided && places[c] == Inside {
					wrong++
					break
				}
			}
		}
		atMost(t, "false decisions", wrong, reps, 0.05)
	}
}

// Half of the claims are true by a little, half false by a little: deciding the
// true ones loosens later steps, and must not let more errors through.
func TestFamilyOfMixedClaimsErrsAtMostAsOftenAsOneMay(t *testing.T) {
	const reps, m = 1500, 6
	rng := rand.New(rand.NewPCG(14, 1))
	above := Region{Lo: Bound{Value: 1}, Hi: Bound{Inf: true}}
	wrong, found := 0, 0
	for range reps {
		ps, places := make([]float64, m), make([]Place, m)
		for c := range m {
			effect := 0.0 // of even ones: "above 1" is false
			if c%2 == 1 {
				effect = 0.05
			}
			vs := make([]float64, 12)
			for i := range vs {
				vs[i] = math.Exp(effect + 0.03*rng.NormFloat64())
			}
			ps[c], places[c] = NewEffect(Ratio, vs, 0).P(above)
		}
		err := false
		for c, s := range Holm(ps, m, 0.05) {
			if !s.Decided {
				continue
			}
			truth := Outside
			if c%2 == 1 {
				truth = Inside
				found++
			}
			err = err || places[c] != truth
		}
		if err {
			wrong++
		}
	}
	atMost(t, "false decisions", wrong, reps, 0.05)
	if found < reps*m/2*8/10 {
		t.Errorf("only %d of %d true claims were found", found, reps*m/2)
	}
}

// Widening by less than the resolution of both readings would cover as often as it
// says on many machines, and on some hardly ever: those where all readings of a side
// are off alike, whether they are equal or scatter.
func TestNoLessThanTheWholeResolutionCovers(t *testing.T) {
	const reps, blocks, step = 400, 100, 1.0
	round := func(v float64) float64 { return step * math.Round(v/step) }
	check := func(name string, of, to float64, noise func(*rand.Rand) float64) {
		t.Helper()
		rng := rand.New(rand.NewPCG(15, 1))
		quarter, whole, values := 0, 0, map[float64]bool{}
		for range reps {
			vs := make([]float64, blocks)
			for i := range vs {
				reading := round(of + noise(rng))
				values[reading] = true
				vs[i] = reading - round(to+noise(rng))
			}
			i := NewEffect(Value, vs, 0).Interval(0.95)
			covers := func(width float64) int {
				if i.Lo-width <= of-to && of-to <= i.Hi+width {
					return 1
				}
				return 0
			}
			quarter, whole = quarter+covers(step/2), whole+covers(step)
		}
		if _, hi := bounds(quarter, reps); hi > 0.5 {
			t.Errorf("%s: a quarter of a step for each reading covers in %d of %d: the test shows no danger", name, quarter, reps)
		}
		if _, hi := bounds(whole, reps); hi < 0.95 {
			t.Errorf("%s, %d values: the whole covers in %d of %d", name, len(values), whole, reps)
		}
	}
	check("noise within a step", 0.55, 0.45, func(r *rand.Rand) float64 { return 0.005 * r.NormFloat64() })
	check("steps of its own", 0.55, 0.45, func(r *rand.Rand) float64 { return step*float64(r.IntN(3)) + 0.005*r.NormFloat64() })
}

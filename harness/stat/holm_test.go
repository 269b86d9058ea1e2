package stat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHolmStopsAtTheFirstThatFails(t *testing.T) {
	check := func(ps []float64, m int, want ...Step) {
		t.Helper()
		got := Holm(ps, m, 0.05)
		for i := range want {
			if got[i].Rank != want[i].Rank || math.Abs(got[i].Alpha-want[i].Alpha) > 1e-15 || got[i].Decided != want[i].Decided {
				t.Errorf("Holm(%v, %d)[%d] = %+v, want %+v", ps, m, i, got[i], want[i])
			}
		}
	}
	check([]float64{0.04}, 1, Step{1, 0.05, true})
	check([]float64{0.04, 0.001}, 2, Step{2, 0.05, true}, Step{1, 0.025, true})
	// 0.03 fails at 0.025; 0.04 would pass at its own 0.05, but stays undecided
	// and is shown where the procedure stopped.
	check([]float64{0.04, 0.03}, 2, Step{2, 0.025, false}, Step{1, 0.025, false})
	// An untestable third makes the first step stricter.
	check([]float64{0.04, 0.02}, 3, Step{2, 0.05 / 3, false}, Step{1, 0.05 / 3, false})
	check([]float64{0.01, 0.01, 0.9}, 3, Step{1, 0.05 / 3, true}, Step{2, 0.025, true}, Step{3, 0.05, false})
	check(nil, 3)
}

// Whatever the p-values: decided exactly where p is at most the alpha shown.
func TestHolmNumberAndPictureAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		ps := make([]float64, 1+rng.IntN(8))
		for i := range ps {
			ps[i] = math.Pow(rng.Float64(), 4)
			if i > 0 && rng.IntN(4) == 0 {
				ps[i] = ps[i-1]
			}
		}
		m := len(ps) + rng.IntN(3)
		adjusted := HolmAdjusted(ps, m)
		for i, s := range Holm(ps, m, 0.05) {
			if s.Decided != (ps[i] <= s.Alpha) {
				t.Fatalf("ps %v: p %v is shown at alpha %v, decided %v", ps, ps[i], s.Alpha, s.Decided)
			}
			if s.Decided != (adjusted[i] <= 0.05) {
				t.Fatalf("ps %v of %d: adjusted %v, decided %v", ps, m, adjusted[i], s.Decided)
			}
		}
	}
}

func TestBenjaminiHochberg(t *testing.T) {
	got := BenjaminiHochberg([]float64{0.01, 0.04, 0.03, 0.005})
	if want := []float64{0.02, 0.04, 0.04, 0.02}; !slices.EqualFunc(got, want, near) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

func TestFisherIsThePublishedOne(t *testing.T) {
	check := func(a, n, b, m int, want float64) {
		t.Helper()
		if got := Fisher(a, n, b, m); math.Abs(got-want) > 1e-6 {
			t.Errorf("Fisher(%d/%d, %d/%d) = %v, want %v", a, n, b, m, got, want)
		}
	}
	check(3, 4, 1, 4, 0.4857143) // the lady tasting tea, two-sided
	check(8, 10, 1, 6, 0.0349650)
	check(0, 20, 6, 20, 0.0201960) // twice C(20,6)/C(40,6)
	check(0, 20, 0, 20, 1)
	check(10, 20, 10, 20, 1)
	check(0, 0, 3, 5, 1)
}

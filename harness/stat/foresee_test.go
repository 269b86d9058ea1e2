package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestWhatIsForeseenForTheSameBlocksIsWhatTheyGave(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 1))
	vs := make([]float64, 20)
	for i := range vs {
		vs[i] = math.Exp(0.02 * rng.NormFloat64())
	}
	for _, widen := range []float64{0, 0.01} {
		e := NewEffect(Ratio, vs, widen)
		if got, want := e.Foresee(0.99, 20), e.HalfWidth(0.99); math.Abs(got-want) > 1e-9 {
			t.Errorf("foreseen %v, was %v", got, want)
		}
	}
	e := NewEffect(Ratio, vs, 0)
	// Four times the blocks halve it, but for what few blocks lose to the steps of the exact interval.
	if half := math.Log1p(e.Foresee(0.95, 80)) / math.Log1p(e.Foresee(0.95, 20)); half < 0.46 || half > 0.5 {
		t.Errorf("80 blocks leave %v of the half-width of 20", half)
	}
	if !math.IsInf(e.Foresee(0.99, 7), 1) {
		t.Error("7 blocks have no finite interval at 99 %")
	}
	if !math.IsInf(NewEffect(Ratio, vs[:1], 0).Foresee(0.95, 20), 1) {
		t.Error("one block has no spread")
	}
	if w := NewEffect(Difference, make([]float64, 20), 0.25).Foresee(0.95, 40); w != 0.25 {
		t.Errorf("equal blocks leave the resolution, 0.25, got %v", w)
	}
}

// The mean over many runs of what a pilot foresees is near the mean of what
// longer runs then have.
func TestForesightHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(62, 1))
	draw := func(n int) Effect {
		vs := make([]float64, n)
		for i := range vs {
			vs[i] = math.Exp(0.03 * rng.NormFloat64())
		}
		return NewEffect(Ratio, vs, 0)
	}
	check := func(pilot, blocks int) {
		t.Helper()
		const reps = 400
		foreseen, had := 0.0, 0.0
		for range reps {
			foreseen += draw(pilot).Foresee(0.99, blocks) / reps
			had += draw(blocks).HalfWidth(0.99) / reps
		}
		if r := foreseen / had; r < 0.9 || r > 1.1 {
			t.Errorf("from %d blocks %v is foreseen for %d, which have %v", pilot, foreseen, blocks, had)
		}
	}
	check(6, 20) // too few for an interval of their own at 99 %
	check(10, 40)
	check(20, 9)
}

func TestASharesForesightIsItsInterval(t *testing.T) {
	i := shareOf(4, 40).Interval(0.95)
	if got := shareOf(1, 10).Foresee(0.95, 40); got != (i.Hi-i.Lo)/2 {
		t.Errorf("foreseen %v, want %v", got, (i.Hi-i.Lo)/2)
	}
}

// What was kept of an effect, its half-width, is found again, and shrinks with
// the root of the blocks.
func TestATypicalEffectHasTheHalfWidthItWasMadeFor(t *testing.T) {
	for _, n := range []int{10, 25, 200} {
		e := Typical(0.05, 0.95, n)
		if h := e.HalfWidth(0.95); math.Abs(h-0.05) > 1e-9 {
			t.Errorf("n %d: half-width %v, want 0.05", n, h)
		}
		if h := e.Foresee(0.95, 4*n); math.Abs(math.Log1p(h)/math.Log1p(0.05)-0.5) > 0.08 {
			t.Errorf("n %d: with four times the blocks %v, want about half of 0.05", n, h)
		}
	}
}

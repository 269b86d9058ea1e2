package stat

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// shareOf is an effect of n blocks, k of them above 0.
func shareOf(k, n int) Effect {
	vs := make([]float64, n)
	for i := range k {
		vs[i] = 1
	}
	return NewEffect(Share, vs, 0)
}

func TestShareIntervalIsThePublishedOne(t *testing.T) {
	check := func(k, n int, level, lo, hi float64) {
		t.Helper()
		i := shareOf(k, n).Interval(level)
		if math.Abs(i.Lo-lo) > 5e-8 || math.Abs(i.Hi-hi) > 5e-8 {
			t.Errorf("%d of %d at %v: %.8f .. %.8f, want %.8f .. %.8f", k, n, level, i.Lo, i.Hi, lo, hi)
		}
	}
	// In closed form: none, all, one of one.
	check(0, 20, 0.95, 0, 1-math.Pow(0.025, 1.0/20))
	check(20, 20, 0.99, math.Pow(0.005, 1.0/20), 1)
	check(1, 1, 0.95, 0.025, 1)
	// R: binom.test(2, 20)$conf.int
	check(2, 20, 0.95, 0.01234853, 0.31698271)

}

// The interval misses on each side with at most half of alpha, whatever the rate.
func TestShareIntervalCoversWhateverTheRate(t *testing.T) {
	for _, n := range []int{1, 7, 20} {
		intervals := make([]Interval, n+1)
		for k := range intervals {
			intervals[k] = shareOf(k, n).Interval(0.95)
		}
		for p := 0.005; p < 1; p += 0.005 {
			below, above := 0.0, 0.0
			for k, i := range intervals {
				likely := math.Exp(logChoose(n, k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
				switch {
				case i.Hi < p:
					below += likely
				case i.Lo > p:
					above += likely
				}
			}
			if below > 0.025+1e-12 || above > 0.025+1e-12 {
				t.Fatalf("n=%d p=%v: misses with %v below and %v above", n, p, below, above)
			}
		}
	}
}

// One rule read in two directions: the interval at 1-alpha decides if and only if p <= alpha.
func TestPOfAShareIsTheSmallestAlphaThatDecides(t *testing.T) {
	regions := []Region{
		{Lo: Bound{Inf: true}, Hi: Bound{Value: 0.1}},
		{Lo: Bound{Value: 0.1}, Hi: Bound{Inf: true}},
		{Lo: Bound{Value: 0}, Hi: Bound{Inf: true}},
		{Lo: Bound{Inf: true}, Hi: Bound{Value: 1}},
		band(0, 0.1), band(0.2, 0.6), band(0.9, 1), Only(0), Only(0.5), Only(1),
	}
	for _, n := range []int{1, 6, 30} {
		for k := 0; k <= n; k++ {
			e := shareOf(k, n)
			for _, r := range regions {
				p, place := e.P(r)
				if p < 0 || p > 1 || place == Straddles && p != 1 {
					t.Fatalf("%d of %d: p %v, place %v", k, n, p, place)
				}
				for _, alpha := range []float64{0.001, 0.01, 0.05, 0.2, p * 1.001, p * 0.999} {
					if alpha < 1e-10 || alpha >= 1 { // a level can't tell smaller ones from 0
						continue
					}
					want := Straddles
					if p <= alpha {
						want = place
					}
					if got := r.Place(e.Interval(1 - alpha)); got != want {
						t.Errorf("%d of %d in %+v at %v: the interval %+v is %v, p %v says %v", k, n, r, alpha, e.Interval(1-alpha), got, p, want)
					}
				}
			}
		}
	}
}

func TestBlocksNeededByAShareSettleIt(t *testing.T) {
	below := Region{Lo: Bound{Inf: true}, Hi: Bound{Value: 0.1}}
	// None of n is below 0.1 at 95 % from 1 - 0.025^(1/n) < 0.1 on: n = 36.
	if got := shareOf(0, 20).Needed(below, 0.95); got != 36 {
		t.Errorf("none of 20: %d blocks needed, want 36", got)
	}
	check := func(k, n int, r Region) {
		t.Helper()
		need := shareOf(k, n).Needed(r, 0.95)
		scaled := math.Round(float64(k) * float64(need) / float64(n))
		if need <= n || r.Place(shareOf(int(scaled), need).Interval(0.95)) == Straddles {
			t.Errorf("%d of %d: %d blocks do not settle it", k, n, need)
		}
	}
	check(1, 20, below)
	check(3, 20, below)
	check(10, 20, band(0.3, 0.7))
	if got := shareOf(2, 20).Needed(below, 0.95); got != 0 {
		t.Errorf("2 of 20 is on the bound, and %d blocks are said to settle it", got)
	}
}

var killed = Question{Metric: "oom-kills", Quantity: Share, Of: level("thp", "madvise")}

// None of n blocks says "below 0.1 at 95 %" where 0.9^n is at most 0.025.
func TestFewestBlocksForAShare(t *testing.T) {
	check := func(r Region, level float64, want int) {
		t.Helper()
		if got := FewestForShare(r, level); got != want {
			t.Errorf("%+v at %v: %d, want %d", r, level, got, want)
		}
	}
	below := func(v float64) Region { return Region{Lo: Bound{Inf: true}, Hi: Bound{Value: v}} }
	check(below(0.1), 0.95, 36)
	check(below(0.5), 0.95, 6)
	check(below(0.1), 0.975, 42) // 0.9^n at most 0.0125
	check(Region{Lo: Bound{Value: 0.9}, Hi: Bound{Inf: true}}, 0.95, 36)
	check(Only(0.5), 0.95, 0)
	check(band(0, 1), 0.95, 1)
	if n := FewestForShare(band(0.4, 0.6), 0.95); n < 90 || n > 110 { // half-width 0.1 from sqrt(0.25/n)
		t.Errorf("within 0.4..0.6: %d", n)
	}
}

func TestAShareCountsBlocks(t *testing.T) {
	var samples []sample.Sample
	for b := range 12 {
		samples = append(samples, trial(b, 0, 0.0, "oom-kills"), trial(b, 1, float64(b%4)*3, "oom-kills"))
	}
	c, err := Compare(grid(thp), samples, killed)
	checkEffects(t, c, err, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1)
	if got := c.Effect.Estimate(); got != 0.75 {
		t.Errorf("share %v, want 9 of 12", got)
	}
	if w := c.Warnings(); len(w) != 0 {
		t.Errorf("readings that are 0 or not are no ties and no modes: %q", w)
	}
}

// Two cells of one block share what disturbed it: counted apart they would be
// twice the evidence, and counted together no binomial.
func TestAShareIsOfOneCell(t *testing.T) {
	p := grid(thp, plan.Factor{Key: "gogc", Levels: []string{"50", "100"}})
	_, err := Compare(p, []sample.Sample{trial(0, 2, 0.0, "oom-kills")}, killed)
	if err == nil || !strings.Contains(err.Error(), "2 cells have thp=madvise: a share counts blocks, one trial each") {
		t.Errorf("got %v", err)
	}
	q := killed
	q.Fix = level("gogc", "50")
	if _, err := Compare(p, []sample.Sample{trial(0, 2, 0.0, "oom-kills")}, q); err != nil {
		t.Error(err)
	}
}

func TestDoubtsAboutAShareAreAboutItsOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	share := func(n int, of func(b int) float64) Comparison {
		var samples []sample.Sample
		for b := range n {
			v := 0.0
			if rng.Float64() < of(b) {
				v = 5
			}
			samples = append(samples, trial(b, 1, v, "oom-kills"))
		}
		c, err := Compare(grid(thp), samples, killed)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	w := strings.Join(share(40, func(b int) float64 { return float64(b) / 40 }).Warnings(), "\n")
	if !strings.Contains(w, "step: the effect rises") { // zeros, then ones: two levels describe it better than a line
		t.Errorf("a share that rises from 0 to 1: %q", w)
	}
	const reps = 1500
	for _, p := range []float64{0.1, 0.5} {
		for _, n := range []int{12, 40} {
			alarms := 0
			for range reps {
				if len(share(n, func(int) float64 { return p }).Warnings()) > 0 {
					alarms++
				}
			}
			atMost(t, "alarms about an even share", alarms, reps, drift.alarm+step.alarm+autocorrelation.alarm)
		}
	}
}

// band is the closed region from lo to hi.
func band(lo, hi float64) Region {
	return Region{Lo: Bound{Value: lo, Closed: true}, Hi: Bound{Value: hi, Closed: true}}
}

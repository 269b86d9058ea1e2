package stat

import (
	"math"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

func thpByProcs(levels ...string) Interaction {
	return Interaction{Question: madviseOverNever, At: Levels{"gomaxprocs": levels[1]}, Base: Levels{"gomaxprocs": levels[0]}}
}

func TestInteractionIsTheRatioOfRatiosWithinABlock(t *testing.T) {
	p := grid(thp, plan.Factor{Key: "gomaxprocs", Levels: []string{"1", "2"}}, plan.Factor{Key: "gogc", Levels: []string{"50", "100"}})
	// Cells: never 1 50, never 1 100, never 2 50, never 2 100, then madvise.
	block := func(b int, vs ...float64) (ss []sample.Sample) {
		for cell, v := range vs {
			if v > 0 {
				ss = append(ss, trial(b, cell, v, "ns/op"))
			}
		}
		return ss
	}
	// At gogc=50: 4/2 at two procs over 3/1 at one: 2/3. At gogc=100: (8/1)/(2/1): 4.
	samples := append(block(0, 100, 100, 200, 100, 300, 200, 400, 800),
		block(1, 100, 0, 200, 100, 300, 200, 400, 800)...) // never 1 100 is missing: one quad is left
	c, err := thpByProcs("1", "2").Compare(p, samples)
	checkEffects(t, c, err, math.Sqrt(2.0/3*4), 2.0/3)
	if len(c.Short) != 1 || c.Short[0] != 1 {
		t.Errorf("incomplete blocks %v, want block 1", c.Short)
	}

	x := thpByProcs("1", "2")
	x.Without = map[int]bool{0: true}
	c, err = x.Compare(p, samples[:8])
	checkEffects(t, c, err, 4)

	x.Without, x.Quantity = nil, Difference
	c, err = x.Compare(p, samples[:8])
	checkEffects(t, c, err, ((400-200)-(300-100)+(800-100)-(200-100))/2.0)
}

func TestInteractionIsWidenedByFourReadings(t *testing.T) {
	p := grid(thp, plan.Factor{Key: "gomaxprocs", Levels: []string{"1", "2"}})
	var samples []sample.Sample
	for b := range 6 {
		for cell := range 4 {
			samples = append(samples, trial(b, cell, 100.0, "ns/op"))
		}
	}
	x := thpByProcs("1", "2")
	x.Resolution = wire.Resolution{Relative: 0.01}
	c, err := x.Compare(p, samples)
	if err != nil {
		t.Fatal(err)
	}
	i := c.Effect.Interval(0.95)
	if want := math.Pow(1.01/0.99, 2); math.Abs(i.Hi-want) > 1e-12 || math.Abs(i.Lo-1/want) > 1e-12 {
		t.Errorf("interval %+v, want 1 times or over %v", i, want)
	}
}

func TestInteractionsThatCannotBeAreRefused(t *testing.T) {
	p := grid(thp, plan.Factor{Key: "gomaxprocs", Levels: []string{"1", "2"}})
	check := func(x Interaction, want string) {
		t.Helper()
		_, err := x.Compare(p, []sample.Sample{trial(0, 0, 1.0, "ns/op")})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	check(thpByProcs("1", "8"), "no cell has gomaxprocs=8 thp=madvise")
	x := thpByProcs("1", "2")
	x.Quantity = Value
	check(x, "an interaction needs a ratio or a difference")
	x = thpByProcs("1", "2")
	x.Without = map[int]bool{0: true}
	check(x, "no four cells have thp=madvise and thp=never at gomaxprocs=2 and at gomaxprocs=1")
	check(thpByProcs("1", "2"), "no block holds both sides")
}

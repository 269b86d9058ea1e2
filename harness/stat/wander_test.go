package stat

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/plan"
)

func TestAMetricThatWandersInAllCellsIsTold(t *testing.T) {
	p := grid(levels("a", 2), levels("b", 3))
	rng := rand.New(rand.NewPCG(51, 1))
	check := func(want string, blocks int, value func(b int, c plan.Cell) float64) {
		t.Helper()
		got := Wander(p, readings(p, blocks, value), ofAll, 1)
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
	noise := func() float64 { return 0.1 * rng.NormFloat64() }
	// From 1.9 to 0.7 us, in cells that are ten times each other.
	fall := func(b int, c plan.Cell) float64 {
		if b >= 7 {
			return float64(c.Index) + noise() - 1
		}
		return float64(c.Index) + noise()
	}
	check("step: ns/op over all cells falls after about 7 of 20 blocks", 20, fall)
	check("drift: ns/op over all cells rises over 20 blocks", 20, func(b int, c plan.Cell) float64 { return float64(c.Index) + 0.03*float64(b) + noise() })
	check("", 9, fall)
	check("", 20, func(b int, c plan.Cell) float64 { return float64(c.Index) + noise() })
	check("", 20, func(int, plan.Cell) float64 { return 1 })
	// One cell alone is the doubt of those claims that are about it.
	check("", 20, func(b int, c plan.Cell) float64 { return float64(c.Index) + noise() - float64(b/10*(c.Index/5)) })
	if got := Wander(p, readings(p, 20, fall), Question{Metric: "other"}, 1); got != "" {
		t.Errorf("a metric that nothing prints: %q", got)
	}
}

func TestAMetricThatKeepsStillRarelyWanders(t *testing.T) {
	p := grid(levels("a", 2), levels("b", 2))
	rng := rand.New(rand.NewPCG(52, 1))
	alarms, n := 0, 1000
	for range n {
		shared := map[int]float64{}
		for b := range 20 {
			shared[b] = rng.NormFloat64() // what all cells of a block have in common
		}
		if Wander(p, readings(p, 20, func(b int, _ plan.Cell) float64 { return shared[b] + rng.NormFloat64() }), ofAll, 1) != "" {
			alarms++
		}
	}
	if share := float64(alarms) / float64(n); share > drift.alarm {
		t.Errorf("sound runs raise it in %v of them, the rule says %v at most", share, drift.alarm)
	}
}

package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// explored is a run of 20 blocks over factors "thp=never,always"; value gives
// the logarithm of a reading.
func explored(t testing.TB, value func(c plan.Cell) float64, factors ...string) Input {
	t.Helper()
	text := func(s string) spec.Scalar { return spec.Scalar{Text: s} }
	e := spec.Experiment{Design: spec.Design{Blocks: 20}}
	for _, f := range factors {
		key, levels, _ := strings.Cut(f, "=")
		factor := spec.Factor{Key: text(key)}
		for _, l := range strings.Split(levels, ",") {
			factor.Levels = append(factor.Levels, text(l))
		}
		e.Knobs = append(e.Knobs, factor)
	}
	p, err := plan.New(e, 1)
	require.NoError(t, err)
	in := Input{Plan: p, Metrics: []wire.Metric{{Unit: "ns/op", Primary: true}}, Bootstrap: true}
	rng := rand.New(rand.NewPCG(71, 1))
	for b, block := range p.Blocks {
		for _, trial := range block.Trials {
			v := math.Exp(value(p.Cells[trial.Cell]) + 0.01*rng.NormFloat64())
			in.Main = append(in.Main, sample.Sample{N: trial.N, Block: b, Cell: trial.Cell, Attempt: 1, Outcome: sample.OK,
				Lines: []sample.Line{{Name: "X", Iters: 1, Values: []sample.Value{{Value: v, Unit: "ns/op"}}}}})
		}
	}
	return in
}

func TestEachOfSeveralBenchmarksIsExploredByItself(t *testing.T) {
	in := explored(t, func(c plan.Cell) float64 { return 0 }, "gogc=50,400")
	for i := range in.Main {
		s := &in.Main[i]
		faster := s.Lines[0].Values[0].Value
		if s.Cell == 1 {
			faster /= 2
		}
		s.Lines = append(s.Lines,
			sample.Line{Name: "Y/len=6", Iters: 1, Values: []sample.Value{{Value: faster, Unit: "ns/op"}}},
			sample.Line{Name: "Other", Iters: 1, Values: []sample.Value{{Value: 1, Unit: "B/op"}}})
		if i%2 == 0 {
			s.Lines[0], s.Lines[1] = s.Lines[1], s.Lines[0] // in whatever order
		}
	}
	check := func(want ...string) {
		t.Helper()
		x := Explore(in)
		var got []string
		for _, e := range x.Effects {
			got = append(got, fmt.Sprintf("%s %s %s over %s: %.1f of %d", e.Benchmark, e.Metric, e.Of, e.To, e.Estimate, e.N))
			require.NotNil(t, e.Bootstrap)
		}
		require.Equal(t, want, got)
		require.Empty(t, x.Allocations)
		require.Len(t, in.Main[0].Lines, 3, "the samples are as they were")
	}
	y, other := "Y/len=6 ns/op gogc=400 over gogc=50: 0.5 of 20", "X ns/op gogc=400 over gogc=50: 1.0 of 20"
	check(y, other)

	// What a claim names is not explored, whatever else has the metric.
	in.Plan.Spec.Claims = []spec.Claim{{
		ID: spec.Scalar{Text: "c"}, Direction: &spec.Relation{Text: "ratio < 1", Quantity: spec.Ratio},
		Compare: spec.Compare{
			Metric: spec.Scalar{Text: "ns/op"}, Benchmark: spec.Scalar{Text: "BenchmarkY/len=6"},
			Of: pick("gogc=400"), To: []spec.Selection{pick("gogc=50")},
		},
	}}
	check(other)
}

func TestExplorationFindsWhichKnobMattersAndWhatItDependsOn(t *testing.T) {
	in := explored(t, func(c plan.Cell) float64 {
		v := 0.0
		if c.Levels["thp"] == "always" {
			v += 0.2
			if c.Levels["gogc"] == "200" {
				v += 0.1
			}
		}
		return v
	}, "thp=never,always", "gogc=50,200", "gomaxprocs=1,2")
	x := Explore(in)
	var got []string
	for _, e := range x.Effects {
		found := "."
		if e.Q < 0.05 {
			found = "!"
		}
		got = append(got, fmt.Sprintf("%s %s | %s %.2f", found, e.Of, e.To, e.Estimate))
		require.NotNil(t, e.Bootstrap)
		require.Equal(t, strings.Contains(e.To, "at "), e.Interaction)
	}
	require.Equal(t, []string{
		"! thp=always | thp=never 1.28", "! gogc=200 | gogc=50 1.05", ". gomaxprocs=2 | gomaxprocs=1 1.00",
		"! thp=always over thp=never at gogc=200 | at gogc=50 1.10",
		". thp=always over thp=never at gomaxprocs=2 | at gomaxprocs=1 1.00",
		". gogc=200 over gogc=50 at gomaxprocs=2 | at gomaxprocs=1 1.01",
	}, got)
	require.Len(t, x.Allocations, 1)
	v := x.Allocations[0]
	require.Empty(t, v.Why)
	require.Equal(t, 20, v.Blocks)
	require.Equal(t, "thp", v.Sources[0].Name())
	require.Greater(t, v.Sources[0].Share, 0.8)
	require.Equal(t, [][]stat.Levels{{{"thp": "never"}, {"thp": "always"}}}, v.Sources[0].Steps)
}

func TestExplorationOfOneFactorRepeatsNothing(t *testing.T) {
	flat := func(plan.Cell) float64 { return 1 }
	x := Explore(explored(t, flat, "thp=never,always"))
	require.Len(t, x.Effects, 1)
	require.Empty(t, x.Allocations, "one comparison says all there is")
	x = Explore(explored(t, flat, "thp=never,madvise,always"))
	require.Len(t, x.Effects, 2)
	require.Len(t, x.Allocations, 1)
}

// What claims are about is none of what nobody predicted, whichever side they put first.
func TestWhatIsDeclaredIsNotExplored(t *testing.T) {
	check := func(want []string, claims ...spec.Claim) {
		t.Helper()
		in := explored(t, func(plan.Cell) float64 { return 1 }, "thp=never,always", "gogc=50,200")
		for i := range claims {
			claims[i].Compare.Metric.Text = "ns/op"
		}
		in.Plan.Spec.Claims = claims
		var got []string
		for _, e := range Explore(in).Effects {
			got = append(got, e.Of)
		}
		require.Equal(t, want, got)
	}
	const thp, gogc, both = "thp=always", "gogc=200", "thp=always over thp=never at gogc=200"
	each := claim("a", "thp=always", "thp=never", "ratio < 1", "")
	each.Compare.Each = []spec.Scalar{{Text: "gogc"}}
	check([]string{thp, gogc, both})
	check([]string{gogc, both}, claim("a", "thp=always", "thp=never", "ratio < 1", ""))
	check([]string{gogc, both}, claim("a", "thp=never", "thp=always", "ratio > 1", ""))
	check([]string{gogc, both}, claim("a", "thp=never", "thp=always", "difference > 1", ""))
	check([]string{both}, claim("a", "thp=never", "thp=always", "", "ratio > 1"), claim("b", "gogc=50", "gogc=200", "ratio > 1", ""))
	check([]string{gogc, both}, each)
	check([]string{thp, gogc, both}, claim("a", "thp=always gogc=50", "thp=never gogc=50", "ratio < 1", ""))
	check([]string{thp, gogc, both}, claim("a", "thp=always", "", "value > 0", ""))
}

// A metric that is the same in every trial differs nowhere, and neither does one that
// does so in too few blocks: an interval that shrinks to 1 has not left it.
func TestWhatDoesNotVaryIsNotFound(t *testing.T) {
	check := func(odd int) {
		t.Helper()
		in := explored(t, func(plan.Cell) float64 { return 1 }, "thp=never,always", "gogc=50,200")
		for i := range in.Main {
			v := 12.5e6
			if s := in.Main[i]; s.Block < odd && s.Cell == 1 {
				v = 13e6
			}
			in.Main[i].Lines[0].Values[0].Value = v
		}
		x := Explore(in)
		require.Len(t, x.Effects, 3)
		for _, e := range x.Effects {
			require.Equal(t, []float64{1, 1, 1}, []float64{e.Estimate, e.P, e.Q}, "%s, %d blocks of 20", e.Of, odd)
		}
	}
	check(0)
	check(1)
}

func TestExplorationOfAMatrixWithAHoleSaysSo(t *testing.T) {
	in := explored(t, func(plan.Cell) float64 { return 1 }, "thp=never,always", "gogc=50,200")
	in.Untestable = map[int]string{3: "not here"}
	x := Explore(in)
	require.Len(t, x.Effects, 2, "main effects over the pairs that there are, no interaction")
	require.Contains(t, x.Allocations[0].Why, "not in the matrix or not measured: 1 of 4 combinations (the first is gogc=200 thp=always)")
}

func TestTooManyInteractionsAreCounted(t *testing.T) {
	var many []string
	for i := range 16 {
		many = append(many, fmt.Sprint(i))
	}
	levels := strings.Join(many, ",")
	x := Explore(explored(t, func(plan.Cell) float64 { return 1 }, "a="+levels, "b="+levels))
	require.Len(t, x.Effects, 30)
	require.Contains(t, x.Allocations[0].Note, "225 two-way contrasts are not listed")
}

func BenchmarkExploreAThousandBenchmarks(b *testing.B) {
	in := explored(b, func(plan.Cell) float64 { return 0 }, "gogc=50,400")
	for i := range in.Main {
		x := in.Main[i].Lines[0]
		for n := range 999 {
			x.Name = fmt.Sprintf("X/len=%d", n)
			in.Main[i].Lines = append(in.Main[i].Lines, x)
		}
	}
	for b.Loop() {
		if got := len(Explore(in).Effects); got != 1000 {
			b.Fatalf("%d effects", got)
		}
	}
}

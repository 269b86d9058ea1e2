package profile

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// watched is a run of three manners: b costs a share more than a, c so many ns of
// wall time and nothing of ns/op.
func watched(t *testing.T, blocks int, share float64, wall int64) Input {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	in := Input{Metrics: []wire.Metric{{Unit: "ns/op", Primary: true}}}
	for i, level := range []string{"a", "b", "c"} {
		in.Plan.Cells = append(in.Plan.Cells, plan.Cell{Index: i, Arm: plan.ArmMain, Levels: map[string]string{"arm": level}})
	}
	in.Plan.Factors = []plan.Factor{{Key: "arm", Levels: []string{"a", "b", "c"}}}
	n := 0
	for b := range blocks {
		block := plan.Block{}
		noise := 1 + rng.Float64() // that a block shares
		for cell := range 3 {
			block.Trials = append(block.Trials, plan.Trial{N: n, Cell: cell})
			v, w := 100*noise*(1+0.001*rng.Float64()), int64(1e6)+rng.Int64N(1000)
			windows := []sample.Window{sample.Whole, sample.Measured, sample.Measured} // the first is bare
			switch cell {
			case 1:
				v *= 1 + share
			case 2:
				w += wall
			}
			in.Samples = append(in.Samples, sample.Sample{
				N: n, Block: b, Cell: cell, Attempt: 1, Outcome: sample.OK, Wall: w, Window: windows[cell],
				Lines: []sample.Line{{Name: "X", Iters: 1, Values: []sample.Value{{Value: v, Unit: "ns/op"}}}},
			})
			n++
		}
		in.Plan.Blocks = append(in.Plan.Blocks, block)
	}
	return in
}

var manners = []Pair{{"b", "b", "a"}, {"c", "c", "a"}}

func TestACostIsFoundWithItsInterval(t *testing.T) {
	var s Self
	require.NoError(t, s.Compare(watched(t, 20, 0.05, 50_000), "arm", manners))
	require.Equal(t, 20, s.Blocks)
	require.Len(t, s.Costs, 4)
	check := func(at int, what, unit string, value, want, off float64) {
		t.Helper()
		c := s.Costs[at]
		require.Equal(t, what+" "+unit, c.What+" "+c.Unit)
		require.InDelta(t, want, value, off)
		require.NotNil(t, c.Lo)
		require.NotNil(t, c.Hi)
		if *c.Lo > value || value > *c.Hi {
			t.Errorf("%s %s: %v is outside of [%v, %v]", what, unit, value, *c.Lo, *c.Hi)
		}
	}
	check(0, "b", "ns/op", s.Costs[0].Ratio, 1.05, 0.001)
	check(1, "b", UnitWall, s.Costs[1].Differ, 0, 500)
	check(2, "c", "ns/op", s.Costs[2].Ratio, 1, 0.001)
	check(3, "c", UnitWall, s.Costs[3].Differ, 50_000, 500)
	if *s.Costs[0].Lo <= 1 || *s.Costs[2].Hi < 1 || *s.Costs[3].Lo <= 0 {
		t.Errorf("a cost of 5 %% and of 50 µs: %+v", s.Costs)
	}
}

func TestShortWindowsAreSaid(t *testing.T) {
	check := func(ops int, want time.Duration, short bool) {
		t.Helper()
		in := watched(t, 7, 0, 0)
		for i := range in.Samples {
			in.Samples[i].Lines[0].Iters = ops
			in.Samples[i].Lines[0].Values[0].Value = 100
		}
		var s Self
		require.NoError(t, s.Compare(in, "arm", manners))
		require.Equal(t, want, s.Window)
		require.Equal(t, short, s.Short() != "")
	}
	check(10_000, time.Millisecond, true)
	check(1_000_000, ShortWindow, false)
	if (Self{}).Short() != "" {
		t.Error("a length that is not known is called short")
	}
}

func TestTooFewBlocksHaveNoInterval(t *testing.T) {
	var s Self
	require.NoError(t, s.Compare(watched(t, 3, 0.05, 0), "arm", manners))
	require.Nil(t, s.Costs[0].Lo)
	require.Error(t, (&Self{}).Compare(watched(t, 0, 0, 0), "arm", manners))
}

func TestTheSamplesAreLeftAsTheyWere(t *testing.T) {
	in := watched(t, 7, 0, 0)
	require.NoError(t, (&Self{}).Compare(in, "arm", manners))
	for _, x := range in.Samples {
		require.Len(t, x.Lines[0].Values, 1)
	}
}

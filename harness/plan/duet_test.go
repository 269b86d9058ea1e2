package plan

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/spec"
)

// duet is a pair of levels in two settings of another factor.
func duet(blocks int) spec.Experiment {
	return spec.Experiment{
		Design: spec.Design{Blocks: blocks, Duet: scalar("a")},
		Knobs:  []spec.Factor{factor("b", "x", "y"), factor("a", "1", "2")},
	}
}

func TestADuetRunsBothLevelsAtOnceOnSidesThatAreDrawn(t *testing.T) {
	p, err := New(duet(4000), 7)
	require.NoError(t, err)
	left := map[string]int{} // by the other level: how often a=1 has side 0
	for _, b := range p.Blocks {
		require.Len(t, b.Trials, 4)
		for i := 0; i < 4; i += 2 {
			one, two := b.Trials[i], b.Trials[i+1]
			require.Equal(t, []int{i / 2, i / 2}, []int{one.Step, two.Step})
			require.Equal(t, []int{0, 1}, []int{one.Side, two.Side})
			require.Equal(t, []Trial{one, two}, b.StepOf(two))
			levels := p.Cells[one.Cell].Levels
			require.Equal(t, levels["b"], p.Cells[two.Cell].Levels["b"])
			require.NotEqual(t, levels["a"], p.Cells[two.Cell].Levels["a"])
			if levels["a"] == "1" {
				left[levels["b"]]++
			}
		}
	}
	// 4,000 fair coins: 2,000 heads, a standard deviation of 32.
	for level, n := range left {
		require.InDelta(t, 2000, n, 160, "sides at b=%s", level)
	}
}

func TestAControlOfADuetHasTheCompanyOfTheCellItRepeats(t *testing.T) {
	e := duet(1)
	e.Design.Controls = spec.Controls{AA: selection("a", "1", "b", "y"), Positive: &spec.Positive{Inject: 0.05}}
	p, err := New(e, 7)
	require.NoError(t, err)
	require.Equal(t, []string{
		"b=x a=1", "b=x a=2", "b=y a=1", "b=y a=2",
		"arm=aa b=y a=1", "arm=aa b=y a=2", "arm=positive b=y a=1", "arm=positive b=y a=2",
	}, names(p))
	require.Equal(t, []float64{0.05, 0}, []float64{p.Cells[6].Inject, p.Cells[7].Inject})
	for _, trial := range p.Blocks[0].Trials {
		for _, other := range p.Blocks[0].StepOf(trial) {
			require.Equal(t, p.Cells[trial.Cell].Arm, p.Cells[other.Cell].Arm)
		}
	}
}

func TestACellOfADuetWithoutAPartnerIsRefused(t *testing.T) {
	e := duet(1)
	e.Exclude = []spec.Selection{selection("a", "2", "b", "y")}
	_, err := New(e, 7)
	require.EqualError(t, err, "design.duet: b=y a=1 has no cell to run with (include or exclude both levels of a)")
}

func TestADuetWithinPlots(t *testing.T) {
	e := duet(50)
	e.Design.WholePlot = []spec.Scalar{scalar("b")}
	p, err := New(e, 7)
	require.NoError(t, err)
	for _, b := range p.Blocks {
		for i, trial := range b.Trials {
			require.Equal(t, []int{i / 2, i / 2, i % 2}, []int{trial.Plot, trial.Step, trial.Side})
		}
	}
}

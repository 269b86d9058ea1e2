package profile

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
)

func TestFalseTaintsAreCountedByKindOverFirstAttempts(t *testing.T) {
	in := measured(t, lab(t, 2, 20, 0.05), &machine{rng: rand.New(rand.NewPCG(5, 1)), noise: 0.01})
	in.First = slices.Clone(in.Samples)
	slow := len(in.Plan.Cells) - 1
	seen := 0
	for i := range in.First {
		s := &in.First[i]
		s.Looked = sample.Looked(map[string]float64{"steal-share": 0})
		if s.Block < 0 || s.Cell == slow {
			s.Taints = []sample.Taint{{Kind: "steal"}} // of a warm-up, or of the arm that is another: not counted
			continue
		}
		if seen++; seen <= 3 {
			s.Taints = []sample.Taint{{Kind: "steal"}}
		}
		if seen == 1 {
			s.Taints = append(s.Taints, sample.Taint{Kind: "send-lag"})
			s.Lines[0].Values = append(s.Lines[0].Values, sample.Value{Value: 2e6, Unit: "p99-send-lag-ns"})
		}
		if seen == 4 {
			s.Outcome = sample.Exited // it measured nothing
		}
	}
	e, err := Calibrate(in)
	require.NoError(t, err)
	require.Equal(t, NewRate(3, 39), e.Tainted)
	require.Equal(t, []Taint{{"steal", NewRate(3, 39)}, {"send-lag", NewRate(1, 1)}}, e.Taints)
}

func TestWithoutFirstAttemptsThereIsNoRateOfTaints(t *testing.T) {
	e, err := Calibrate(measured(t, lab(t, 2, 20, 0), &machine{rng: rand.New(rand.NewPCG(6, 1)), noise: 0.01}))
	require.NoError(t, err)
	require.Zero(t, e.Tainted.Of)
	require.Empty(t, e.Taints)
}

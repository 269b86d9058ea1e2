package plan

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/spec"
)

func TestNuisanceIsDrawnPerBlockAndLeavesOrdersAsTheyWere(t *testing.T) {
	e := slow(400)
	without, err := New(e, 7)
	require.NoError(t, err)
	e.Design.Nuisance = []string{spec.NuisanceLayout, spec.NuisanceEnvSize}
	with, err := New(e, 7)
	require.NoError(t, err)
	drawn := map[string]map[uint64]bool{spec.NuisanceLayout: {}, spec.NuisanceEnvSize: {}}
	for b, block := range with.Blocks {
		require.Equal(t, without.Blocks[b].Trials, block.Trials)
		require.Empty(t, without.Blocks[b].Nuisance)
		require.Len(t, block.Nuisance, 2)
		for name, value := range block.Nuisance {
			drawn[name][value] = true
		}
	}
	for layout := uint64(1); layout <= layouts; layout++ {
		require.Contains(t, drawn[spec.NuisanceLayout], layout)
	}
	require.Len(t, drawn[spec.NuisanceLayout], layouts)
	require.Len(t, with.Layouts(), layouts)
	require.True(t, slices.IsSorted(with.Layouts()))
	require.Empty(t, without.Layouts())
	// 400 draws of 4,096 values: about 381 distinct ones.
	require.Greater(t, len(drawn[spec.NuisanceEnvSize]), 350)
	for size := range drawn[spec.NuisanceEnvSize] {
		require.Less(t, size, uint64(envBytes))
	}
}

package report

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

func TestARecordingThatWasAskedForAndIsNotThereIsSaid(t *testing.T) {
	in := Input{
		Plan: plan.Plan{
			Spec:    spec.Experiment{Measure: []string{string(sample.CPUProfile)}},
			Factors: []plan.Factor{{Key: "gogc", Levels: []string{"50", "100", "200"}}},
			Cells: []plan.Cell{
				{Index: 0, Arm: plan.ArmMain, Levels: map[string]string{"gogc": "50"}},
				{Index: 1, Arm: plan.ArmMain, Levels: map[string]string{"gogc": "100"}},
				{Index: 2, Arm: plan.ArmMain, Levels: map[string]string{"gogc": "200"}},
			},
		},
		Untestable: map[int]string{2: "no"},
	}
	there := sample.CPUProfile.File(0, "")
	in.Recordings("", []sample.Sample{{Cell: 0, Files: []string{there}}})
	require.Equal(t, []string{there}, in.Recorded)
	require.Equal(t, []string{"gogc=100: there is no " + sample.CPUProfile.File(1, "") + ": the trial that should have written it failed, or was not made (log.txt says which)"},
		in.Warnings)

	// A trial of several processes has a file of each.
	in.Warnings = nil
	in.Recordings("", []sample.Sample{{Cell: 0, Files: []string{there}}, {Cell: 1, Files: []string{sample.CPUProfile.FileOf(1, 1), sample.CPUProfile.FileOf(1, 2)}}})
	require.Empty(t, in.Warnings)
}

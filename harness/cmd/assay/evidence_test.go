package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/results"
)

func TestWhatTheMachineCouldNotCountIsKnownAfterTheRunToo(t *testing.T) {
	folder := prepared{feasible: knob.Feasibility{Uncounted: map[string]string{"instructions": "no PMU"}}}
	require.Equal(t, "no PMU", folder.evidence(results.Run{}).Uncounted["instructions"])
}

package run

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/sample"
)

func TestSamplesHaveTheWordsOfKnobs(t *testing.T) {
	require.Equal(t,
		[]knob.Word{knob.InForce, knob.Idle, knob.NotInForce, knob.Unproved},
		[]knob.Word{sample.InForce, sample.Idle, sample.NotInForce, sample.Unproved})
}

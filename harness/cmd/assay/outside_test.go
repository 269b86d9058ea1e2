package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
)

func TestATrialOfMinutesIsToldWithWhatTakesThem(t *testing.T) {
	s := sample.Sample{Wall: int64(172 * time.Second), Spent: []sample.Spent{
		{Name: "TypeFieldsCache", NS: int64(150 * time.Second)}, {Name: "CodeDecoder", NS: int64(18 * time.Second)}, {Name: "Quick", NS: int64(2 * time.Second)},
	}}
	require.Equal(t, "a trial takes about 2m52s: 2m30s of it TypeFieldsCache, 18s of it CodeDecoder, with what that sets up (workload.gotest.skip leaves benchmarks out)",
		took("a trial takes about", s))
	s.Spent = s.Spent[2:]
	require.Equal(t, "that took 2m52s", took("that took", s), "where none takes much, none is named")
	s.Wall = int64(9 * time.Second)
	require.Empty(t, took("a trial takes about", s))
}

func TestTimeRanOutForAllOrNot(t *testing.T) {
	slow, good := sample.Sample{Outcome: sample.Timeout}, sample.Sample{Outcome: sample.OK}
	require.True(t, late([]sample.Sample{slow, slow}))
	require.False(t, late([]sample.Sample{slow, good}))
	require.False(t, late(nil), "warm-ups may be none")
}

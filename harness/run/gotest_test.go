package run

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

func TestGaugingIsAWarmUpOfTheFirstTestableCell(t *testing.T) {
	m := newMachine(t)
	c := Config{Plan: testPlan(1, 3, spec.Design{Warmup: 1}), Untestable: map[int]string{0: "no root"}, Executor: m, Sink: m, Session: 1,
		Now: func() time.Time { return m.clock }}
	s, err := Gauge(t.Context(), c, 10*time.Minute)
	require.NoError(t, err)
	require.Equal(t, []int{-1, -1, 1}, []int{s.N, s.Block, s.Cell})
	require.Equal(t, 10*time.Minute, m.limit[0])
	m.log = nil
	failing := 1
	m.fate = func(a Attempt) sample.Sample {
		if a.Number <= failing {
			return sample.Sample{Outcome: sample.Garbled}
		}
		return sample.Sample{Outcome: sample.OK}
	}
	_, err = Gauge(t.Context(), c, time.Minute)
	require.NoError(t, err)
	m.ran("b-1 cell1 #1", "b-1 cell1 #2")
	m.log, failing = nil, 9
	last, err := Gauge(t.Context(), c, time.Minute)
	require.NoError(t, err)
	require.False(t, last.Counts())
	m.ran("b-1 cell1 #1", "b-1 cell1 #2", "b-1 cell1 #3", "b-1 cell2 #1")

	// A cell may be there to fail, and another tells as much.
	m.log = nil
	m.fate = func(a Attempt) sample.Sample {
		if a.Cell.Index == 1 {
			return sample.Sample{Outcome: sample.OOM}
		}
		return sample.Sample{Outcome: sample.OK}
	}
	other, err := Gauge(t.Context(), c, time.Minute)
	require.NoError(t, err)
	require.True(t, other.Counts())
	require.Equal(t, 2, other.Cell)
	m.ran("b-1 cell1 #1", "b-1 cell1 #2", "b-1 cell1 #3", "b-1 cell2 #1")

	// Time that ran out would run out again.
	m.log = nil
	m.fate = func(Attempt) sample.Sample { return sample.Sample{Outcome: sample.Timeout} }
	_, err = Gauge(t.Context(), c, time.Minute)
	require.NoError(t, err)
	m.ran("b-1 cell1 #1")

	m = newMachine(t)
	c.Executor, c.Sink = m, m
	c.Done = append(c.Done, s)
	_, err = m.run(c)
	require.NoError(t, err)
	m.ran("b-1 cell1 #1", "b-1 cell2 #1", "b0 cell1 #1", "b0 cell2 #1")
	require.Equal(t, -3, m.kept[1].N, "the warm-ups are numbered on")
	require.Equal(t, 30*time.Second, m.limit[0])
}

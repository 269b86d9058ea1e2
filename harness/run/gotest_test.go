package run

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

func TestTheSlowestBenchmarkSetsTheIterationsOfAll(t *testing.T) {
	line := func(name string, iters int, ns float64) sample.Line {
		return sample.Line{Name: name, Iters: iters, Values: []sample.Value{{Value: ns, Unit: "ns/op"}}}
	}
	it := Count([]sample.Line{line("Fast", 1000000, 1000), line("Slow", 40, 25e6), line("Tiny", 500000000, 2)}, time.Second, "thp=never")
	require.Equal(t, "40x", it.Benchtime)
	require.Equal(t, map[string]int{"Fast": 1000000, "Slow": 40, "Tiny": 500000000}, it.Found)
	require.Len(t, it.Notes, 2)
	require.Equal(t, "Fast measures for 40µs only: all benchmarks of one process make 40 iterations, as Slow needs (give it an experiment of its own, or a benchtime such as 1000000x)", it.Notes[0])
	require.Empty(t, Count([]sample.Line{line("A", 100, 1e7), line("B", 300, 3e6)}, time.Second, "").Notes)
}

func TestThePilotIsAWarmUpOfTheFirstTestableCell(t *testing.T) {
	m := newMachine(t)
	c := Config{Plan: testPlan(1, 3, spec.Design{Warmup: 1}), Untestable: map[int]string{0: "no root"}, Executor: m, Sink: m, Session: 1,
		Now: func() time.Time { return m.clock }}
	s, err := Pilot(t.Context(), c, 10*time.Minute)
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
	_, err = Pilot(t.Context(), c, time.Minute)
	require.NoError(t, err)
	m.ran("b-1 cell1 #1", "b-1 cell1 #2")
	m.log, failing = nil, 9
	last, err := Pilot(t.Context(), c, time.Minute)
	require.NoError(t, err)
	require.False(t, last.Counts())
	m.ran("b-1 cell1 #1", "b-1 cell1 #2", "b-1 cell1 #3")

	m = newMachine(t)
	c.Executor, c.Sink = m, m
	c.Done = append(c.Done, s)
	_, err = m.run(c)
	require.NoError(t, err)
	m.ran("b-1 cell1 #1", "b-1 cell2 #1", "b0 cell1 #1", "b0 cell2 #1")
	require.Equal(t, -3, m.kept[1].N, "the warm-ups are numbered on")
	require.Equal(t, 30*time.Second, m.limit[0])
}

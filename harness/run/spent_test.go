package run

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

func TestWhatABenchmarkSetsUpIsOfItsTime(t *testing.T) {
	start := time.Unix(1000, 0)
	var text []byte
	var arrivals []arrival
	at := func(ms int, line string) {
		text = append(text, line...)
		arrivals = append(arrivals, arrival{len(text), start.Add(time.Duration(ms) * time.Millisecond)})
	}
	at(0, "goos: linux\n")
	at(10, "BenchmarkQuick\nBenchmarkQuick-2 \t 1 5 ns/op\n") // in one read
	at(20, "BenchmarkSetsUp\n")
	at(620, "BenchmarkSetsUp/a\n")
	at(630, "BenchmarkSetsUp/a-2 \t 1 5 ns/op\n")
	at(640, "BenchmarkBenchmarks\nBenchmarkBench")
	at(690, "marks-2 1 5 ns/op\nPASS\n")
	at(700, "goos: linux\nBenchmarkQuick\n") // of another process
	end := start.Add(720 * time.Millisecond)
	require.Equal(t, []sample.Spent{
		{Name: "SetsUp", NS: 620e6}, {Name: "Benchmarks", NS: 60e6}, {Name: "Quick", NS: 30e6},
	}, spent(text, arrivals, end))

	require.Nil(t, spent([]byte("BenchmarkX-2 1 5 ns/op\nPASS\n"), []arrival{{30, start}}, end), "it tells no names")
	require.Nil(t, spent(nil, nil, end))
}

func TestOnlyAWarmUpTellsWhatItsBenchmarksTook(t *testing.T) {
	l := shellLocal(t, `echo BenchmarkX; sleep 0.05; echo "BenchmarkX 1 1 ns/op"; echo BenchmarkY; echo "BenchmarkY 1 1 ns/op"`)
	s := l.attempt(t, Attempt{Number: 1, Block: -1, Timeout: time.Minute, Cell: plan.Cell{Index: 0}})
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.NotEmpty(t, s.Spent)
	require.Equal(t, "X", s.Spent[0].Name)
	if s.Spent[0].NS < 50e6 {
		t.Errorf("X slept for 50 ms and took %d ns", s.Spent[0].NS)
	}
	require.Nil(t, l.try(t).Spent)
}

func TestWhoeverWaitsForAWarmUpIsToldOfItsBenchmarks(t *testing.T) {
	l := shellLocal(t, `printf "goos: linux\nBenchmarkX\nBench"; sleep 0.02; printf "markY/a=1\nBenchmarkY/a=1 1 1 ns/op\nBenchmarkZ"`)
	var told []string
	l.Told = func(name string) { told = append(told, name) }
	s := l.attempt(t, Attempt{Number: 1, Block: -1, Timeout: time.Minute, Cell: plan.Cell{Index: 0}})
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, []string{"X", "Y/a=1"}, told)
	l.try(t)
	require.Len(t, told, 2, "a trial that is timed is left alone")
}

package wire

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatsAreALineOfTheBenchmarkFormatAndBack(t *testing.T) {
	s := Stats{
		Counters:   map[string]float64{"gc-cycles": 3, "gc-cpu-ns": 1.5e6},
		Histograms: map[string][]Bucket{"sched-latency-ns": {{0, 64, 5}, {64, 128, 1<<63 + 1}}},
	}
	line, err := s.Line()
	require.NoError(t, err)
	require.Equal(t, `runtime-stats: {"counters":{"gc-cpu-ns":1500000,"gc-cycles":3},"histograms":{"sched-latency-ns":[[0,64,5],[64,128,9223372036854775809]]}}`+"\n", line)
	got, ok, err := FindStats("goos: linux\n" + line + "BenchmarkX 1 2 ns/op\n")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, s, got)
}

func TestNoLineIsNoStatsAndAGarbledOneAnError(t *testing.T) {
	_, ok, err := FindStats("BenchmarkX 1 2 ns/op\n")
	require.NoError(t, err)
	require.False(t, ok)
	for _, text := range []string{"{", "[]", `{"histograms":{"x":[[1,2]]}}`, `{"histograms":{"x":[[1,2,-3]]}}`, `{"counters":{"x":"y"}}`} {
		if _, ok, err := FindStats(StatsKey + ": " + text + "\n"); ok || err == nil {
			t.Errorf("%s: %v, %v", text, ok, err)
		}
	}
}

func FuzzFindStats(f *testing.F) {
	f.Add(`runtime-stats: {"counters":{"a":1},"histograms":{"b":[[0,1,2]]}}`)
	f.Add("runtime-stats: null")
	f.Fuzz(func(t *testing.T, text string) {
		s, ok, err := FindStats(text)
		if !ok || err != nil {
			return
		}
		line, err := s.Line()
		if err != nil {
			t.Fatal(err)
		}
		again, ok, err := FindStats(line)
		a, _ := json.Marshal(s)
		b, _ := json.Marshal(again)
		if !ok || err != nil || string(a) != string(b) {
			t.Errorf("%s and back: %s, %v", a, b, err)
		}
	})
}

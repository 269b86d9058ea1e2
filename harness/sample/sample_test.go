package sample

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"

	"github.com/assaylab/assay/workloads/wire"
)

func TestUnitsStayAsPrinted(t *testing.T) {
	lines, err := Printed([]byte("goos: linux\nBenchmarkX-8 10 123 ns/op 4.5 gc-mark-cpu-ns/cycle 2 MB/s\nPASS\n"))
	require.NoError(t, err)
	require.Equal(t, []Line{{Name: "X", Iters: 10, Values: []Value{{123, "ns/op"}, {4.5, "gc-mark-cpu-ns/cycle"}, {2, "MB/s"}}}}, lines)
}

func TestSubBenchmarkKeepsItsPathAndLosesItsSuffix(t *testing.T) {
	lines, err := Printed([]byte("BenchmarkX/size=4/mode=a-16 1 2 ns/op\n"))
	require.NoError(t, err)
	require.Equal(t, "X/size=4/mode=a", lines[0].Name)
}

func TestAGarbledLineIsAnErrorWithItsPlace(t *testing.T) {
	lines, err := Parse([]byte("BenchmarkX 1 2 ns/op\nBenchmarkX 1 two ns/op\n"))
	require.Len(t, lines, 1)
	require.ErrorContains(t, err, "stdout:2")
}

func TestTextIsReadBackByTheFormatsOwnReader(t *testing.T) {
	text := Header([]Config{{"experiment", "thp-gc"}}, []wire.Metric{{Unit: "ns/op", Better: wire.Lower}, {Unit: "numcpu", Exact: true}}) +
		Text([]Config{{"thp", "never"}, {"env.X", ""}}, []Line{{"X", 3, []Value{{12.5, "ns/op"}, {1 << 40, "peak-RSS-bytes"}}}})
	want := `experiment: thp-gc

Unit ns/op better=lower
Unit numcpu assume=exact

thp: never
env.x: none
BenchmarkX 3 12.5 ns/op 1099511627776 peak-RSS-bytes

`
	if text != want {
		t.Errorf("got:\n%s\nwant:\n%s", text, want)
	}
	r := benchfmt.NewReader(bytes.NewReader([]byte(text)), "samples.txt")
	results := 0
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Errorf("%v", rec)
		case *benchfmt.Result:
			results++
			require.Equal(t, "never", rec.GetConfig("thp"))
			require.Equal(t, "none", rec.GetConfig("env.x"))
		}
	}
	require.Equal(t, 1, results)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("BenchmarkX-8 10 123 ns/op\n"))
	f.Add([]byte("k: v\nBenchmarkX/a=b 1 1e300 B/s 0 x\nUnit x assume=exact\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := Parse(b)
		if err != nil || len(lines) == 0 {
			return
		}
		again, err := Parse([]byte(Text(nil, lines)))
		if err != nil {
			t.Fatalf("own text is refused: %v", err)
		}
		// A NaN is not equal to itself: compare as text.
		if fmt.Sprint(again) != fmt.Sprint(lines) {
			t.Errorf("text and back:\n got %v\nwant %v", again, lines)
		}
	})
}

func TestCausedKindsAreEvidenceNotDoubt(t *testing.T) {
	counters := map[string]float64{"nr-throttled": 12, "steal-share": 0.02}
	require.Len(t, Taints(counters, nil), 2)
	require.Equal(t, []Taint{{"steal", 0.02, 0.01, "steal-share"}}, Taints(counters, []string{"throttling"}))
}

func TestAtTheThresholdIsNoTaint(t *testing.T) {
	require.Empty(t, Taints(map[string]float64{"steal-share": 0.01}, nil))
}

func TestAbsentCounterIsNoTaint(t *testing.T) {
	require.Empty(t, Taints(nil, nil))
}

func TestChosenAttempt(t *testing.T) {
	clean := Sample{Outcome: OK, Attempt: 3}
	tainted := Sample{Outcome: OK, Attempt: 2, Taints: []Taint{{Kind: "steal"}}}
	failed := Sample{Outcome: OOM, Attempt: 1}
	check := func(want, first int, attempts ...Sample) {
		t.Helper()
		s, ok := Chosen(attempts)
		f, _ := First(attempts)
		if ok != (want > 0) || s.Attempt != want || f.Attempt != first {
			t.Errorf("chosen %d, first %d; want %d, %d", s.Attempt, f.Attempt, want, first)
		}
	}
	check(3, 2, failed, tainted, clean)
	check(2, 2, failed, tainted)
	check(0, 0, failed)
}

func TestSwitchesAreNoDoubtWherePressureIsKnown(t *testing.T) {
	counters := map[string]float64{"involuntary-switches/s": 90_000}
	require.Equal(t, []string{"preemption"}, Looked(counters))
	require.Len(t, Taints(counters, nil), 1)
	counters["cpu-denied-share"] = 0.001
	require.Equal(t, []string{"run-queue"}, Looked(counters))
	require.Empty(t, Taints(counters, nil))
}

func TestAGuestsProcessorTaintsNothing(t *testing.T) {
	found := Taints(map[string]float64{"steal-share": 0.5, "frequency-drop": 0.9, "thermal-throttles": 3}, nil)
	require.Len(t, found, 3)
	s := Sample{Taints: append(found, Taint{Kind: "load-frequency"})}
	s.InGuest(true)
	require.True(t, s.Emulated)
	require.Equal(t, found[:1], s.Taints)
	require.Equal(t, "steal", s.Taints[0].Kind)
}

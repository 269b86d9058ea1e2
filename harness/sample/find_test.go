package sample

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/spec"
)

func finder(t *testing.T, metrics ...spec.Metric) *Finder {
	t.Helper()
	f, err := NewFinder(spec.Workload{Command: []spec.Scalar{{Text: "./bench"}}, Metrics: metrics})
	require.NoError(t, err)
	return f
}

func metric(unit, re, path string, scale float64) spec.Metric {
	return spec.Metric{Unit: spec.Scalar{Text: unit}, Regexp: re, JSON: path, Scale: scale}
}

func TestANumberIsFoundByItsExpressionOrItsPath(t *testing.T) {
	check := func(m spec.Metric, text string, want float64) {
		t.Helper()
		lines, err := finder(t, m).Lines([]byte(text), nil)
		require.NoError(t, err)
		require.Equal(t, []Line{{"Bench", 1, []Value{{want, m.Unit.Text}}}}, lines)
	}
	check(metric("ns/op", `time per op: ([0-9.]+) ns`, "", 1), "x\ntime per op: 12.5 ns\n", 12.5)
	check(metric("ns/op", `^real\s+(\S+)$`, "", 1e9), "user 1\nreal 0.25\nsys 0\n", 0.25e9)
	check(metric("p99-latency-ns", "", ".latency.p99", 1e6), `{"latency": {"p50": 1, "p99": 2.5}}`, 2.5e6)
	check(metric("ns/op", "", ".results[1].mean", 1), `{"results": [{"mean": 1}, {"mean": 0}]}`, 0)
	check(metric("ns/op", "", ".", 1), " 7\n", 7)
	check(metric("ns/op", "", `["a.b"][0]`, 1), `{"a.b": [1e3]}`, 1000)
}

func TestWhatIsNotThereIsAnErrorAndNeverZero(t *testing.T) {
	check := func(m spec.Metric, text, want string) {
		t.Helper()
		lines, err := finder(t, m).Lines([]byte(text), nil)
		if err == nil || err.Error() != want || lines != nil {
			t.Errorf("%q: lines %v, error\n%v\nwant\n%s", text, lines, err, want)
		}
	}
	re := metric("ns/op", `took (.*) ns`, "", 1)
	check(re, "took no time", "metric ns/op: stdout has no match of took (.*) ns: it begins \"took no time\"")
	check(re, "\n", "metric ns/op: stdout has no match of took (.*) ns: it is empty")
	check(re, "took  ns", "metric ns/op: stdout has a match of took (.*) ns, but \"\" is not a number (write 0.5 or 1e-3)")
	check(re, "took NaN ns", "metric ns/op: stdout has a match of took (.*) ns, but \"NaN\" is not a number (write 0.5 or 1e-3)")
	check(re, "took 1,234 ns", "metric ns/op: stdout has a match of took (.*) ns, but \"1,234\" is not a number (write 0.5 or 1e-3)")
	path := metric("ns/op", "", ".a[0].b", 1)
	check(path, "", "metric ns/op: stdout is not one JSON document (unexpected end of JSON input): it is empty")
	check(path, "{} {}", "metric ns/op: stdout is not one JSON document (invalid character '{' after top-level value): it begins \"{} {}\"")
	check(path, `{"c": 1, "b": 2}`, "metric ns/op: stdout has no .a[0].b: . is an object with b, c")
	check(path, `{"a": []}`, "metric ns/op: stdout has no .a[0].b: .a is an array of 0")
	check(path, `{"a": {"0": 1}}`, "metric ns/op: stdout has no .a[0].b: .a is an object with 0")
	check(path, `{"a": [3]}`, "metric ns/op: stdout has no .a[0].b: .a[0] is a number")
	check(path, `{"a": [{"b": "1"}]}`, "metric ns/op: stdout has a string at .a[0].b, not a number")
	check(path, `{"a": [{"b": null}]}`, "metric ns/op: stdout has null at .a[0].b, not a number")
}

func TestMetricsAreFoundSideBySideOnBothStreams(t *testing.T) {
	m := metric("requests", `n=(\d+)`, "", 1)
	m.From = "stderr"
	f := finder(t, metric("ns/op", `t=(\d+)`, "", 1), m, metric("B/op", `b=(\d+)`, "", 1))
	require.True(t, f.Stderr())
	lines, err := f.Lines([]byte("t=1 n=5\nt=3\n"), []byte("n=7"))
	require.ErrorContains(t, err, "metric B/op: stdout has no match")
	require.Equal(t, []Line{{"Bench", 1, []Value{{1, "ns/op"}, {7, "requests"}}}, {"Bench", 1, []Value{{3, "ns/op"}}}}, lines)
	require.Equal(t, []Line{{"Bench", 1, []Value{{2, "ns/op"}, {7, "requests"}}}}, Fold(lines))
}

func TestCountersAloneNeedNothingPrinted(t *testing.T) {
	lines, err := finder(t, metric("process-wall-ns", "", "", 1)).Lines([]byte("whatever"), nil)
	require.NoError(t, err)
	require.Equal(t, []Line{{Name: "Bench", Iters: 1}}, lines)
}

func TestWithoutMetricsBenchmarkLinesAreRead(t *testing.T) {
	f, err := NewFinder(spec.Workload{Command: []spec.Scalar{{Text: "./bench"}}})
	require.NoError(t, err)
	require.False(t, f.Stderr())
	lines, err := f.Lines([]byte("BenchmarkX-4 3 5 ns/op\n"), nil)
	require.NoError(t, err)
	require.Equal(t, []Line{{"X", 3, []Value{{5, "ns/op"}}}}, lines)
}

func TestLinesOfOneNameBecomeTheirMedian(t *testing.T) {
	x := func(iters int, ns, bytes float64) Line {
		return Line{"X", iters, []Value{{ns, "ns/op"}, {bytes, "B/op"}}}
	}
	y := Line{"Y", 1, []Value{{9, "ns/op"}}}
	lines := []Line{x(10, 30, 1), y, x(20, 10, 3), x(10, 20, 2)}
	require.Equal(t, []Line{x(10, 20, 2), y}, Fold(lines))
	require.Equal(t, x(10, 30, 1), lines[0], "what was given stays as it is")
	require.Equal(t, []Line{x(15, 20, 2)}, Fold([]Line{x(10, 30, 1), x(20, 10, 3)}))
	require.Nil(t, Fold(nil))
}

func FuzzFind(f *testing.F) {
	f.Add([]byte(`{"a": [{"b": 1}]}`), ".a[0].b")
	f.Add([]byte("took 5 ns"), ".")
	f.Add([]byte(`[[[1]]]`), "[0][0][0]")
	f.Fuzz(func(t *testing.T, text []byte, path string) {
		p, err := spec.ParsePath(path)
		if err != nil {
			return
		}
		fd := finder(t, metric("ns/op", "", p.String(), 1))
		lines, err := fd.Lines(text, nil)
		if (err == nil) != (len(lines) == 1) {
			t.Errorf("lines %v with error %v", lines, err)
		}
		if err == nil && !json.Valid(text) {
			t.Errorf("%q is no JSON and gave %v", text, lines)
		}
	})
}

func TestMedianKeepsTheOrderAndTheSize(t *testing.T) {
	vs := []float64{3, 1, 2, 10}
	require.Equal(t, 2.5, Median(vs))
	require.Equal(t, []float64{3, 1, 2, 10}, vs)
	require.Equal(t, math.MaxFloat64, Median([]float64{math.MaxFloat64, math.MaxFloat64}))
}

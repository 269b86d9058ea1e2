package driver

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/workloads/wire"
)

// A Result is the line of one trial in the making.
type Result struct {
	Ops    int64         // operations in the window, at least 1
	Window time.Duration // wall time of the window, slowdown by -inject included

	declared []wire.Metric
	values   map[string]float64
	stats    *stats  // what the runtime counted; nil where nobody asked
	course   *Course // how the window went; nil where nobody asked or it is not noted
	err      error   // first misuse
}

// Set gives a metric its value. Absent is not zero: what was not seen is not
// set. A unit that the workload does not declare, one that is set twice and a
// value that is not finite fail the trial.
func (r *Result) Set(unit string, value float64) {
	_, twice := r.values[unit]
	switch {
	case r.err != nil:
	case !slices.ContainsFunc(r.declared, func(m wire.Metric) bool { return m.Unit == unit }):
		r.err = fmt.Errorf("metric %s is not declared by this workload", unit)
	case twice:
		r.err = fmt.Errorf("metric %s is set twice", unit)
	case math.IsNaN(value) || math.IsInf(value, 0):
		r.err = fmt.Errorf("metric %s is %v", unit, value)
	default:
		if r.values == nil {
			r.values = map[string]float64{}
		}
		r.values[unit] = value
	}
}

// print writes the result in the Go benchmark format: configuration and unit
// metadata, for benchstat, then the line, its units in the order of -describe.
// It is one write, so that it is there whole or not at all.
func (w Workload) print(r *Result, out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "goos: %s\ngoarch: %s\nworkload: %s\n", runtime.GOOS, runtime.GOARCH, w.Name)
	b.WriteString(builtWith(ownSettings()))
	for _, m := range r.declared {
		if m.Better != "" {
			fmt.Fprintf(&b, "Unit %s better=%s\n", m.Unit, m.Better)
		}
		if m.Exact {
			fmt.Fprintf(&b, "Unit %s assume=exact\n", m.Unit)
		}
	}
	if r.stats != nil {
		line, err := r.stats.result().Line()
		if err != nil {
			return err
		}
		b.WriteString(line)
	}
	if course := r.course.result(); course != nil {
		line, err := course.Line()
		if err != nil {
			return err
		}
		b.WriteString(line)
	}
	fmt.Fprintf(&b, "%s%s\t%d", linePrefix, w.Benchmark, r.Ops)
	for _, m := range r.declared {
		if v, ok := r.values[m.Unit]; ok {
			fmt.Fprintf(&b, "\t%s %s", formatValue(v), m.Unit)
		}
	}
	b.WriteByte('\n')
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// linePrefix begins every result line of the format.
const linePrefix = "Benchmark"

// formatValue writes at least six significant digits, and whole numbers whole.
func formatValue(v float64) string {
	if v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	digits := 0
	for a := math.Abs(v); a < 1e5 && digits < 12; a *= 10 {
		digits++
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

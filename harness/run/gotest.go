package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// TestArgs gives the arguments of a test binary: no test, the benchmarks of a turn,
// once each. It is verbose so that each result stands on a line of its own, behind the
// name that it belongs to: see [sample.Printed].
func TestArgs(t Turn) []string {
	args := []string{
		"-test.run=^$", benchFlag + t.Bench, "-test.benchtime=" + t.Benchtime,
		"-test.count=1", "-test.benchmem", "-test.v",
	}
	if t.Skip != "" {
		args = append(args, "-test.skip="+t.Skip)
	}
	return args
}

const benchFlag = "-test.bench="

// benchOf is the pattern of a test binary's arguments; ok is false for those of
// another program.
func benchOf(args []string) (pattern string, ok bool) {
	i := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, benchFlag) })
	if i < 0 {
		return "", false
	}
	return strings.TrimPrefix(args[i], benchFlag), true
}

// Gauge makes the attempt that shows how many iterations a gotest's benchmarks make in
// the time asked for, see [Count]: in the first testable cell, committed as a warm-up.
// One that fails is made again, as often as a trial is, and then once in each other
// cell, as a cell may be there to fail. The sample is the one that counts, or the last
// failure. Time that ran out would run out again: that is the last. Without a timeout
// of the experiment's own, limit bounds an attempt.
func Gauge(ctx context.Context, c Config, limit time.Duration) (sample.Sample, error) {
	w := newWalk(c)
	broom, back := takeOver()
	defer back()
	w.broom = broom
	if own := time.Duration(c.Plan.Spec.Design.Timeout); own > 0 {
		limit = own
	}
	var last sample.Sample
	for tries := sample.MaxRetries + 1; ; tries = 1 {
		t, ok := w.gauging(last)
		if !ok {
			break
		}
		for n := 1; n <= tries; n++ {
			samples, err := w.try(ctx, []Attempt{{Trial: t, Block: -1, Number: n, Cell: w.Plan.Cells[t.Cell], Timeout: limit}})
			if err != nil {
				return sample.Sample{}, err
			}
			if last = samples[0]; last.Counts() || last.Outcome == sample.Timeout {
				return last, nil
			}
		}
	}
	if last.Outcome == "" {
		return last, fmt.Errorf("no cell can be tested here")
	}
	return last, nil
}

// gauging is a trial in the first testable cell after that of the last failure.
func (w *walk) gauging(failed sample.Sample) (t plan.Trial, ok bool) {
	t.N = -1 - w.warm
	for _, cell := range w.Plan.Cells {
		t.Cell = cell.Index
		if !w.skip(t) && (failed.Outcome == "" || cell.Index > failed.Cell) {
			return t, true
		}
	}
	return t, false
}

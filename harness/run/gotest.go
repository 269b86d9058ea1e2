package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

// TestArgs gives the arguments of a test binary: no test, the benchmarks asked
// for, once each. benchtime is as of go test: "100x", or a time by which package
// testing finds the iterations.
func TestArgs(g spec.Gotest, benchtime string) []string {
	return []string{
		"-test.run=^$", benchFlag + g.Bench.Text, "-test.benchtime=" + benchtime,
		"-test.count=1", "-test.benchmem",
	}
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

// Pilot makes an attempt in the first testable cell and commits it as a warm-up;
// one that fails is made again, as often as a trial is. Without a timeout of the
// experiment's own, limit bounds it.
func Pilot(ctx context.Context, c Config, limit time.Duration) (sample.Sample, error) {
	w := newWalk(c)
	broom, back := takeOver()
	defer back()
	w.broom = broom
	if own := time.Duration(c.Plan.Spec.Design.Timeout); own > 0 {
		limit = own
	}
	for _, cell := range w.Plan.Cells {
		t := plan.Trial{N: -1 - w.warm, Cell: cell.Index}
		if w.skip(t) {
			continue
		}
		for n := 1; ; n++ {
			samples, err := w.try(ctx, []Attempt{{Trial: t, Block: -1, Number: n, Cell: cell, Timeout: limit}})
			if err != nil {
				return sample.Sample{}, err
			}
			if s := samples[0]; s.Counts() || n > sample.MaxRetries {
				return s, nil
			}
		}
	}
	return sample.Sample{}, fmt.Errorf("no cell can be tested here")
}

// An Iterations is how many iterations every trial of a gotest makes, and how
// that was found: package testing was given a time, once, in one cell.
type Iterations struct {
	Benchtime string         `json:"benchtime"` // "1873x"
	Time      string         `json:"time"`      // that was asked for
	Cell      string         `json:"cell"`
	Found     map[string]int `json:"found"` // benchmark -> iterations that took the time
	Notes     []string       `json:"notes,omitempty"`
}

// tooShort is the share of the time asked for under which a benchmark's
// measurement says little.
const tooShort = 0.01

// Count takes the iterations from a pilot's lines. All benchmarks of a process
// have one number, which is that of the slowest: no trial takes longer then than
// was asked for. A benchmark that is so much faster that it would measure next to
// nothing is named in a note.
func Count(lines []sample.Line, asked time.Duration, cell string) Iterations {
	it := Iterations{Time: asked.String(), Cell: cell, Found: map[string]int{}}
	n, slowest := 0, ""
	for _, l := range lines {
		it.Found[l.Name] = l.Iters
		if slowest == "" || l.Iters < n {
			n, slowest = l.Iters, l.Name
		}
	}
	it.Benchtime = fmt.Sprintf("%dx", n)
	for _, l := range lines {
		ns, ok := l.Get("ns/op")
		if took := time.Duration(ns * float64(n)); ok && float64(took) < tooShort*float64(asked) {
			it.Notes = append(it.Notes, fmt.Sprintf("%s measures for %v only: all benchmarks of one process make %d iterations, as %s needs (give it an experiment of its own, or a benchtime such as %dx)",
				l.Name, took.Round(time.Nanosecond), n, slowest, l.Iters))
		}
	}
	return it
}

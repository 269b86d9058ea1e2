// Package compare holds two sets of results against each other that were not
// measured together: of two commits, machines, kernels or architectures.
//
//  1. [Read] makes a [Side] of a results folder or of a file in the Go benchmark
//     format: series of values, and facts about how they came to be.
//  2. [Compare] names every fact in which the sides differ, matches their series
//     by benchmark, cell and metric, and makes a [Row] of each pair.
//  3. [Result.Gate] says whether anything got worse.
//
// Nothing here is paired: what drifted between the two measurements is part of
// every effect. Verdicts on claims come from interleaved trials of one run only.
package compare

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/stat"
)

// Version is the layout of a Result as JSON.
const Version = 1

const (
	level = 0.95     // of the rows' intervals, each by itself
	alpha = 1 - 0.95 // what q and the gate are held against
)

// Note is the first thing to be said of every comparison.
const Note = "Unpaired: the two sides were measured at different times, so whatever drifted between them counts as an effect; only trials interleaved in one run can tell the two apart."

// A Result is two sides, compared.
type Result struct {
	Version     int          `json:"version"`
	Note        string       `json:"note"`
	A           Input        `json:"a,omitzero"` // the base
	B           Input        `json:"b,omitzero"`
	Differences []Difference `json:"differences"`       // in what should be alike, worst first
	Unknown     []string     `json:"unknown,omitempty"` // facts that only one side states
	Rows        []Row        `json:"rows"`              // what moved first, the largest move first
	M           int          `json:"m"`                 // comparisons with a p: the table that q is over
	Expected    float64      `json:"expected-false"`    // of them with p <= 0.05 if nothing had changed, at most
	Moved       int          `json:"moved"`             // rows that did
	OnlyA       []Lone       `json:"only-a,omitempty"`
	OnlyB       []Lone       `json:"only-b,omitempty"`
	Warnings    []string     `json:"warnings,omitempty"`
	GateResult  *Gate        `json:"gate,omitempty"`
}

// A Lone is a benchmark and cell with metrics that the other side does not hold.
type Lone struct {
	Name    string   `json:"name"`    // "GCChurn thp=never"
	Metrics []string `json:"metrics"` // as printed
}

// String shows up to three metrics.
func (l Lone) String() string {
	return l.Name + ": " + prose.Few(l.Metrics, 3)
}

// An Input is one side as it is shown.
type Input struct {
	Path   string            `json:"path"`
	Kind   string            `json:"kind"`
	Facts  map[string]string `json:"facts"`
	Values int               `json:"values"` // of all series
}

// A Refusal is an error that says why two sides have nothing to compare.
type Refusal struct{ why string }

func (r Refusal) Error() string { return r.why }

// Compare holds b against a. The error is a [Refusal] where no series of one has
// a partner in the other.
func Compare(a, b Side) (Result, error) {
	r := Result{Version: Version, Note: Note, A: a.input(), B: b.input()}
	r.Differences, r.Unknown = differences(a, b)
	m := match(a, b)
	r.OnlyA, r.OnlyB = m.onlyA, m.onlyB
	r.Warnings = append(append(append(r.Warnings, prefixed("A", a.Warnings)...), prefixed("B", b.Warnings)...), m.warnings...)
	if len(m.pairs) == 0 {
		return r, Refusal{overlap(a, b, m)}
	}
	r.Rows = rows(m.pairs)
	r.adjust()
	r.sort()
	return r, nil
}

// rows compares pairs on all processors.
func rows(pairs []pair) []Row {
	all := make([]Row, len(pairs))
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			var cache stat.Shifts // not shared
			for i := w; i < len(pairs); i += workers {
				all[i] = newRow(&cache, pairs[i])
			}
		})
	}
	wg.Wait()
	return all
}

func (s Side) input() Input {
	in := Input{Path: s.Path, Kind: s.Kind, Facts: s.Facts}
	for _, x := range s.Series {
		in.Values += len(x.Values)
	}
	return in
}

func prefixed(side string, warnings []string) []string {
	var out []string
	for _, w := range warnings {
		out = append(out, side+": "+w)
	}
	return out
}

// overlap says why nothing is comparable.
func overlap(a, b Side, m matched) string {
	switch {
	case len(a.Series) == 0:
		return fmt.Sprintf("%s holds no benchmark result", a.Path)
	case len(b.Series) == 0:
		return fmt.Sprintf("%s holds no benchmark result", b.Path)
	case len(m.warnings) > 0:
		return fmt.Sprintf("%s and %s have nothing to compare: %s", a.Path, b.Path, m.warnings[0])
	}
	return fmt.Sprintf("%s and %s have no benchmark, cell and metric in common\n  only in A: %s\n  only in B: %s",
		a.Path, b.Path, some(m.onlyA), some(m.onlyB))
}

// adjust sets q over all rows that have a p.
func (r *Result) adjust() {
	var at []int
	var ps []float64
	for i, x := range r.Rows {
		if x.P != nil {
			at, ps = append(at, i), append(ps, *x.P)
		}
	}
	r.M, r.Expected = len(ps), alpha*float64(len(ps))
	for k, q := range stat.BenjaminiHochberg(ps) {
		r.Rows[at[k]].Q = &q
	}
	for i := range r.Rows {
		r.Rows[i].settle()
		if r.Rows[i].Moved {
			r.Moved++
		}
	}
}

package driver

import (
	"errors"
	"slices"
	"sync/atomic"

	"github.com/assaylab/assay/workloads/wire"
)

// A FailureKind is a kind of error of a request that is counted, and does not end
// the trial as a [WrongAnswer] does.
type FailureKind struct {
	Unit string           // its count is a metric: "refused-errors"
	Doc  string           // of the metric
	Is   func(error) bool // nil for whatever is none of the kinds before it
}

// FailureKinds are tried in their order. The last one takes the rest.
type FailureKinds []FailureKind

// Wraps is an Is: an error that wraps one of these causes.
func Wraps(causes ...error) func(error) bool {
	return func(err error) bool {
		return slices.ContainsFunc(causes, func(cause error) bool { return errors.Is(err, cause) })
	}
}

// Metrics declares what Failures.Report sets.
func (ks FailureKinds) Metrics() []wire.Metric {
	var metrics []wire.Metric
	for _, k := range ks {
		metrics = append(metrics, wire.Metric{Unit: k.Unit, Better: wire.Lower, Doc: k.Doc})
	}
	return metrics
}

// of is the place of the kind of an error.
func (ks FailureKinds) of(err error) int {
	return slices.IndexFunc(ks, func(k FailureKind) bool { return k.Is == nil || k.Is(err) })
}

// Failures counts requests that failed, by kind. Any number of goroutines may add
// at once.
type Failures struct {
	kinds  FailureKinds
	counts []atomic.Int64
}

// NewFailures has counted none yet.
func NewFailures(kinds FailureKinds) *Failures {
	return &Failures{kinds, make([]atomic.Int64, len(kinds))}
}

// Add counts so many requests that failed by one error.
func (f *Failures) Add(err error, requests int64) { f.counts[f.kinds.of(err)].Add(requests) }

// Reset forgets all of them.
func (f *Failures) Reset() {
	for i := range f.counts {
		f.counts[i].Store(0)
	}
}

// ByUnit is how many failed, by the unit of their kind: those kinds of which some did.
func (f *Failures) ByUnit() map[string]int64 {
	counts := map[string]int64{}
	for i, k := range f.kinds {
		if n := f.counts[i].Load(); n > 0 {
			counts[k.Unit] = n
		}
	}
	return counts
}

// Report sets the count of every kind.
func (f *Failures) Report(r *Result) {
	for i, k := range f.kinds {
		r.Set(k.Unit, float64(f.counts[i].Load()))
	}
}

// A WrongAnswer ends the trial.
type WrongAnswer string

func (e WrongAnswer) Error() string { return "wrong answer: " + string(e) }

package driver

import (
	"errors"
	"slices"
	"sync/atomic"
	"time"

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
	metrics := []wire.Metric{{Unit: wire.UnitErrorShare, Better: wire.Lower,
		Doc: "share of the requests that got no answer, of all kinds of errors: a quantile of the latencies that leaves out no more than this share is a bound from below"}}
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

// Report sets the count of every kind, and their share of all requests, where an
// operation is a request that was answered.
func (f *Failures) Report(r *Result) {
	all := int64(0)
	for i, k := range f.kinds {
		n := f.counts[i].Load()
		r.Set(k.Unit, float64(n))
		all += n
	}
	r.Set(wire.UnitErrorShare, float64(all)/float64(all+r.Ops))
}

// Unanswered is what to record, in ns, as the latency of a request that failed: from
// when it was to be made until it was given up, and no less than until it would have
// been, had it been waited for with patience since it was asked, by Nanotime. So none
// lowers a quantile: to leave them out, or to count a refusal as a quick answer, has
// a server look the better the more it fails.
func Unanswered(from, asked int64, patience time.Duration) int64 {
	return max(Nanotime(), asked+int64(patience)) - from
}

// A WrongAnswer ends the trial.
type WrongAnswer string

func (e WrongAnswer) Error() string { return "wrong answer: " + string(e) }

package driver

import (
	"time"

	"github.com/assaylab/assay/workloads/wire"
)

// unitEvents is the count behind the quantiles of a line. Whoever reads the
// line looks for it by this name.
const unitEvents = "events"

// quantiles that a line can hold, in thousandths, with the words of their units.
var quantiles = []struct {
	permille  int64
	name, doc string
}{
	{500, "p50", "median"},
	{900, "p90", "90th percentile"},
	{990, "p99", "99th percentile"},
	{999, "p99.9", "99.9th percentile"},
}

// LatencyMetrics declares what SetLatency sets: events, p50-NAME-ns to
// p99.9-NAME-ns and max-NAME-ns. What names one event in words.
func LatencyMetrics(name, what string) []wire.Metric {
	resolution := wire.Resolution{Relative: HistogramResolution, Absolute: clockCost}
	metrics := []wire.Metric{{Unit: unitEvents, Doc: "values behind the quantiles: " + what}}
	for _, q := range quantiles {
		metrics = append(metrics, wire.Metric{Unit: quantileUnit(q.name, name), Better: wire.Lower, Resolution: resolution,
			Doc: q.doc + " of it, of an HDR histogram, from 5/(1-q) events on"})
	}
	return append(metrics, wire.Metric{Unit: quantileUnit("max", name), Better: wire.Lower,
		Resolution: wire.Resolution{Absolute: clockCost}, Doc: "longest of it: one event, so the least steady of all"})
}

// SetLatency sets the metrics of LatencyMetrics from the histograms of a window,
// as far as they hold events enough.
func (r *Result) SetLatency(name string, parts ...*Histogram) {
	all := new(Histogram)
	for _, h := range parts {
		all.Add(h)
	}
	n := all.Events()
	if n == 0 {
		return
	}
	r.Set(unitEvents, float64(n))
	for _, q := range quantiles {
		if v, ok := all.Quantile(q.permille); ok {
			r.Set(quantileUnit(q.name, name), v)
		}
	}
	r.Set(quantileUnit("max", name), float64(all.Max()))
}

func quantileUnit(quantile, name string) string { return quantile + "-" + name + "-ns" }

// clockCost bounds, in ns, what one reading of the clock adds to an interval
// where the kernel offers the clock without a system call.
const clockCost = 50

var processStart = time.Now()

// Nanotime is monotonic time in ns since the process started. It is the
// runtime's own clock, read once: cheaper than time.Now.
func Nanotime() int64 { return int64(time.Since(processStart)) }

// Shards are histograms for many goroutines at once: by spreading goroutines
// over them, recording stays off each other's cache lines. Their number is
// fixed, so that the work is the same on every machine.
type Shards [64]Histogram

// Of is the shard of the goroutine with a number.
func (s *Shards) Of(number int) *Histogram { return &s[number%len(s)] }

// Reset empties all of them.
func (s *Shards) Reset() {
	for i := range s {
		s[i].Reset()
	}
}

// All lists them for SetLatency.
func (s *Shards) All() []*Histogram {
	all := make([]*Histogram, len(s))
	for i := range s {
		all[i] = &s[i]
	}
	return all
}

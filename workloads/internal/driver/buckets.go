package driver

import (
	"math"
	"runtime/metrics"

	"github.com/assaylab/assay/workloads/wire"
)

// RuntimeResolution, in ns, is half a bucket of the runtime's time histograms,
// which have four to a power of two from 512 ns on and buckets of 128 ns below
// (runtime/histogram.go).
var RuntimeResolution = wire.Resolution{Relative: 0.125, Absolute: 64}

// Buckets are what a time histogram of runtime/metrics counted in a window.
type Buckets struct {
	counts []uint64
	edges  []float64 // seconds; bucket i is edges[i] to edges[i+1]
}

// Between is what after counts and before did not.
func Between(before, after *metrics.Float64Histogram) Buckets {
	b := Buckets{make([]uint64, len(after.Counts)), after.Buckets}
	for i := range after.Counts {
		b.counts[i] = after.Counts[i] - before.Counts[i]
	}
	return b
}

// bounds are the edges of a bucket in seconds. For an infinite one stands the other.
func (b Buckets) bounds(i int) (low, high float64) {
	low, high = b.edges[i], b.edges[i+1]
	if math.IsInf(low, -1) {
		low = high
	}
	if math.IsInf(high, 1) {
		high = low
	}
	return low, high
}

// Events is how many values were counted.
func (b Buckets) Events() int64 {
	n := uint64(0)
	for _, c := range b.counts {
		n += c
	}
	return int64(n)
}

// Quantile is the middle, in ns, of the bucket that holds the quantile, from
// 5/(1-q) values on.
func (b Buckets) Quantile(permille int64) (float64, bool) {
	n := b.Events()
	if n*(1000-permille) < 5000 {
		return 0, false
	}
	rank, seen := (uint64(n)*uint64(permille)+999)/1000, uint64(0)
	for i, c := range b.counts {
		if seen += c; seen < rank {
			continue
		}
		low, high := b.bounds(i)
		return (low + high) / 2 * 1e9, true
	}
	return 0, false
}

package driver

import (
	"math/bits"
	"sync/atomic"
)

// subBits sets how fine a Histogram is: 2^subBits linear buckets in each power
// of two, so values below 256 are exact and any other is known to 1/256.
const subBits = 7

// HistogramResolution is the half-width of a bucket as a share of its values.
const HistogramResolution = 1.0 / (2 << subBits)

// A Histogram counts non-negative values in buckets whose width grows with the
// value (an HDR histogram of fixed size, 58 KiB). Any number of goroutines may
// record at once; read it once they have stopped. The zero value is empty.
type Histogram struct {
	counts [(64 - subBits) << subBits]atomic.Uint64
	max    atomic.Int64
}

// Record counts one value. A negative one, which only a clock that went back
// can make, counts as 0.
func (h *Histogram) Record(value int64) {
	value = max(value, 0)
	h.counts[bucketOf(value)].Add(1)
	for top := h.max.Load(); value > top && !h.max.CompareAndSwap(top, value); top = h.max.Load() {
	}
}

// Add counts all that o holds.
func (h *Histogram) Add(o *Histogram) {
	for i := range o.counts {
		if n := o.counts[i].Load(); n > 0 {
			h.counts[i].Add(n)
		}
	}
	h.max.Store(max(h.max.Load(), o.max.Load()))
}

// Reset empties h.
func (h *Histogram) Reset() {
	for i := range h.counts {
		if h.counts[i].Load() > 0 { // a write would make the page resident
			h.counts[i].Store(0)
		}
	}
	h.max.Store(0)
}

// Events is how many values h holds.
func (h *Histogram) Events() int64 {
	n := uint64(0)
	for i := range h.counts {
		n += h.counts[i].Load()
	}
	return int64(n)
}

// Max is the largest value, exact; 0 if there is none.
func (h *Histogram) Max() int64 { return h.max.Load() }

// Quantile is the value with at least permille of 1000 of all values at or
// below it, to HistogramResolution. There is none below 5/(1-q) events: a
// handful of them would decide.
func (h *Histogram) Quantile(permille int64) (float64, bool) {
	n := h.Events()
	if n*(1000-permille) < 5000 {
		return 0, false
	}
	rank := (uint64(n)*uint64(permille) + 999) / 1000
	seen := uint64(0)
	for i := range h.counts {
		if seen += h.counts[i].Load(); seen >= rank {
			return min(middleOf(i), float64(h.Max())), true
		}
	}
	return 0, false
}

// bucketOf keeps the subBits+1 highest bits of a value; below 2^(subBits+1) that is all of it.
func bucketOf(value int64) int {
	shift := max(bits.Len64(uint64(value))-subBits-1, 0)
	return shift<<subBits + int(value>>shift)
}

// middleOf is the middle of the values in a bucket.
func middleOf(bucket int) float64 {
	if bucket < 2<<subBits {
		return float64(bucket)
	}
	shift := bucket>>subBits - 1
	low := int64(bucket-shift<<subBits) << shift
	return float64(low) + float64(int64(1)<<shift-1)/2
}

package driver

import (
	"math"
	"sync"
	"testing"

	"github.com/assaylab/assay/workloads/wire"
)

func TestABucketHoldsItsValuesToTheResolution(t *testing.T) {
	for _, v := range []int64{0, 1, 127, 255, 256, 257, 511, 512, 1000, 1 << 20, 1<<20 + 1<<13 - 1, 123456789, 1 << 40, math.MaxInt64} {
		got := middleOf(bucketOf(v))
		if v < 256 && got != float64(v) {
			t.Errorf("%d reads back as %v, want exactly", v, got)
		}
		if d := math.Abs(got - float64(v)); d > float64(v)*HistogramResolution {
			t.Errorf("%d reads back as %v, off by %v", v, got, d)
		}
	}
}

func FuzzBuckets(f *testing.F) {
	f.Add(int64(0), int64(1))
	f.Add(int64(255), int64(256))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64-1))
	f.Fuzz(func(t *testing.T, a, b int64) {
		a, b = max(a, 0), max(b, 0)
		if a <= b && bucketOf(a) > bucketOf(b) {
			t.Errorf("%d is in bucket %d, %d in %d: out of order", a, bucketOf(a), b, bucketOf(b))
		}
		if d := math.Abs(middleOf(bucketOf(a)) - float64(a)); d > float64(a)*HistogramResolution {
			t.Errorf("%d is off by %v", a, d)
		}
	})
}

func TestHistogramQuantilesNeedFiveEventsBeyondThem(t *testing.T) {
	check := func(n int64, permille int64, want float64, ok bool) {
		t.Helper()
		var h Histogram
		for i := range n {
			h.Record(i%200 + 1)
		}
		got, gotOK := h.Quantile(permille)
		if got != want || gotOK != ok {
			t.Errorf("%d of 1000 of %d values: %v, %v; want %v, %v", permille, n, got, gotOK, want, ok)
		}
	}
	check(0, 500, 0, false)
	check(9, 500, 0, false)
	check(10, 500, 5, true)
	check(11, 500, 6, true)
	check(49, 900, 0, false)
	check(50, 900, 45, true)
	check(499, 990, 0, false)
	check(600, 990, 198, true)
	check(4999, 999, 0, false)
	check(5000, 999, 200, true)
}

func TestAQuantileIsNeverAboveTheLargestValue(t *testing.T) {
	var h Histogram
	for range 10 {
		h.Record(1 << 20) // the lowest value of its bucket
	}
	if got, _ := h.Quantile(500); got != 1<<20 {
		t.Errorf("median %v of ten values of %d", got, 1<<20)
	}
}

func TestManyGoroutinesLoseNoEvent(t *testing.T) {
	var s Shards
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for v := range int64(1000) {
				s.Of(i % 2).Record(v) // contended on purpose
			}
		})
	}
	wg.Wait()
	var sum Histogram
	for _, h := range s.All() {
		sum.Add(h)
	}
	if sum.Events() != 8000 || sum.Max() != 999 {
		t.Errorf("%d events up to %d, want 8000 up to 999", sum.Events(), sum.Max())
	}
	s.Reset()
	if n := s.Of(1).Events(); n != 0 || s.Of(1).Max() != 0 {
		t.Errorf("%d events after a reset", n)
	}
}

func TestNegativeValuesCountAsZero(t *testing.T) {
	var h Histogram
	h.Record(-5)
	if h.Events() != 1 || h.counts[0].Load() != 1 {
		t.Error("it is not in the bucket of 0")
	}
}

func TestLatenciesSetWhatTheyDeclareAndNoMore(t *testing.T) {
	check := func(n int, want ...string) {
		t.Helper()
		var h Histogram
		for i := range n {
			h.Record(int64(i))
		}
		r := &Result{declared: LatencyMetrics("wake", "wake-ups")}
		r.SetLatency("wake", &h)
		if r.err != nil || len(r.values) != len(want) {
			t.Errorf("%d events: %v, %v; want %v", n, r.values, r.err, want)
		}
		for _, unit := range want {
			if _, ok := r.values[unit]; !ok {
				t.Errorf("%d events: %s is missing", n, unit)
			}
		}
	}
	check(0) // absent is not zero
	check(1, "events", "max-wake-ns")
	check(10, "events", "p50-wake-ns", "max-wake-ns")
	check(5000, "events", "p50-wake-ns", "p90-wake-ns", "p99-wake-ns", "p99.9-wake-ns", "max-wake-ns")
	for _, m := range LatencyMetrics("wake", "wake-ups") {
		if (m.Better == wire.Lower) != (m.Unit != "events") {
			t.Errorf("%s: better is %q", m.Unit, m.Better)
		}
	}
}

package driver

import (
	"math"
	"runtime/metrics"
	"slices"
	"testing"
)

func TestQuantilesOfTheRuntimesBuckets(t *testing.T) {
	edges := []float64{math.Inf(-1), 0, 1e-9, 2e-9, math.Inf(1)}
	check := func(counts []uint64, permille int64, want float64, ok bool) {
		t.Helper()
		got, gotOK := Buckets{counts, edges}.Quantile(permille)
		if math.Abs(got-want) > 1e-12 || gotOK != ok {
			t.Errorf("%d of 1000 of %v: %v, %v; want %v, %v", permille, counts, got, gotOK, want, ok)
		}
	}
	check([]uint64{0, 9, 0, 0}, 500, 0, false)
	check([]uint64{0, 10, 0, 0}, 500, 0.5, true)
	check([]uint64{0, 5, 5, 0}, 500, 0.5, true)
	check([]uint64{0, 4, 6, 0}, 500, 1.5, true)
	check([]uint64{10, 0, 0, 0}, 500, 0, true) // the finite edge stands for the other
	check([]uint64{0, 0, 0, 10}, 500, 2, true)
	check([]uint64{0, 494, 0, 5}, 990, 0, false)
	check([]uint64{0, 494, 0, 6}, 990, 2, true)
	check([]uint64{0, 495, 5, 0}, 990, 0.5, true)
}

func TestBucketsOfAWindowAreTheDifference(t *testing.T) {
	before := &metrics.Float64Histogram{Counts: []uint64{2, 7}, Buckets: []float64{0, 1, 2}}
	after := &metrics.Float64Histogram{Counts: []uint64{5, 7}, Buckets: []float64{0, 1, 2}}
	b := Between(before, after)
	if !slices.Equal(b.counts, []uint64{3, 0}) || b.Events() != 3 {
		t.Errorf("%v, %d events; want [3 0] and 3", b.counts, b.Events())
	}
}

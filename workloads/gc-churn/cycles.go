package main

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A watch tells when a number of collections has ended.
type watch struct {
	want     uint64
	start    time.Time
	limit    time.Duration
	from     uint64
	finished func() uint64

	course *driver.Course // where the ends of collections are noted; nil for nowhere
	noted  uint64
}

func newWatch(cycles uint64, limit time.Duration) *watch {
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	finished := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	return &watch{want: cycles, start: time.Now(), limit: limit, from: finished(), finished: finished}
}

// done reports whether the cycles have ended. The error says how far they came
// within the limit.
func (w *watch) done(now time.Time) (bool, error) {
	n := w.ended()
	w.course.Done(int64(w.noted), int64(n))
	w.noted = n
	switch {
	case n >= w.want:
		return true, nil
	case now.Sub(w.start) < w.limit:
		return false, nil
	case n == 0:
		return false, fmt.Errorf("no GC cycle within -max-duration=%v (is GOGC too high for -live-heap? raise -max-duration or lower one of them)", w.limit)
	}
	return false, fmt.Errorf("only %d of %d GC cycles within -max-duration=%v (raise it, or lower -cycles or -live-heap)", n, w.want, w.limit)
}

// ended is how many collections have ended so far.
func (w *watch) ended() uint64 { return w.finished() - w.from }

// gcIsOff reports whether no collection will ever start by itself.
func gcIsOff() bool {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	// The runtime shows GOGC=off as the largest value. SetMemoryLimit(-1) only reads.
	return s[0].Value.Uint64() == math.MaxUint64 && debug.SetMemoryLimit(-1) == math.MaxInt64
}

// forceGC finishes a whole cycle, its sweep included.
func forceGC() { runtime.GC() }

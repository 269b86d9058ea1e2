package main

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A watch ends a window when a number of collections has ended: all lanes look at
// it, since no one of them is sure to run when that comes about.
type watch struct {
	want     uint64
	start    time.Time
	limit    time.Duration
	from     uint64
	finished func() uint64

	course *driver.Course // where the ends of collections are noted; nil for nowhere
	noted  uint64

	call    atomic.Bool // all lanes shall look at once, not after their batch
	looking sync.Mutex
	over    bool
	tide    *tide
}

func newWatch(cycles uint64, limit time.Duration, t *tide) *watch {
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	finished := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	return &watch{want: cycles, start: time.Now(), limit: limit, from: finished(), finished: finished, tide: t}
}

// run lets a lane churn until the window is over.
func (w *watch) run(l *lane) error {
	for {
		failed := l.step(&w.call)
		if over, err := w.look(failed); over {
			return err
		}
	}
}

// look is a lane's between two batches. Whichever sees that the cycles have ended,
// or fails, ends the window; whichever sees that it is time for it turns the tide
// while the others wait, else collections go by meanwhile.
func (w *watch) look(failed error) (over bool, err error) {
	w.looking.Lock()
	defer w.looking.Unlock()
	if w.over || failed != nil {
		w.end()
		return true, failed
	}
	over, err = w.done(time.Now())
	if !over && err == nil && w.tide.due(w.noted) {
		w.call.Store(true)
		err = w.tide.turn(w.noted)
		w.call.Store(false)
	}
	if over || err != nil {
		w.end()
	}
	return w.over, err
}

// end is only for whoever holds looking.
func (w *watch) end() {
	w.over = true
	w.call.Store(true)
}

// done reports whether the cycles have ended. The error says how far they came
// within the limit.
func (w *watch) done(now time.Time) (bool, error) {
	n := w.finished() - w.from
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

// gcIsOff reports whether no collection will ever start by itself.
func gcIsOff() bool {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	// The runtime shows GOGC=off as the largest value. SetMemoryLimit(-1) only reads.
	return s[0].Value.Uint64() == math.MaxUint64 && debug.SetMemoryLimit(-1) == math.MaxInt64
}

// forceGC finishes a whole cycle, its sweep included.
func forceGC() { runtime.GC() }

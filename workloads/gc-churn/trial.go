package main

import (
	"errors"
	"fmt"
	"sync"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A trial is a live heap in its steady state, and what its window showed.
type trial struct {
	*config
	driver.Noted
	lanes         []*lane
	tide          tide
	parked        *parked
	trace         *traceCapture
	before, after reading
}

// Run churns for a whole number of cycles. It starts where the warm-up ended, which
// is where it ends itself: as a cycle was over. The runtime accounts its CPU classes
// then, so the readings at both ends are whole cycles apart.
func (t *trial) Run() (ops int64, err error) {
	t.before = t.read()
	t.Course.Begin(t.cycles)
	ops, err = t.churn(t.cycles)
	t.after = t.read()
	return ops, err
}

// read is the runtime's counters and the watchers'.
func (t *trial) read() reading {
	r := read()
	for _, l := range t.lanes {
		if l.watch != nil {
			r.cleanups += l.watch.cleanups.ran.Load()
			r.finalizers += l.watch.finalizers.ran.Load()
		}
	}
	return r
}

// churn runs all lanes until that many collections have ended.
func (t *trial) churn(cycles int64) (ops int64, err error) {
	before := t.operations()
	watch := newWatch(uint64(cycles), t.maxDuration, &t.tide)
	watch.course = t.Course
	var wg sync.WaitGroup
	errs := make([]error, len(t.lanes))
	for i, l := range t.lanes[1:] {
		wg.Go(func() { errs[i+1] = watch.run(l) })
	}
	errs[0] = watch.run(t.lanes[0])
	wg.Wait()
	return t.operations() - before, errors.Join(errs...)
}

// operations counts all that was done so far, warm-up included. Only while no lane runs.
func (t *trial) operations() int64 {
	n := int64(0)
	for _, l := range t.lanes {
		n += l.ops
	}
	return n
}

// Report checks every object, then sets what the collections cost.
func (t *trial) Report(r *driver.Result) error {
	for i, l := range t.lanes {
		if err := l.check(); err != nil {
			return fmt.Errorf("goroutine %d: %w", i, err)
		}
	}
	if err := t.report(r); err != nil {
		return err
	}
	return t.settle()
}

// settle checks what only the end shows: stacks, the memory that came and went,
// and that whatever was to run at an object's death did.
func (t *trial) settle() error {
	parked := t.parked
	t.parked = nil
	if err := errors.Join(parked.end(t.lanes[0].g), t.tide.ebb()); err != nil {
		return err
	}
	for i, l := range t.lanes {
		if l.watch == nil {
			continue
		}
		if err := l.watch.settle(ringSize); err != nil {
			return fmt.Errorf("goroutine %d: %w", i, err)
		}
	}
	return nil
}

// Close gives stderr back.
func (t *trial) Close() error { return t.trace.Close() }

// joinClose closes t after an error, which comes first.
func joinClose(err error, t *trial) error { return errors.Join(err, t.Close()) }

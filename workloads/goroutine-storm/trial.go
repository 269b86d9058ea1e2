package main

import (
	"errors"
	"fmt"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A trial is a crew that is warm, and what its window showed.
type trial struct {
	driver.Noted
	goroutines     int64
	share, warm    int64 // operations of each goroutine, in window and warm-up
	storm          storm
	crew           *crew // nil where the mode has none
	latency        driver.Shards
	spawn          int64 // ns from the first go statement until the crew was parked
	atStart        reading
	before, after  reading
	operationsDone int64 // warm-up included
}

// Run is one phase.
func (t *trial) Run() (int64, error) {
	t.before = read()
	if t.storm.lead == nil && !t.storm.whole {
		t.Course.Begin(t.share * t.goroutines)
	}
	err := t.phase(t.share)
	t.after = read()
	return t.share * t.goroutines, err
}

// phase does a share of operations for each goroutine.
func (t *trial) phase(share int64) error {
	t.operationsDone += share * t.goroutines
	if t.crew != nil {
		t.crew.open(share)
	}
	var err error
	switch lead := t.storm.lead; {
	case lead == nil:
	case t.storm.whole:
		err = lead(share)
	default:
		err = t.Course.Each(share, lead)
	}
	if t.crew != nil {
		err = errors.Join(err, t.crew.wait())
	}
	return err
}

// Report checks the outcome and sets the metrics.
func (t *trial) Report(r *driver.Result) error {
	if t.storm.check != nil {
		if err := t.storm.check(t.operationsDone); err != nil {
			return err
		}
	}
	if events := t.events(); t.storm.everyOp && events != r.Ops {
		return fmt.Errorf("wrong answer: %d wake-ups were seen in %d operations", events, r.Ops)
	}
	t.report(r)
	return nil
}

// member is what one of the crew does. Where there is no lead each has its share of
// the course.
func (t *trial) member(i int, share int64) error {
	body := func(n int64) error { return t.storm.body(i, n) }
	if t.storm.lead != nil || t.storm.whole {
		return body(share)
	}
	return t.Course.Share(share, body)
}

func (t *trial) events() int64 {
	n := int64(0)
	for _, h := range t.latency.All() {
		n += h.Events()
	}
	return n
}

// Close ends the crew.
func (t *trial) Close() error {
	if t.crew != nil {
		t.crew.dismiss()
	}
	return nil
}

package main

import (
	"fmt"
	"math"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// A config is the params of one trial.
type config struct {
	read  string
	ops   int64
	sleep time.Duration
}

// Levels of read whose operation is a sleep.
const (
	sleeping  = "sleep"
	scheduled = "schedule"
)

// A trial is the readings of one window.
type trial struct {
	*config
	driver.Noted
	start   time.Time // of the readings, by the runtime's clocks
	begin   int64     // the same by system call
	steps   steps
	total   int64 // of the clock under test, over the window
	other   int64 // of CLOCK_MONOTONIC by system call, from before to after it
	late    driver.Histogram
	tooSoon int64 // sleeps that ended before their time
}

// setup warms up.
func (c *config) setup(string) (driver.Trial, error) {
	if c.sleepy() {
		c.ops = max(c.ops/sleepShare, 1)
		return &trial{config: c}, nil
	}
	t := &trial{config: c}
	t.open()
	return t, t.readings((c.ops + 9) / 10)
}

// sleepShare is how many readings of a clock stand for one sleep.
const sleepShare = 10000

// Run reads, or sleeps. Sleeps go by the clock, which is all that a course of them
// would show.
func (t *trial) Run() (ops int64, err error) {
	before := wire.Now()
	if t.sleepy() {
		t.sleeps()
	} else {
		t.open()
		err = t.Course.Each(t.ops, t.readings)
		t.total = t.steps.last
	}
	t.other = wire.Now() - before
	return t.ops, err
}

// open is before the first reading.
func (t *trial) open() {
	t.steps, t.start, t.begin = newSteps(), time.Now(), wire.Now()
}

// readings has one loop for each clock: a call through a function value would cost as much as the clock.
func (t *trial) readings(ops int64) error {
	s, start, begin := t.steps, t.start, t.begin
	switch t.read {
	case "nanotime":
		for range ops {
			s.next(int64(time.Since(start)))
		}
	case "now":
		for range ops {
			//lint:ignore S1012 what time.Now costs is the question
			s.next(int64(time.Now().Sub(start)))
		}
	case "syscall":
		for range ops {
			s.next(wire.Now() - begin)
		}
	}
	t.steps = s
	return nil
}

// sleepy says whether an operation is a sleep.
func (c *config) sleepy() bool { return c.read == sleeping || c.read == scheduled }

// sleeps notes how late each ends.
func (t *trial) sleeps() {
	start := driver.Nanotime()
	for k := range t.ops {
		now := driver.Nanotime()
		due := t.due(start, k, now)
		time.Sleep(time.Duration(due - now))
		late := driver.Nanotime() - due
		if late < 0 {
			t.tooSoon++
		}
		t.late.Record(late)
	}
	t.total = driver.Nanotime() - start
}

// due is when the sleep of a number is to end that begins now: after its whole length,
// or on a schedule at a fixed time after the start, so that one that ends late makes
// the next one shorter. A process with nothing else to run waits for a timer in
// epoll_wait, by whole ms (runtime/netpoll_epoll.go): what is left to a time of a
// schedule is cut anywhere by that.
func (c *config) due(start, number, now int64) int64 {
	if c.read == scheduled {
		return start + (number+1)*int64(c.sleep)
	}
	return now + int64(c.sleep)
}

// Report checks the clock and sets the metrics.
func (t *trial) Report(r *driver.Result) error {
	switch {
	case t.steps.back > 0:
		return fmt.Errorf("wrong answer: the clock went back %d times in %d readings", t.steps.back, t.ops)
	case t.tooSoon > 0:
		return fmt.Errorf("wrong answer: %d of %d sleeps ended before their time", t.tooSoon, t.ops)
	case t.total > t.other:
		return fmt.Errorf("wrong answer: %d ns by the clock under test, but only %d ns by CLOCK_MONOTONIC around it", t.total, t.other)
	}
	if t.sleepy() {
		r.SetLatency("latency", &t.late)
		return nil
	}
	if t.steps.least < math.MaxInt64 {
		r.Set(unitTick, float64(t.steps.least))
		r.Set(unitGap, float64(t.steps.most))
	}
	return nil
}

func (t *trial) Close() error { return nil }

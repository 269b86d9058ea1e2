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

// A trial is the readings of one window.
type trial struct {
	*config
	steps   steps
	total   int64 // of the clock under test, over the window
	other   int64 // of CLOCK_MONOTONIC by system call, from before to after it
	late    driver.Histogram
	tooSoon int64 // sleeps that ended before their time
}

// setup warms up.
func (c *config) setup(string) (driver.Trial, error) {
	if c.read == "sleep" {
		c.ops = max(c.ops/sleepShare, 1)
		return &trial{config: c}, nil
	}
	t := &trial{config: c}
	t.readings((c.ops + 9) / 10)
	return t, nil
}

// sleepShare is how many readings of a clock stand for one sleep.
const sleepShare = 10000

// Run reads, or sleeps.
func (t *trial) Run() (int64, error) {
	before := wire.Now()
	if t.read == "sleep" {
		t.sleeps()
	} else {
		t.readings(t.ops)
	}
	t.other = wire.Now() - before
	return t.ops, nil
}

// readings has one loop for each clock: a call through a function value would cost as much as the clock.
func (t *trial) readings(ops int64) {
	s := newSteps()
	start := time.Now()
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
		begin := wire.Now()
		for range ops {
			s.next(wire.Now() - begin)
		}
	}
	t.steps, t.total = s, s.last
}

// sleeps are due at fixed times: one that ends late makes the next one shorter.
func (t *trial) sleeps() {
	start := driver.Nanotime()
	for k := range t.ops {
		due := start + (k+1)*int64(t.sleep)
		rest := due - driver.Nanotime()
		time.Sleep(time.Duration(rest))
		late := driver.Nanotime() - due
		if late < 0 {
			t.tooSoon++
		}
		t.late.Record(late)
	}
	t.total = driver.Nanotime() - start
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
	if t.read == "sleep" {
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

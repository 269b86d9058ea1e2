package main

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// The kinds of timers.
const (
	afterFunc = "afterfunc"
	ticker    = "ticker"
	reset     = "reset"
)

// tickerPeriod is a ticker's where none is given.
const tickerPeriod = 2 * time.Millisecond

func newTimers(c *config, latency *driver.Shards) storm {
	switch c.timer {
	case ticker:
		return tickers(c, latency)
	case reset:
		return resets()
	}
	if c.period == 0 {
		return rounds(c, latency)
	}
	return chains(c, latency)
}

// rounds set all timers, due at once, and wait until all have fired. An event is
// from the moment that a timer was set to the moment that its goroutine runs.
//
// The processor never waits for the clock, which makes cpu-ns/op steady: where
// other work left the machine alone, 20 trials of a cell varied by 1.7 %, and those
// of chains with a period of 2 ms, in turn with them, by 8.2 %. Chains leave the
// processor idle most of the time, in sleeps of a whole millisecond (netpoll of
// runtime/netpoll_epoll.go rounds up to one), and what was due meanwhile meets the
// caches that others left; a longer window does not help.
//
// Note: chains whose period is too short to be kept are as steady, but no storm:
// a timer that is due when it is set fires before any other goroutine runs, so one
// chain goes on alone for as long as it is let.
func rounds(c *config, latency *driver.Shards) storm {
	var pending sync.WaitGroup
	timers, set := make([]*time.Timer, c.goroutines), make([]int64, c.goroutines)
	for i := range timers {
		timers[i] = time.AfterFunc(never, func() {
			latency.Of(i).Record(driver.Nanotime() - set[i])
			pending.Done()
		})
	}
	return storm{everyOp: true, lead: func(share int64) error {
		for range share {
			pending.Add(len(timers))
			for i, t := range timers {
				set[i] = driver.Nanotime()
				t.Reset(0)
			}
			pending.Wait()
		}
		return nil
	}}
}

// chains are timers that set themselves again when they fire, each due one
// period after it was last due, however late it was. An event is how late.
func chains(c *config, latency *driver.Shards) storm {
	period := int64(c.period)
	return storm{everyOp: true, whole: true, lead: func(share int64) error {
		var wg sync.WaitGroup
		wg.Add(int(c.goroutines))
		start := driver.Nanotime()
		for i := range int(c.goroutines) {
			due := start + period + period*int64(i)/c.goroutines // spread over the first period
			left := share
			var t *time.Timer
			var set sync.Mutex // t is set before it is used
			set.Lock()
			t = time.AfterFunc(time.Duration(due-driver.Nanotime()), func() {
				latency.Of(i).Record(driver.Nanotime() - due)
				if left--; left == 0 {
					wg.Done()
					return
				}
				due += period
				set.Lock()
				t.Reset(time.Duration(due - driver.Nanotime()))
				set.Unlock()
			})
			set.Unlock()
		}
		wg.Wait()
		return nil
	}}
}

// tickers are one a goroutine. An event is from the moment that the runtime
// sent the tick to the moment that the goroutine has it; a tick that was
// dropped, because the one before was still unread, makes the window longer.
func tickers(c *config, latency *driver.Shards) storm {
	return storm{everyOp: true, whole: true, body: func(i int, share int64) error {
		t := time.NewTicker(c.period)
		defer t.Stop()
		for range share {
			sent := <-t.C
			latency.Of(i).Record(int64(time.Since(sent)))
		}
		return nil
	}}
}

// never is further away than any window.
const never = 1000 * time.Hour

// resets are timers that are moved, over and over, and never fire.
func resets() storm {
	var fired atomic.Int64
	return storm{
		body: func(i int, share int64) error {
			// One with a channel and no receiver would not be in the runtime's heap.
			t := time.AfterFunc(never, func() { fired.Add(1) })
			for k := range share {
				if !t.Reset(never + time.Duration(k%1024)*time.Second) {
					return fmt.Errorf("wrong answer: timer %d was not active when it was reset", i)
				}
			}
			if !t.Stop() {
				return errors.New("wrong answer: a timer was not active when it was stopped")
			}
			return nil
		},
		check: func(int64) error {
			if n := fired.Load(); n > 0 {
				return fmt.Errorf("wrong answer: %d timers fired, %v early", n, never)
			}
			return nil
		},
	}
}

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A config is the params of one trial.
type config struct {
	mode       string
	goroutines int64
	ops        int64
	burst      int64
	channels   int64
	stack      int64
	hold       int64
	timer      string
	period     time.Duration
	block      time.Duration
	seed       int64
}

func (c *config) declare(p *driver.Params) {
	p.String(&c.mode, "mode", parkWake, "what the goroutines do; an operation is "+operations(), driver.OneOf(modeNames()...))
	p.Int(&c.goroutines, "goroutines", "1000", "goroutines that live at once", driver.Min("1"), driver.Max("1000000"))
	p.Int(&c.ops, "ops", "0", "operations of the window, rounded up to the same number for each goroutine; 0 is what takes about a second: "+defaults(),
		driver.Min("0"), driver.Max("1000000000000"))
	p.Int(&c.burst, "burst", "100", "park-wake, select: goroutines made ready before the first is waited for",
		driver.Min("1"), driver.Max("1000000"))
	p.Int(&c.channels, "channels", "4", fmt.Sprintf("select: channels that each goroutine waits for, up to %d by a select statement, more by reflect.Select", statement),
		driver.Min("1"), driver.Max("1024"))
	p.Bytes(&c.stack, "stack", "0B", "stack that each goroutine uses once, at its start, beyond its first frames",
		driver.Min("0B"), driver.Max("64MiB"))
	p.Int(&c.hold, "hold", "0", "mutex, rwmutex: times the owner yields (runtime.Gosched) before it unlocks; with 0 only goroutines on other processors meet a taken lock",
		driver.Min("0"), driver.Max("1000"))
	p.String(&c.timer, "timer", afterFunc, "timers: afterfunc: timers of time.AfterFunc, all of them set and fired in rounds, or with -period chains that set themselves again; "+
		"ticker: one time.Ticker a goroutine; reset: timers that are reset and never fire",
		driver.OneOf(afterFunc, ticker, reset))
	p.Duration(&c.period, "period", "0s", "timers: between two of one goroutine; 0: afterfunc: due at once, so that the processor never waits for the clock and cpu-ns/op is steady; "+
		"ticker, which needs one: "+tickerPeriod.String(), driver.Min("0s"), driver.Max("1h0m0s"))
	p.Duration(&c.block, "block", "0s", "syscall: how long a call sleeps in the kernel (nanosleep(2)); 0 is a call that returns at once (getuid(2))",
		driver.Min("0s"), driver.Max("1h0m0s"))
	p.Int(&c.seed, "seed", "1", "park-wake, select: of the order in which goroutines are woken", driver.Min("0"))
}

// warmShare is the part of the window's work that is done before it.
const warmShare = 10

// setup spawns the crew, waits until all of it is parked, and warms up.
func (c *config) setup(string) (driver.Trial, error) {
	if c.timer == ticker && c.period == 0 {
		c.period = tickerPeriod
	}
	t := &trial{share: (c.window() + c.goroutines - 1) / c.goroutines, goroutines: c.goroutines}
	t.storm = modes[c.mode].build(c, &t.latency)
	t.atStart = read()
	if t.storm.body != nil {
		start := driver.Nanotime()
		t.crew = muster(int(c.goroutines), c.stack, t.storm.locked, t.member)
		t.spawn = driver.Nanotime() - start
	}
	t.warm = (t.share + warmShare - 1) / warmShare
	if err := t.phase(t.warm); err != nil {
		return nil, errors.Join(fmt.Errorf("warm-up: %w", err), t.Close())
	}
	t.latency.Reset()
	return t, nil
}

// window is the operations of the window. What goes by the clock takes a second
// of it, as long as the goroutines keep up.
func (c *config) window() int64 {
	aSecond := func(period time.Duration, most int64) int64 {
		return min(max(c.goroutines*int64(time.Second)/int64(period), 1), most)
	}
	switch {
	case c.ops > 0:
		return c.ops
	case c.mode == timers && c.timer == reset:
		return modes[timers].ops * resetShare
	case c.mode == timers && c.period > 0:
		return aSecond(c.period, mostTimed)
	case c.mode == system && c.block > 0:
		return aSecond(c.block, mostBlocked)
	case c.mode == selectMany && c.channels > statement:
		return modes[selectMany].ops * statement / c.channels
	}
	return modes[c.mode].ops
}

// resetShare is how many resets stand for one timer that fires.
const resetShare = 10

// What of the clock's modes two processors do in a second or two.
const (
	mostTimed   = 1e6
	mostBlocked = 50e3 // a thread that blocks keeps its P for 20 µs or more, until sysmon takes it
)

// allow refuses numbers of goroutines that a mode can't have.
func (c *config) allow() error {
	m := modes[c.mode]
	needsThreads := m.threads && (c.mode != system || c.block > 0)
	switch {
	case needsThreads && c.goroutines > maxThreads:
		return fmt.Errorf("-mode=%s holds one thread a goroutine: -goroutines=%d is above %d (the runtime ends a program at 10000 threads)",
			c.mode, c.goroutines, maxThreads)
	case m.pairs && c.goroutines%2 != 0:
		return fmt.Errorf("-mode=%s works in pairs: -goroutines=%d is odd (take %d)", c.mode, c.goroutines, c.goroutines+1)
	}
	return nil
}

// leastStack is a goroutine's (stackMin of runtime/stack.go).
const leastStack = 2 << 10

// held is the stacks of all goroutines.
func (c *config) held() float64 { return float64(c.goroutines) * float64(max(c.stack, leastStack)) }

// maxThreads leaves room below debug.SetMaxThreads' default of 10000.
const maxThreads = 9000

package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// The triggers.
const (
	stopWorld = "stop"
	slice     = "slice"
)

// A config is the params of one trial.
type config struct {
	trigger string
	ops     int64
	steps   int64
	gap     int64
}

func (c *config) declare(p *driver.Params) {
	p.String(&c.trigger, "trigger", stopWorld, "stop: stop the world, spinners on all processors but one; slice: wait for a processor, spinners on all",
		driver.OneOf(stopWorld, slice))
	p.Int(&c.ops, "ops", "5000", "stops of the window; slices, of some 10 ms each: a hundredth of it, at least ten", driver.Min("10"), driver.Max("1000000000"))
	p.Int(&c.steps, "loop", "10000000", "steps of a loop, about 1 ns each", driver.Min("1"), driver.Max("1000000000000"))
	p.Int(&c.gap, "gap", "20000", "steps of the probe between two stops, so that the spinners run again", driver.Min("0"), driver.Max("1000000000"))
}

// A trial is spinners that spin, and what stopping them took.
type trial struct {
	*config
	driver.Noted
	spinners      spinners
	loop          int64 // ns of one, alone
	latency       driver.Histogram
	before, after *metrics.Float64Histogram
	loopsBefore   int64
	loopsAfter    int64
	state         uint64 // of the gap's loop
}

// setup starts the spinners and stops them a few times.
func (c *config) setup(string) (driver.Trial, error) {
	n := runtime.GOMAXPROCS(0)
	if c.trigger == stopWorld {
		n--
	}
	if n == 0 {
		return nil, errors.New("-trigger=stop needs a processor for the spinner beside the probe's: GOMAXPROCS is 1 (set it to 2, or take -trigger=slice)")
	}
	if c.trigger == slice {
		c.ops = max(c.ops/sliceShare, leastOps)
	}
	t := &trial{config: c}
	t.spinners.steps = c.steps
	start := driver.Nanotime()
	t.state = advance(1, c.steps)
	t.loop = driver.Nanotime() - start
	t.spinners.start(n)
	for t.spinners.ready.Load() < int64(n) {
		runtime.Gosched()
	}
	t.stops((c.ops + 9) / 10)
	t.latency.Reset()
	return t, nil
}

// sliceShare is how many stops of the world stand for one slice; a median
// needs leastOps of either.
const (
	sliceShare = 100
	leastOps   = 10
)

// Run stops the spinners over and over.
func (t *trial) Run() (int64, error) {
	t.before, t.loopsBefore = stopping(), t.spinners.loops.Load()
	err := t.Course.Each(t.ops, func(n int64) error {
		t.stops(n)
		return nil
	})
	t.after, t.loopsAfter = stopping(), t.spinners.loops.Load()
	return t.ops, err
}

func (t *trial) stops(ops int64) {
	var m runtime.MemStats
	for range ops {
		t.state = advance(t.state, t.gap)
		start := driver.Nanotime()
		if t.trigger == slice {
			runtime.Gosched()
		} else {
			runtime.ReadMemStats(&m)
		}
		t.latency.Record(driver.Nanotime() - start)
	}
}

// Report checks the loops and sets the metrics.
func (t *trial) Report(r *driver.Result) error {
	t.spinners.end()
	if n := t.spinners.wrong.Load(); n > 0 {
		return fmt.Errorf("wrong answer: %d loops that were interrupted came to another result", n)
	}
	counted := driver.Between(t.before, t.after)
	stops := counted.Events()
	if t.trigger == stopWorld && stops < t.ops {
		return fmt.Errorf("wrong answer: the runtime counts %d stops of the world, the probe made %d", stops, t.ops)
	}
	r.SetLatency("latency", &t.latency)
	r.Set(unitLoops, float64(t.loopsAfter-t.loopsBefore))
	r.Set(unitLoop, float64(t.loop))
	if t.trigger != stopWorld {
		return nil
	}
	r.Set(unitStops, float64(stops))
	for unit, permille := range map[string]int64{unitStopP50: 500, unitStopP90: 900, unitStopP99: 990} {
		if v, ok := counted.Quantile(permille); ok {
			r.Set(unit, v)
		}
	}
	return nil
}

// Close ends the spinners, after an error too.
func (t *trial) Close() error {
	t.spinners.end()
	return nil
}

func stopping() *metrics.Float64Histogram {
	s := []metrics.Sample{{Name: "/sched/pauses/stopping/other:seconds"}}
	metrics.Read(s)
	return s[0].Value.Float64Histogram()
}

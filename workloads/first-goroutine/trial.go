package main

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A config is the params of one trial.
type config struct {
	trigger  string
	control  string
	ops      int64
	spinners int64
}

func (c *config) declare(p *driver.Params) {
	p.String(&c.trigger, "trigger", "readmemstats", "what goes before: none; readmemstats: one stop of the world; setgcpercent: set and set back, see stops/op; gc: a whole collection; trace: an execution trace started and stopped",
		driver.OneOf("none", "readmemstats", "setgcpercent", "gc", "trace"))
	p.String(&c.control, "control", "spin", "how the matched pause passes: spin: the goroutine runs; sleep: it is parked", driver.OneOf("spin", "sleep"))
	p.Int(&c.ops, "ops", "5000", "pairs of the window; gc, trace: a tenth of it, at least one", driver.Min("1"), driver.Max("10000000"))
	p.Int(&c.spinners, "spinners", "0", "goroutines that spin meanwhile", driver.Min("0"), driver.Max("1024"))
}

// A trial is the readings of each pair, in ns.
type trial struct {
	*config
	driver.Noted
	pull                    func() error
	first, tenth, matched   []int64
	excess                  []int64
	triggers, pauses        []int64
	stopsBefore, stopsAfter int64
	probe                   probe
	stop                    atomic.Bool
	background              sync.WaitGroup
}

// setup starts the background and does some pairs as a warm-up.
func (c *config) setup(string) (driver.Trial, error) {
	if c.trigger == "gc" || c.trigger == "trace" {
		c.ops = max(c.ops/longShare, 1)
	}
	t := &trial{config: c, pull: triggers[c.trigger], probe: newProbe()}
	for range c.spinners {
		t.background.Go(func() {
			for !t.stop.Load() {
			}
		})
	}
	runtime.GC()
	for _, list := range t.lists() {
		*list = make([]int64, 0, c.ops)
	}
	if err := t.pairs((c.ops + 9) / 10); err != nil {
		return nil, fmt.Errorf("warm-up: %w", err)
	}
	for _, list := range t.lists() {
		*list = (*list)[:0]
	}
	return t, nil
}

// longShare is how many pairs of a short trigger stand for one of gc or trace.
const longShare = 10

func (t *trial) lists() []*[]int64 {
	return []*[]int64{&t.first, &t.tenth, &t.matched, &t.excess, &t.triggers, &t.pauses}
}

// Run does the pairs.
func (t *trial) Run() (int64, error) {
	t.stopsBefore = stops()
	err := t.Course.Each(t.ops, t.pairs)
	t.stopsAfter = stops()
	return t.ops, err
}

func (t *trial) pairs(n int64) error {
	for range n {
		start := driver.Nanotime()
		if err := t.pull(); err != nil {
			return fmt.Errorf("trigger %s: %w", t.trigger, err)
		}
		took := driver.Nanotime() - start
		first, tenth := t.probe.spawn()

		start = driver.Nanotime()
		pause(t.control, start+took)
		paused := driver.Nanotime() - start
		matched, _ := t.probe.spawn()

		t.triggers, t.pauses = append(t.triggers, took), append(t.pauses, paused)
		t.first, t.tenth, t.matched = append(t.first, first), append(t.tenth, tenth), append(t.matched, matched)
		t.excess = append(t.excess, first-matched)
	}
	return nil
}

// Report checks that every goroutine ran and every trigger stopped the world, and sets the metrics.
func (t *trial) Report(r *driver.Result) error {
	if want := uint64(len(t.first)) * 2 * spawns; t.probe.ran < want {
		return fmt.Errorf("wrong answer: %d goroutines ran, want %d or more", t.probe.ran, want)
	}
	n := t.stopsAfter - t.stopsBefore
	if stopsWorld(t.trigger) && n < t.ops {
		return fmt.Errorf("wrong answer: the runtime counts %d stops of the world, the trigger %s was pulled %d times", n, t.trigger, t.ops)
	}
	r.Set(unitEvents, float64(len(t.first)))
	r.Set(unitStops, float64(n)/float64(t.ops))
	for unit, list := range map[string][]int64{unitFirst: t.first, unitMatched: t.matched, unitExcess: t.excess, unitTrigger: t.triggers, unitPause: t.pauses} {
		set(r, unit, list, 50)
	}
	r.Set(unitTenth, float64(rank(t.tenth, 50))) // the primary metric is always there; events says on how many it rests
	set(r, unitFirst99, t.first, 99)
	set(r, unitMatch99, t.matched, 99)
	return nil
}

// Close ends the background.
func (t *trial) Close() error {
	t.stop.Store(true)
	t.background.Wait()
	return nil
}

// set sets a percentile that rests on 5/(1-q) values.
func set(r *driver.Result, unit string, values []int64, percent int) {
	if len(values)*(100-percent) >= 500 {
		r.Set(unit, float64(rank(values, percent)))
	}
}

// rank is the smallest value with at least percent of them at or below it. It sorts a copy.
func rank(values []int64, percent int) int64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)*percent+99)/100-1]
}

// stops counts the stops of the world so far.
func stops() (n int64) {
	s := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}, {Name: "/sched/pauses/total/other:seconds"}}
	metrics.Read(s)
	for _, m := range s {
		for _, c := range m.Value.Float64Histogram().Counts {
			n += int64(c)
		}
	}
	return n
}

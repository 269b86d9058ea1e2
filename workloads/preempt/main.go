// Command preempt reports how long it takes to stop goroutines that run loops
// without a call in them: the runtime must interrupt their threads by a signal
// (asynchronous preemption).
//
// Spinners run such loops on all processors but one. A probe stops the world,
// by runtime.ReadMemStats, and reports both what the runtime measured and the
// wall time of the call. Or, with -trigger=slice, spinners run on all
// processors, the probe gives its own up and reports when it has one again: the
// time slice of a goroutine.
//
// The loops have an end, so that a runtime that can't interrupt them
// (GODEBUG=asyncpreemptoff=1) is slow and does not hang. Each loop's result is
// checked.
package main

import (
	"slices"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(preempt) }

const (
	unitStops   = "stop-events"
	unitStopP50 = "p50-stopping-ns"
	unitStopP90 = "p90-stopping-ns"
	unitStopP99 = "p99-stopping-ns"
	unitLoop    = "loop-ns"
	unitLoops   = "loops"
)

var preempt = driver.Workload{
	Name:      "preempt",
	Benchmark: "Preempt",
	Doc:       "how long it takes to stop goroutines in loops without calls; an operation is a stop",
	Examples: []string{
		"go run ./workloads/preempt -count=10 | benchstat -",
		"GODEBUG=asyncpreemptoff=1 go run ./workloads/preempt -ops=100",
		"GOMAXPROCS=1 go run ./workloads/preempt -trigger=slice -ops=50",
	},
	Primary: driver.PrimaryMedian,
	Metrics: slices.Concat(driver.LatencyMetrics("latency", "stops; wall time of runtime.ReadMemStats, which stops and starts the world and reads; "+
		"or with slice, of runtime.Gosched"),
		[]wire.Metric{
			{Unit: unitStops, Doc: "values behind the stopping metrics"},
			{Unit: unitStopP50, Better: wire.Lower, Resolution: driver.RuntimeResolution,
				Doc: "median time from the decision to stop until all processors stand: /sched/pauses/stopping/other:seconds, middle of its bucket"},
			{Unit: unitStopP90, Better: wire.Lower, Resolution: driver.RuntimeResolution, Doc: "its 90th percentile, from 50 values on"},
			{Unit: unitStopP99, Better: wire.Lower, Resolution: driver.RuntimeResolution, Doc: "its 99th percentile, from 500 values on"},
			{Unit: unitLoops, Doc: "loops that ended in the window"},
			{Unit: unitLoop, Doc: "what a spinner needed for one loop before the window, alone: where nothing interrupts a loop, a stop takes up to that"},
		}),
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		return c.setup
	},
}

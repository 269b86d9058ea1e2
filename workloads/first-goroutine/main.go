// Command first-goroutine asks whether the first goroutine that is spawned
// after a stop of the world starts late because of the stop, or only because
// some time has passed.
//
// An operation is a pair: the trigger, then ten spawns; and a pause of exactly
// the time that the trigger took, without any stop, then ten spawns. The
// difference of the two first starts is what the stop itself adds.
package main

import (
	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(first) }

const (
	unitEvents  = "events"
	unitFirst   = "p50-first-start-ns"
	unitTenth   = "p50-tenth-start-ns"
	unitMatched = "p50-matched-start-ns"
	unitExcess  = "p50-excess-start-ns"
	unitFirst99 = "p99-first-start-ns"
	unitMatch99 = "p99-matched-start-ns"
	unitTrigger = "p50-trigger-ns"
	unitPause   = "p50-pause-ns"
	unitStops   = "stops/op"
)

// fine is one reading of the clock at each end.
var fine = wire.Resolution{Absolute: 50}

var first = driver.Workload{
	Name:      "first-goroutine",
	Benchmark: "FirstGoroutine",
	Doc:       "how late the first goroutine starts after a stop of the world, and after an equal pause without one",
	Examples: []string{
		"go run ./workloads/first-goroutine -count=10 | benchstat -",
		"go run ./workloads/first-goroutine -trigger=gc -control=sleep -ops=200",
		"GOMAXPROCS=1 go run ./workloads/first-goroutine -trigger=none",
	},
	Metrics: []wire.Metric{
		{Unit: unitEvents, Doc: "pairs behind each quantile; all quantiles are exact order statistics"},
		{Unit: unitFirst, Better: wire.Lower, Resolution: fine,
			Doc: "after the trigger: median time from the first go statement to the goroutine's first clock reading; not primary, because with " +
				"several processors it has two modes, with and without a thread to wake, and a process lands in one of them"},
		{Unit: unitTenth, Better: wire.Lower, Primary: true, Resolution: fine, Doc: "the same of the tenth: what a start takes when others went just before"},
		{Unit: unitMatched, Better: wire.Lower, Resolution: fine, Doc: "the same of the first after the matched pause"},
		{Unit: unitExcess, Better: wire.Lower, Resolution: fine, Doc: "median over pairs of first less matched; may be below 0"},
		{Unit: unitFirst99, Better: wire.Lower, Resolution: fine, Doc: "99th percentile of the first, from 500 pairs on"},
		{Unit: unitMatch99, Better: wire.Lower, Resolution: fine, Doc: "99th percentile of the matched first, from 500 pairs on"},
		{Unit: unitTrigger, Resolution: fine, Doc: "median wall time of the trigger"},
		{Unit: unitPause, Resolution: fine, Doc: "median wall time of the matched pause: a sleep ends later than asked"},
		{Unit: unitStops, Doc: "stops of the world in the window, by pair: /sched/pauses/total/{gc,other}:seconds"},
	},
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		return c.setup
	},
}

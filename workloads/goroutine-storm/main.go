// Command goroutine-storm makes many goroutines do one thing to the scheduler
// and reports what an operation costs and how late goroutines run after they
// were made ready.
//
// A crew of goroutines is spawned and parked before the window (crew.go). The
// window is a fixed number of operations, the same number for each goroutine;
// what an operation is depends on the mode (modes.go). Every mode checks its
// own outcome: tokens in order, sums, counters, no timer lost.
package main

import "github.com/assaylab/assay/workloads/internal/driver"

func main() { driver.Main(goroutines) }

var goroutines = driver.Workload{
	Name:      "goroutine-storm",
	Benchmark: "GoroutineStorm",
	Doc:       "what the scheduler costs: spawn, park and wake, hand-offs, locks, timers, select, threads, system calls",
	Examples: []string{
		"go run ./workloads/goroutine-storm -mode=ping-pong -goroutines=2 -count=10 | benchstat -",
		"go run ./workloads/goroutine-storm -goroutines=1e6 -ops=1e6",
		"go run ./workloads/goroutine-storm -mode=timers -timer=ticker -period=1ms",
		"GOMAXPROCS=1 go run ./workloads/goroutine-storm -mode=lockosthread -goroutines=2 -ops=1e5",
	},
	Primary: driver.PrimaryCPU,
	Metrics: stormMetrics,
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		p.Check(c.allow)
		p.Holds("-goroutines and -stack", c.held)
		return c.setup
	},
}

// Command clock reports what it costs to read a clock, how finely the clock
// steps, and how late sleeps end.
//
// Readings must never go back, and their total must agree with a second clock.
package main

import (
	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
	"slices"
)

func main() { driver.Main(clock) }

const (
	unitTick = "clock-step-ns"
	unitGap  = "max-gap-ns"
)

var clock = driver.Workload{
	Name:      "clock",
	Benchmark: "Clock",
	Doc:       "what reading the clock costs (runtime nanotime, time.Now, the system call), or how late sleeps end",
	Examples: []string{
		"go run ./workloads/clock -count=10 | benchstat -",
		"go run ./workloads/clock -read=syscall",
		"go run ./workloads/clock -read=sleep -sleep=10ms -ops=1000000",
	},
	Primary: driver.PrimaryCPU,
	Metrics: slices.Concat([]wire.Metric{
		{Unit: unitTick, Better: wire.Lower, Doc: "smallest step between two readings in a row that differ; not of sleeps", Resolution: wire.Resolution{Absolute: 1}},
		{Unit: unitGap, Better: wire.Lower, Doc: "longest time between two readings in a row: how long the thread was kept from running; not of sleeps", Resolution: wire.Resolution{Absolute: 50}},
	}, driver.LatencyMetrics("latency", "sleeps; how late each ended, from when it was meant to end")),
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		p.String(&c.read, "read", "nanotime", "an operation: nanotime: one reading of the runtime's monotonic clock (time.Since); now: time.Now, both clocks; "+
			"syscall: clock_gettime(2) without the vDSO; sleep: one time.Sleep of -sleep; "+
			"schedule: one until the next of times that are -sleep apart and don't move when one ends late", driver.OneOf("nanotime", "now", "syscall", sleeping, scheduled))
		p.Int(&c.ops, "ops", "20000000", "operations of the window; sleeps: a ten-thousandth of it, at least one", driver.Min("1"), driver.Max("1000000000000"))
		p.Duration(&c.sleep, "sleep", "1ms", "length of a sleep, or from time to time of the schedule", driver.Min("1µs"), driver.Max("1h0m0s"))
		return c.setup
	},
}

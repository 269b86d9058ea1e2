// Command gc-churn keeps a live heap of a given size and shape and replaces
// its objects, for a whole number of garbage collections. It reports what a
// collection costs: mark time by class, assists, pauses.
//
// The live heap is a random graph (shape.go, graph.go). An operation allocates
// one object; most die young, the rest replace a live one (lane.go). All
// objects carry a pattern that is checked before they are dropped, and the
// whole graph is checked after the window, so a lost or damaged object fails
// the trial.
//
// The window opens after a forced collection and closes at the first batch of
// operations after the last cycle: it holds that many mark phases and one
// sweep less.
package main

import "github.com/assaylab/assay/workloads/internal/driver"

func main() { driver.Main(churn) }

var churn = driver.Workload{
	Name:      "gc-churn",
	Benchmark: "GCChurn",
	Doc:       "what a garbage collection costs, over a live heap of a given size and shape",
	Examples: []string{
		"go run ./workloads/gc-churn -live-heap=64MiB -count=10 | benchstat -",
		"GOGC=50 go run ./workloads/gc-churn -pointer-density=0 -cycles=50",
		"go run ./workloads/gc-churn -object-size=1KiB -size-spread=lognormal -goroutines=4",
	},
	Metrics: gcMetrics,
	GODEBUG: []string{"gctrace=1"}, // the only source of the mark phase's wall time
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		p.Check(c.allow)
		p.Holds("-live-heap with -swing, -stacks and -stack-size", c.held)
		return c.setup
	},
}

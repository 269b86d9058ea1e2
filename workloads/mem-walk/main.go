// Command mem-walk reads memory of a given footprint: in a random cycle, where
// each load waits for the one before it and so shows the latency of caches, TLB
// and memory, or as a stream, which shows what prefetching makes of it.
//
// An operation is one access: one 8-byte load from a place of its own. Where
// the cycle stands after the last access, or what the stream adds up to, is
// known beforehand and checked.
package main

import "github.com/assaylab/assay/workloads/internal/driver"

func main() { driver.Main(walk) }

var walk = driver.Workload{
	Name:      "mem-walk",
	Benchmark: "MemWalk",
	Doc:       "time of one memory access over a given footprint, as a pointer chase or a stream; an operation is an access",
	Examples: []string{
		"go run ./workloads/mem-walk -footprint=1GiB -count=10 | benchstat -",
		"go run ./workloads/mem-walk -footprint=1GiB -memory=hugepage",
		"go run ./workloads/mem-walk -touch-cpu=0 -walk-cpu=1",
	},
	Metrics: walkMetrics,
	Primary: driver.PrimaryCPU,
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		p.Check(c.allow)
		p.Holds("-footprint", c.held)
		return c.setup
	},
}

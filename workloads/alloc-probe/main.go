// Command alloc-probe allocates objects of one size and reports what one costs,
// what its size class adds, and how much of the heap that is occupied is not
// live objects.
//
// The objects live in a table; each new one takes the place of an old one, at
// random, so that spans empty out unevenly as they do in programs. Each holds
// its number at both ends, which is checked when it is dropped.
package main

import (
	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(probe) }

const (
	unitClass    = "size-class-bytes/op"
	unitInternal = "size-class-waste-ratio"
	unitWaste    = "occupied-waste-ratio"
	unitSpan     = "span-waste-ratio"
	unitLive     = "live-bytes"
	unitCycles   = "gc-cycles"
)

// counted is how much of what a window of 16 MiB or more allocated can be the driver's.
var counted = wire.Resolution{Relative: 0.001}

var probe = driver.Workload{
	Name:      "alloc-probe",
	Benchmark: "AllocProbe",
	Doc:       "what allocating objects of one size costs, and how much of the heap they leave unused",
	Examples: []string{
		"go run ./workloads/alloc-probe -size=16B -count=10 | benchstat -",
		"go run ./workloads/alloc-probe -size=1MiB -jitter=0.1 -ops=2000 -live=128MiB",
		"GOGC=off go run ./workloads/alloc-probe -pointers=false -live=1MiB",
	},
	Primary: driver.PrimaryCPU,
	Metrics: []wire.Metric{
		{Unit: unitClass, Better: wire.Lower, Doc: "heap bytes that one object takes: growth of MemStats.TotalAlloc over the window, by operation; from 16 MiB on", Resolution: counted},
		{Unit: unitInternal, Resolution: wire.Resolution{Absolute: counted.Relative}, Better: wire.Lower, Doc: "share of that beyond what was asked for, sizes rounded up as -size says: 1 - asked/taken"},
		{Unit: unitWaste, Better: wire.Lower, Doc: "after a forced collection at the end: 1 - live/occupied, of /memory/classes/heap/: objects / (objects + unused + free), " +
			"without the objects and unused bytes that were there before the first object, such as the index"},
		{Unit: unitSpan, Better: wire.Lower, Doc: "the same without free spans: 1 - objects / (objects + unused)"},
		{Unit: unitLive, Doc: "heap bytes in live objects at that moment, in their size classes: growth of /memory/classes/heap/objects:bytes since before the first"},
		{Unit: unitCycles, Doc: "collections that ended in the window"},
	},
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		p.Check(c.allow)
		p.Holds("-live and -size", c.held)
		return c.setup
	},
}

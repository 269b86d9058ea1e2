// Command fsync writes a piece of a file and makes it durable, over and over.
//
// The file is new, below -dir, and removed at the end. After the window it is
// read again and must hold what was written; that says nothing about power
// cuts.
package main

import (
	"slices"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(durable) }

const unitRate = "written-B/s"

var durable = driver.Workload{
	Name:      "fsync",
	Benchmark: "Fsync",
	Doc:       "how long it takes to make a write durable; an operation is a write and its fsync",
	Examples: []string{
		"go run ./workloads/fsync -dir=/var/tmp -count=10 | benchstat -",
		"go run ./workloads/fsync -dir=/mnt/test -call=fdatasync -write=64KiB -extend",
		"go run ./workloads/fsync -call=none -ops=100000",
	},
	Primary:    driver.PrimaryMedian,
	KernelWork: "the journal, and the pages on their way to the device",
	Metrics: slices.Concat(
		driver.LatencyMetrics("latency", "operations; wall time of each, write and fsync together"),
		[]wire.Metric{{Unit: unitRate, Better: wire.Higher, Doc: "bytes written by wall second of the window"}}),
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		return c.setup
	},
}

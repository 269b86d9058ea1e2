// Command fs-metadata asks the file system about the files of a synthetic Go
// module cache: stat, open, read a folder, look for what is not there.
//
// The tree is made in a new folder below -dir and removed at the end. What
// comes back is checked against what was made: sizes, names, contents, and that
// missing files are missing.
package main

import "github.com/assaylab/assay/workloads/internal/driver"

func main() { driver.Main(metadata) }

var metadata = driver.Workload{
	Name:      "fs-metadata",
	Benchmark: "FSMetadata",
	Doc:       "what stat, open and directory reads cost over a synthetic module cache; an operation is one of them",
	Examples: []string{
		"go run ./workloads/fs-metadata -count=10 | benchstat -",
		"go run ./workloads/fs-metadata -call=open -goroutines=8 -dir=/var/tmp",
		"go run ./workloads/fs-metadata -call=missing -modules=1000",
	},
	Primary: driver.PrimaryCPU,
	Metrics: driver.LatencyMetrics("latency", "operations; wall time of each"),
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		return c.setup
	},
}

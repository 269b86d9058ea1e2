// Command procs reports how many processors a Go program believes it has: what
// GOMAXPROCS and NumCPU are at the start of the process.
package main

import (
	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(procs) }

var procs = driver.Workload{
	Name:      "procs",
	Benchmark: "Procs",
	Doc:       "how many processors the Go runtime believes it has, at the start of a process",
	Examples: []string{
		"go run ./workloads/procs",
		"GOMAXPROCS=1 go run ./workloads/procs",
		"taskset -c 0 go run ./workloads/procs -count=3 | benchstat -",
	},
	Metrics: []wire.Metric{
		{Unit: "gomaxprocs", Doc: "runtime.GOMAXPROCS(0) at the start of main", Primary: true, Exact: true},
		{Unit: "numcpu", Doc: "runtime.NumCPU(): CPUs in the affinity mask the process started with", Exact: true},
	},
	Declare: func(p *driver.Params) driver.Setup {
		var spin int64
		p.Int(&spin, "spin", "1000", "operations of the window, each 1000 dependent steps of arithmetic", driver.Min("1"), driver.Max("1000000000"))
		return func(string) (driver.Trial, error) { return observe(spin) }
	},
}

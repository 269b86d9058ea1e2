// Command fd-limit opens descriptors until it has as many as it was told to, or
// the kernel refuses one more, and reports how many that were.
//
// The Go runtime raises the soft limit of RLIMIT_NOFILE to the hard one at start
// (package os), and gives children the original back: both are reported, so that
// a claim about "ulimit -n" can be told from one about the hard limit.
package main

import (
	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(limit) }

const (
	unitOpened  = "opened-descriptors"
	unitRefused = "refused-descriptors"
	unitSoft    = "soft-limit-descriptors"
	unitHard    = "hard-limit-descriptors"
	unitChild   = "child-soft-limit-descriptors"
)

var limit = driver.Workload{
	Name:      "fd-limit",
	Benchmark: "FDLimit",
	Doc:       "how many descriptors a process gets, and what opening one costs; an operation is an open",
	Examples: []string{
		"go run ./workloads/fd-limit -descriptors=2000",
		"sh -c 'ulimit -Sn 64; go run ./workloads/fd-limit -descriptors=2000'",
		"sh -c 'ulimit -n 256; go run ./workloads/fd-limit -open=connection -descriptors=2000'",
	},
	// What the workload is for; its window of a few ms, which the limit sets, is
	// too short for a steady ns/op.
	Primary: unitOpened,
	Metrics: []wire.Metric{
		{Unit: unitOpened, Better: wire.Higher, Exact: true, Doc: "descriptors opened, beside the few that every process has"},
		{Unit: unitRefused, Better: wire.Lower, Exact: true, Doc: "descriptors that the kernel refused with EMFILE: what was wanted less what was opened"},
		{Unit: unitSoft, Exact: true, Doc: "soft limit of this process, as the runtime left it (getrlimit)"},
		{Unit: unitHard, Exact: true, Doc: "hard limit of this process"},
		{Unit: unitChild, Exact: true, Doc: "soft limit of a child (ulimit -n of a shell); not set where it has none"},
	},
	NoCourse: "a window begins with nothing open and ends at the limit, so it has no steady state",
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		p.Check(c.allow)
		return c.setup
	},
}

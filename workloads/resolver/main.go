// Command resolver looks up a name over and over, by Go's own resolver or by
// that of the C library, against a name server of its own on loopback.
//
// How the resolver finds the server is a param. By a dialler only Go's resolver
// can be sent there, and no root is needed. By resolv.conf either finds it: the
// process moves into a mount and a network namespace in which /etc/resolv.conf
// names nobody else, which takes root.
package main

import (
	"slices"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(lookups) }

const unitQueries = "dns-queries/op"

var lookups = driver.Workload{
	Name:      "resolver",
	Benchmark: "Resolver",
	Doc:       "how long a look-up of a name takes, by Go's resolver or the C library's; an operation is a look-up of all its addresses",
	Examples: []string{
		"go run ./workloads/resolver -count=10 | benchstat -",
		"sudo go run ./workloads/resolver -config=resolv.conf -dns-delay=5ms -ops=200",
		"sudo env CGO_ENABLED=1 go run ./workloads/resolver -resolver=cgo -config=resolv.conf",
	},
	Primary:    driver.PrimaryMedian,
	KernelWork: "packets delivered and sockets freed where they come too fast for the sender (ksoftirqd)",
	Metrics: slices.Concat(
		driver.LatencyMetrics("latency", "look-ups; wall time of each"),
		[]wire.Metric{{Unit: unitQueries, Better: wire.Lower, Doc: "queries that the name server got, per look-up: 0 would be a resolver that asks somebody else"}}),
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		p.Check(c.allow)
		return c.setup
	},
}

// Command dial makes TCP connections to a name of this machine that has an IPv4
// and an IPv6 address, one after the other, and reports how long each took.
//
// Names are resolved against a server of its own on loopback. What a family
// does is a param: it listens, refuses (nothing listens on the port), or stays
// silent (the queue of the listener is full, so that the kernel drops the
// handshake as a firewall would).
package main

import (
	"slices"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(dial) }

const (
	unitIPv6    = "ipv6-share"
	unitQueries = "dns-queries/op"
)

var dial = driver.Workload{
	Name:      "dial",
	Benchmark: "Dial",
	Doc:       "how long it takes to connect to a name with an address of each family; an operation is a dial, its resolution included",
	Examples: []string{
		"go run ./workloads/dial -count=10 | benchstat -",
		"go run ./workloads/dial -ipv6=silent -ops=20",
		"go run ./workloads/dial -ipv6=silent -fallback-delay=-1ns -timeout=4s -ops=10",
	},
	Primary:    driver.PrimaryMedian,
	KernelWork: "packets delivered and sockets freed where they come too fast for the sender (ksoftirqd)",
	Metrics: slices.Concat(
		driver.LatencyMetrics("latency", "dials; wall time of each, resolution included"),
		[]wire.Metric{
			{Unit: unitIPv6, Doc: "share of the connections that are IPv6"},
			{Unit: unitQueries, Better: wire.Lower, Doc: "queries that the name server got, per dial"},
		}),
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		p.Check(c.allow)
		return c.setup
	},
}

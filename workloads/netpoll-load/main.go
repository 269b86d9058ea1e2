// Command netpoll-load asks a server for answers over many connections and
// reports what an answer costs and how late it comes.
//
// It has two roles. The server is under test: an echo over TCP, UDP or a Unix
// socket, or net/http, with TLS or without (server.go). The load asks it, one
// goroutine a connection, and checks each answer (load.go). Without a rate it
// asks again as soon as it is answered: a closed loop, which shows throughput.
// With one it asks at times that are fixed beforehand (pacer.go), and latency
// counts from these, so that a server that stalls is charged for all who had to
// wait, asked or not. A request that is given up counts as one that took that long,
// -patience at the least: a load that left it out would show the same server the
// faster the less patient it is.
package main

import (
	"slices"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(netpoll) }

// The roles.
const (
	roleServer = "server"
	roleLoad   = "load"
)

var netpoll = driver.Workload{
	Name:      "netpoll-load",
	Benchmark: "NetpollLoad",
	Doc:       "a server under load: TCP, UDP and Unix echo, HTTP with and without TLS; throughput in a closed loop, latency in an open one",
	Examples: []string{
		"go run ./workloads/netpoll-load -count=5 | benchstat -",
		"go run ./workloads/netpoll-load -transport=tcp -conns=10000",
		"go run ./workloads/netpoll-load -rate=5000 -requests=20000",
		"go run ./workloads/netpoll-load -rate=1000 -requests=5000 -stall=100ms",
		"go run ./workloads/netpoll-load -role=server -listen=127.0.0.1:8080   # for another load, until a signal",
	},
	Roles: []wire.Role{
		{Name: roleServer, Doc: "answers, until it is told to end", Tested: true},
		{Name: roleLoad, Doc: "asks, and prints"},
	},
	Primary: driver.PrimaryCPU,
	// A socket's packets are delivered by whoever sends them, and once that is too much
	// at a time by ksoftirqd (kernel/softirq.c).
	KernelWork: "packets delivered where they come too fast for the sender (ksoftirqd), sockets freed",
	Metrics:    slices.Concat(driver.LatencyMetrics("latency", "requests, each from when it was to be made (with -rate) or was made until its answer; without one until it was given up, -patience at the least"), lagMetrics, failures.Metrics()),
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		p.Check(c.allow)
		p.Holds("-conns with -payload and -pipeline", c.held)
		return c.setup
	},
}

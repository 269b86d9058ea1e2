// Command http-client-pool asks an HTTP server on loopback through one
// http.Transport, many goroutines at once, and reports how often the Transport
// had a connection left and what it cost where it had none.
//
// It has two roles. The server waits as long as it is told and answers
// (server.go). The client is under test: a closed loop over a Transport whose
// pool is set by params (client.go, pool.go). Each request has a number, which
// its answer must hold.
package main

import (
	"slices"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func main() { driver.Main(pooled) }

// The roles.
const (
	roleServer = "server"
	roleClient = "client"
)

var pooled = driver.Workload{
	Name:      "http-client-pool",
	Benchmark: "HTTPClientPool",
	Doc:       "an HTTP client and its pool of connections: how many requests find one that is idle, and what the others pay; an operation is a request that was answered",
	Examples: []string{
		"go run ./workloads/http-client-pool -count=5 | benchstat -",
		"go run ./workloads/http-client-pool -max-idle-conns-per-host=100",
		"go run ./workloads/http-client-pool -max-conns-per-host=8 -patience=5ms",
		"go run ./workloads/http-client-pool -http2 -concurrency=512",
	},
	Roles: []wire.Role{
		{Name: roleServer, Doc: "answers, until it is told to end"},
		{Name: roleClient, Doc: "asks, and prints", Tested: true},
	},
	// A request that dials costs some times one that does not, and how many do goes by
	// which answers come at once: the more dials/op vary over trials, the more this does.
	Primary:    driver.PrimaryCPU,
	KernelWork: "packets delivered and sockets freed where they come too fast for the sender (ksoftirqd)",
	Metrics: slices.Concat(
		driver.LatencyMetrics("latency", "requests, each until its answer, a wait for a connection included; without one until it was given up, -patience at the least"),
		poolMetrics, failures.Metrics()),
	Declare: func(p *driver.Params) driver.Setup {
		c := new(config)
		c.declare(p)
		p.Check(c.allow)
		return c.setup
	},
}

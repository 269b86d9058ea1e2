package main

import (
	"fmt"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A config is the params of one trial.
type config struct {
	listen         string
	concurrency    int64
	requests       int64
	maxIdlePerHost int64
	maxIdle        int64
	maxPerHost     int64
	idleTimeout    time.Duration
	keepAlive      bool
	http2          bool
	named          bool
	handler        time.Duration
	pause          time.Duration
	payload        int64
	patience       time.Duration
}

// declare gives the Transport's params the values of http.DefaultTransport.
func (c *config) declare(p *driver.Params) {
	p.String(&c.listen, "listen", "127.0.0.1:0", "the server's address; port 0 is any that is free")
	p.Int(&c.concurrency, "concurrency", "64", "goroutines that ask, each again once it is answered", driver.Min("1"), driver.Max("10000"))
	p.Int(&c.requests, "requests", "20000", "requests of the window; one in ten go before it as warm-up, or two for each goroutine", driver.Min("10"), driver.Max("1000000000"))
	p.Int(&c.maxIdlePerHost, "max-idle-conns-per-host", "2", "Transport.MaxIdleConnsPerHost; 0 is its own default, which is 2, and -1 keeps none", driver.Min("-1"), driver.Max("100000"))
	p.Int(&c.maxIdle, "max-idle-conns", "100", "Transport.MaxIdleConns, of all hosts, here one; 0 is no limit", driver.Min("0"), driver.Max("100000"))
	p.Int(&c.maxPerHost, "max-conns-per-host", "0", "Transport.MaxConnsPerHost, idle or not: who finds none waits; 0 is no limit", driver.Min("0"), driver.Max("100000"))
	p.Duration(&c.idleTimeout, "idle-timeout", "1m30s", "Transport.IdleConnTimeout; 0 is never", driver.Min("0s"), driver.Max("1h0m0s"))
	p.Bool(&c.keepAlive, "keep-alive", "true", "false sets Transport.DisableKeepAlives: a connection for each request")
	p.Bool(&c.http2, "http2", "false", "speak HTTP/2, in the clear, many requests at once on a connection")
	p.Bool(&c.named, "named", "false", "the server has a name, and every dial looks it up at a name server of the server's role")
	p.Duration(&c.handler, "handler-time", "1ms", "how long the server waits before it answers", driver.Min("0s"), driver.Max("1m0s"))
	p.Duration(&c.pause, "pause", "0s", "how long a goroutine waits after an answer before it asks again", driver.Min("0s"), driver.Max("1m0s"))
	p.Bytes(&c.payload, "payload", "64B", "body of an answer, beside the number of its request", driver.Min("0B"), driver.Max("1MiB"))
	p.Duration(&c.patience, "patience", "5s", "Client.Timeout: how long an answer is waited for", driver.Min("1ms"), driver.Max("10m0s"))
}

func (c *config) setup(role string) (driver.Trial, error) {
	if role == roleServer {
		return newServer(c)
	}
	return newClient(c)
}

// allow refuses what does not go together.
func (c *config) allow() error {
	if c.http2 && !c.keepAlive {
		return fmt.Errorf("-http2 with -keep-alive=false: a connection of HTTP/2 is there to be shared (drop one of them)")
	}
	return nil
}

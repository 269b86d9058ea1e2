package main

import (
	"fmt"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A config is the params of one trial.
type config struct {
	transport  string
	listen     string
	conns      int64
	requests   int64
	rate       int64
	pipeline   int64
	payload    int64
	churn      int64
	keepAlive  bool
	patience   time.Duration
	stall      time.Duration
	stallEvery time.Duration
}

// Transports.
const (
	tcp   = "tcp"
	unix  = "unix"
	udp   = "udp"
	http1 = "http"
	https = "https"
)

// anyPort has the kernel choose a port of this machine's own network.
const anyPort = "127.0.0.1:0"

func (c *config) declare(p *driver.Params) {
	p.String(&c.transport, "transport", http1, "what the server speaks: an echo over a TCP, Unix or UDP socket, or HTTP/1.1 by net/http, with TLS or without",
		driver.OneOf(tcp, unix, udp, http1, https))
	p.String(&c.listen, "listen", anyPort, "the server's address; port 0 is any that is free, and a Unix socket then has a name without a file")
	p.Int(&c.conns, "conns", "64", "connections held, each by a goroutine of the load", driver.Min("1"), driver.Max("10000"))
	p.Int(&c.requests, "requests", "100000", "requests of the window", driver.Min("1"), driver.Max("1000000000"))
	p.Int(&c.rate, "rate", "0", "open loop: requests a second, over all connections, whatever the answers do; 0 is a closed loop", driver.Min("0"), driver.Max("10000000"))
	p.Int(&c.pipeline, "pipeline", "1", "closed loop: requests written at once on a connection, before their answers are read; not udp", driver.Min("1"), driver.Max("1000"))
	p.Bytes(&c.payload, "payload", "64B", "what is echoed, or the body of an HTTP answer", driver.Min("8B"), driver.Max("1MiB"))
	p.Int(&c.churn, "churn", "0", "requests after which a connection is replaced, cut by a reset so that no port stays taken; 0 is never", driver.Min("0"))
	p.Bool(&c.keepAlive, "keep-alive", "true", "http, https: false has the server close after each answer")
	p.Duration(&c.patience, "patience", "5s", "how long an answer is waited for", driver.Min("1ms"), driver.Max("10m0s"))
	p.Duration(&c.stall, "stall", "0s", "the server answers nothing for this long, at the end of every -stall-every from the first request on", driver.Min("0s"), driver.Max("1m0s"))
	p.Duration(&c.stallEvery, "stall-every", "1s", "from stall to stall", driver.Min("1ms"), driver.Max("1h0m0s"))
}

func (c *config) setup(role string) (driver.Trial, error) {
	if err := roomFor(c.conns); err != nil {
		return nil, err
	}
	if role == roleServer {
		return newServer(c)
	}
	return newLoad(c)
}

// maxDatagram is what one UDP datagram of IPv4 can carry: 65535 bytes less the headers.
const maxDatagram = 65535 - 20 - 8

// allow refuses what does not go together.
func (c *config) allow() error {
	http := c.transport == http1 || c.transport == https
	switch {
	case c.rate > 0 && c.pipeline > 1:
		return fmt.Errorf("-rate=%d with -pipeline=%d: an open loop asks one by one, at its own times (drop one of them)", c.rate, c.pipeline)
	case c.transport == udp && c.pipeline > 1:
		return fmt.Errorf("-transport=udp with -pipeline=%d: a datagram may be lost, and the answers after it were another's (take more -conns)", c.pipeline)
	case c.transport == udp && c.payload > maxDatagram:
		return fmt.Errorf("-transport=udp with -payload=%dB: a datagram holds at most %d bytes", c.payload, maxDatagram)
	case !c.keepAlive && !http:
		return fmt.Errorf("-keep-alive=false with -transport=%s: that is of http and https (-churn=1 replaces any connection)", c.transport)
	case !c.keepAlive && c.pipeline > 1:
		return fmt.Errorf("-keep-alive=false with -pipeline=%d: the server closes after the first answer", c.pipeline)
	case c.stall >= c.stallEvery && c.stall > 0:
		return fmt.Errorf("-stall=%v is not shorter than -stall-every=%v: it would never answer", c.stall, c.stallEvery)
	case c.rate > 0:
		return c.met(time.Duration(float64(c.requests) / float64(c.rate) * 1e9))
	}
	return nil
}

// met refuses a window that ends before its first stall.
func (c *config) met(window time.Duration) error {
	first := c.stallEvery - c.stall
	if c.stall == 0 || window > first {
		return nil
	}
	return fmt.Errorf("-stall=%v: the window of %v ends before the first stall, %v after its first request (more -requests, or a shorter -stall-every)", c.stall, window.Round(time.Microsecond), first)
}

// held is what the load keeps for each connection: what it writes at once, or the
// room for an answer of HTTP.
func (c *config) held() float64 {
	each := float64(c.payload)
	if c.transport == tcp || c.transport == unix {
		each *= float64(c.pipeline)
	}
	return float64(c.conns) * each
}

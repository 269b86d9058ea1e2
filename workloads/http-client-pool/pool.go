package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

const (
	unitReused  = "reused-share"
	unitDials   = "dials/op"
	unitLookups = "dns-lookups/op"
	unitPeak    = "peak-conns"
	unitWaiting = "time-wait-sockets"
)

var poolMetrics = []wire.Metric{
	{Unit: unitReused, Better: wire.Higher, Doc: "share of the requests that were sent on a connection used before (httptrace.GotConnInfo.Reused)"},
	{Unit: unitDials, Better: wire.Lower, Doc: "connections that the Transport began to make in the window, per answer; one may be made and never used"},
	{Unit: unitLookups, Better: wire.Lower, Doc: "with -named: look-ups of the server's name, per answer"},
	{Unit: unitPeak, Better: wire.Lower, Doc: "most connections open at once since the process started"},
	{Unit: unitWaiting, Better: wire.Lower, Doc: "TCP sockets in TIME_WAIT after the window, each with a port of its own: all those of the network namespace (tw in /proc/net/sockstat)"},
}

// A pool is a Transport and what it was seen to do.
type pool struct {
	transport *http.Transport
	dialer    net.Dialer

	dials, lookups atomic.Int64
	reused, fresh  atomic.Int64 // connections that requests got
	open, peak     atomic.Int64
}

// newPool has dials go as http.DefaultTransport's do, names looked up at a server
// of ours; without one there are none.
func newPool(c *config, names string) *pool {
	p := &pool{transport: &http.Transport{
		MaxIdleConnsPerHost: int(c.maxIdlePerHost),
		MaxIdleConns:        int(c.maxIdle),
		MaxConnsPerHost:     int(c.maxPerHost),
		IdleConnTimeout:     c.idleTimeout,
		DisableKeepAlives:   !c.keepAlive,
		Protocols:           c.protocols(),
	}}
	p.transport.DialContext = p.dial
	p.dialer.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", names)
	}}
	return p
}

func (p *pool) dial(ctx context.Context, network, address string) (net.Conn, error) {
	p.dials.Add(1)
	conn, err := p.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	now := p.open.Add(1)
	for most := p.peak.Load(); now > most && !p.peak.CompareAndSwap(most, now); most = p.peak.Load() {
	}
	return &counted{Conn: conn, gone: sync.OnceFunc(func() { p.open.Add(-1) })}, nil
}

// A counted connection tells when it is closed.
type counted struct {
	net.Conn
	gone func()
}

func (c *counted) Close() error {
	c.gone()
	return c.Conn.Close()
}

// watch is the trace of all requests. A dial that is not of the request under
// way, but of one that found a connection meanwhile, is traced as well.
func (p *pool) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			if got.Reused {
				p.reused.Add(1)
			} else {
				p.fresh.Add(1)
			}
		},
		DNSStart: func(httptrace.DNSStartInfo) { p.lookups.Add(1) },
	})
}

// forget begins to count anew; the connections stay.
func (p *pool) forget() {
	for _, n := range []*atomic.Int64{&p.dials, &p.lookups, &p.reused, &p.fresh} {
		n.Store(0)
	}
}

func (p *pool) report(r *driver.Result, named bool) {
	ops := float64(r.Ops)
	if got := p.reused.Load() + p.fresh.Load(); got > 0 {
		r.Set(unitReused, float64(p.reused.Load())/float64(got))
	}
	r.Set(unitDials, float64(p.dials.Load())/ops)
	if named {
		r.Set(unitLookups, float64(p.lookups.Load())/ops)
	}
	r.Set(unitPeak, float64(p.peak.Load()))
}

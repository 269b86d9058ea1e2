package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/assaylab/assay/workloads/internal/dnsstub"
	"github.com/assaylab/assay/workloads/internal/driver"
)

// name is what is dialled. No search list and no hosts file knows it.
const name = "dial.test."

var loopback = []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}

// A config is the params of one trial.
type config struct {
	ipv4, ipv6 string
	fallback   time.Duration
	timeout    time.Duration
	delay      time.Duration
	ops        int64
}

func (c *config) declare(p *driver.Params) {
	what := "what the %s address does: listens; refuses: nothing listens on the port; silent: the handshake is dropped; none: the name has no such address"
	all := driver.OneOf(listens, refuses, silent, none)
	p.String(&c.ipv4, "ipv4", listens, fmt.Sprintf(what, "IPv4"), all)
	p.String(&c.ipv6, "ipv6", refuses, fmt.Sprintf(what, "IPv6"), all)
	p.Duration(&c.fallback, "fallback-delay", "300ms", "Dialer.FallbackDelay: how long the other family is waited for; below 0: families one after the other", driver.Max("1h0m0s"))
	p.Duration(&c.timeout, "timeout", "10s", "Dialer.Timeout", driver.Min("1ms"), driver.Max("1h0m0s"))
	p.Duration(&c.delay, "dns-delay", "0s", "how long the name server takes for an answer", driver.Min("0s"), driver.Max("1m0s"))
	p.Int(&c.ops, "ops", "2000", "dials of the window, one in ten before it as warm-up, ten at most; where a family is silent, so that each waits: a hundredth of it, at least ten", driver.Min("10"), driver.Max("1000000000"))
}

const none = "none"

// A trial is two targets on one port and a server that names them.
type trial struct {
	*config
	driver.Noted
	dns      dnsstub.Server
	targets  []*target // of families that the name has
	dialer   net.Dialer
	address  string
	latency  driver.Histogram
	overIPv6 int64
	asked    int64 // queries of the window
}

// allow refuses what does not go together.
func (c *config) allow() error {
	if c.ipv4 != listens && c.ipv6 != listens {
		return fmt.Errorf("-ipv4=%s -ipv6=%s: one of them has to listen, or no dial ever connects", c.ipv4, c.ipv6)
	}
	return nil
}

func (c *config) setup(string) (driver.Trial, error) {
	if c.ipv4 == silent || c.ipv6 == silent {
		c.ops = max(c.ops/silentShare, leastOps)
	}
	t := &trial{config: c}
	err := t.open()
	if err == nil {
		err = t.repeat(min(c.ops/10, 10))
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	t.latency.Reset()
	t.overIPv6 = 0
	return t, nil
}

// silentShare is how many dials that nothing delays stand for one that waits;
// a median needs leastOps of either.
const (
	silentShare = 100
	leastOps    = 10
)

// open makes the targets, the one that listens first, as it may choose the port.
func (t *trial) open() error {
	does := []string{t.ipv4, t.ipv6}
	first := 0
	if t.ipv4 != listens {
		first = 1
	}
	port := uint16(0)
	for _, family := range []int{first, 1 - first} {
		if does[family] == none {
			continue
		}
		made, err := newTarget(loopback[family], port, does[family])
		if err != nil {
			return err
		}
		t.targets = append(t.targets, made)
		port = made.address.Port()
		if family == 0 {
			t.dns.IPv4 = loopback[0]
		} else {
			t.dns.IPv6 = loopback[1]
		}
	}
	t.dns.Delay = t.delay
	if err := t.dns.Start("127.0.0.1:0"); err != nil {
		return err
	}
	t.address = net.JoinHostPort(name, t.targets[0].port())
	t.dialer = net.Dialer{Timeout: t.timeout, FallbackDelay: t.fallback, Resolver: &net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", t.dns.Address())
		},
	}}
	return nil
}

// Run dials.
func (t *trial) Run() (int64, error) {
	before := t.dns.Queries()
	err := t.Course.Each(t.ops, t.repeat)
	t.asked = t.dns.Queries() - before
	return t.ops, err
}

func (t *trial) repeat(ops int64) error {
	for range ops {
		start := driver.Nanotime()
		c, err := t.dialer.Dial("tcp", t.address)
		if err != nil {
			return fmt.Errorf("dial %s (IPv4 %s, IPv6 %s): %w", t.address, t.config.ipv4, t.config.ipv6, err)
		}
		t.latency.Record(driver.Nanotime() - start)
		if err := t.served(c); err != nil {
			return err
		}
	}
	return nil
}

// served holds a connection to a target that listens, and ends it.
func (t *trial) served(c net.Conn) error {
	defer c.Close()
	to, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return err
	}
	if to.Addr().Is6() {
		t.overIPv6++
	}
	for _, known := range t.targets {
		if known.address == to && known.fd >= 0 && known.filling == nil {
			return known.accept()
		}
	}
	return fmt.Errorf("wrong answer: connected to %s, where nobody listens", to)
}

// Report sets the latencies and which family won.
func (t *trial) Report(r *driver.Result) error {
	r.SetLatency("latency", &t.latency)
	r.Set(unitIPv6, float64(t.overIPv6)/float64(r.Ops))
	r.Set(unitQueries, float64(t.asked)/float64(r.Ops))
	return nil
}

// Close ends the servers.
func (t *trial) Close() error {
	var errs []error
	for _, made := range t.targets {
		errs = append(errs, made.close())
	}
	if t.address != "" { // the name server was started
		errs = append(errs, t.dns.Close())
	}
	return errors.Join(errs...)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/assaylab/assay/workloads/internal/dnsstub"
	"github.com/assaylab/assay/workloads/internal/driver"
)

// A config is the params of one trial.
type config struct {
	resolver   string
	file       string
	options    string
	name       string
	delay      time.Duration
	ops        int64
	goroutines int64
}

// Levels of the params.
const (
	byGo, byC        = "go", "cgo"
	byDial, byFile   = "dial", "resolv.conf"
	noOptions        = "none"
	standsInGODEBUG  = "netdns=cgo"
	settingOfTheCgo  = "CGO_ENABLED"
	portOfResolvConf = "127.0.0.1:53" // resolv.conf can't name another
)

func (c *config) declare(p *driver.Params) {
	p.String(&c.resolver, "resolver", byGo, "go: package net's own; cgo: getaddrinfo of the C library, in a binary built with CGO_ENABLED=1", driver.OneOf(byGo, byC))
	p.String(&c.file, "config", byDial, "how the server is found: dial: by Resolver.Dial; resolv.conf: by a file in a namespace of the process's own, as root", driver.OneOf(byDial, byFile))
	p.String(&c.options, "options", noOptions, "the options line of resolv.conf, such as \"ndots:5 single-request\"; none for no such line")
	p.String(&c.name, "name", "resolver.test.", "what is looked up; every name exists")
	p.Duration(&c.delay, "dns-delay", "0s", "how long the server takes for an answer", driver.Min("0s"), driver.Max("1m0s"))
	p.Int(&c.ops, "ops", "5000", "look-ups of the window, rounded up to the same number for each goroutine; one in ten go before it as warm-up", driver.Min("10"), driver.Max("1000000000"))
	p.Int(&c.goroutines, "goroutines", "1", "goroutines that share the look-ups", driver.Min("1"), driver.Max("4096"))
}

// wanted are the addresses of every name: of the ranges for documentation, which nobody has.
var wanted = []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")}

// A trial is a name server and who asks it.
type trial struct {
	*config
	driver.Noted
	dns     dnsstub.Server
	started bool
	share   int64
	asked   int64 // queries of the window
	latency driver.Shards
}

func (c *config) setup(string) (driver.Trial, error) {
	if c.resolver == byC && !linksC() {
		return nil, fmt.Errorf("-resolver=%s: this binary was built without cgo (build it with CGO_ENABLED=1; in an experiment the knob cgo-enabled)", byC)
	}
	if c.file == byFile {
		if err := alone(c.resolvConf()); err != nil {
			return nil, err
		}
	}
	t := &trial{config: c, share: (c.ops + c.goroutines - 1) / c.goroutines}
	err := t.open()
	if err == nil {
		err = t.lookUp((t.share + warmShare - 1) / warmShare)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	t.latency.Reset()
	return t, nil
}

// warmShare is the part of the window's work that is done before it.
const warmShare = 10

// allow refuses what does not go together.
func (c *config) allow() error {
	switch {
	case c.resolver == byC && c.file != byFile:
		return fmt.Errorf("-resolver=%s takes -config=%s: the C library can't be sent to a server in another way", byC, byFile)
	case c.options != noOptions && c.file != byFile:
		return fmt.Errorf("-options=%q takes -config=%s, whose line it is", c.options, byFile)
	}
	return nil
}

// linksC says whether the binary was built with cgo.
func linksC() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: settingOfTheCgo, Value: "1"})
}

func (c *config) resolvConf() string {
	text := "nameserver 127.0.0.1\n"
	if c.options != noOptions {
		text += "options " + c.options + "\n"
	}
	return text
}

func (t *trial) open() error {
	t.dns.IPv4, t.dns.IPv6, t.dns.Delay = wanted[0], wanted[1], t.delay
	address := "127.0.0.1:0"
	if t.file == byFile {
		address = portOfResolvConf
	}
	if err := t.dns.Start(address); err != nil {
		return err
	}
	t.started = true
	if t.resolver == byC {
		// Package net looks here once, at the first look-up.
		return os.Setenv("GODEBUG", joined(os.Getenv("GODEBUG"), standsInGODEBUG))
	}
	return nil
}

// asker is a resolver of one goroutine's own: one that is shared makes a single
// look-up of all that are under way for a name.
func (t *trial) asker() *net.Resolver {
	r := &net.Resolver{PreferGo: t.resolver == byGo}
	if t.file == byDial {
		r.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "udp", t.dns.Address())
		}
	}
	return r
}

func joined(have, more string) string {
	if have == "" {
		return more
	}
	return have + "," + more
}

// Run looks up.
func (t *trial) Run() (int64, error) {
	t.Course.Begin(t.share * t.goroutines)
	before := t.dns.Queries()
	err := t.lookUp(t.share)
	t.asked = t.dns.Queries() - before
	return t.share * t.goroutines, err
}

// lookUp has every goroutine do a share.
func (t *trial) lookUp(share int64) error {
	errs := make([]error, t.goroutines)
	var wg sync.WaitGroup
	for g := range errs {
		wg.Go(func() { errs[g] = t.ask(g, share) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (t *trial) ask(g int, ops int64) error {
	latency, asker := t.latency.Of(g), t.asker()
	return t.Course.Share(ops, func(ops int64) error {
		for range ops {
			start := driver.Nanotime()
			got, err := asker.LookupNetIP(context.Background(), "ip", t.name)
			if err != nil {
				return err
			}
			latency.Record(driver.Nanotime() - start)
			if err := right(got); err != nil {
				return err
			}
		}
		return nil
	})
}

// right holds an answer to the addresses that the server gives.
func right(got []netip.Addr) error {
	for i, a := range got {
		got[i] = a.Unmap()
	}
	slices.SortFunc(got, netip.Addr.Compare)
	if !slices.Equal(got, wanted) {
		return fmt.Errorf("wrong answer: addresses %v, want %v", got, wanted)
	}
	return nil
}

// Report sets the latencies and the queries.
func (t *trial) Report(r *driver.Result) error {
	r.SetLatency("latency", t.latency.All()...)
	r.Set(unitQueries, float64(t.asked)/float64(r.Ops))
	return nil
}

// Close ends the server.
func (t *trial) Close() error {
	if !t.started {
		return nil
	}
	return t.dns.Close()
}

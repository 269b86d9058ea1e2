package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// What the load says of itself. A trial in which it lagged says less of the server.
const (
	unitLag    = "p99-send-lag-ns"
	unitLagMax = "max-send-lag-ns"
)

var lagMetrics = []wire.Metric{
	{Unit: unitLag, Better: wire.Lower, Resolution: wire.Resolution{Relative: driver.HistogramResolution},
		Doc: "open loop: how late the load itself asked, 99th percentile: after the time set, or after its connection was free"},
	{Unit: unitLagMax, Better: wire.Lower, Doc: "open loop: how late the load itself asked, at worst"},
}

// A load is the connections of a trial and what its window showed.
type load struct {
	*config
	driver.Noted
	dialer *dialer
	conns  []*asker
	pacer  *pacer // nil in a closed loop

	latency, lag driver.Shards
	failed       *driver.Failures
	next         atomic.Int64 // request of a closed loop to be made next
	answers      atomic.Int64
}

// load is one that has no connection yet.
func (c *config) load(d *dialer) *load {
	return &load{config: c, dialer: d, failed: driver.NewFailures(failures)}
}

// newLoad connects.
func newLoad(c *config) (driver.Trial, error) {
	where, err := driver.Lookup(address)
	if err != nil {
		return nil, err
	}
	var trust *tls.Config
	if c.transport == https {
		published, err := driver.Lookup(certificate)
		if err != nil {
			return nil, err
		}
		if trust, err = trusting(published); err != nil {
			return nil, err
		}
	}
	l := c.load(newDialer(c, where, trust))
	if c.rate > 0 {
		if l.pacer, err = newPacer(c.rate); err != nil {
			return nil, err
		}
	}
	if err := l.connect(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// How connections are made before the window.
const (
	atOnce  = 64               // at a time: fewer than any backlog
	leisure = 10 * time.Second // for each at the least: nothing of it is measured
)

func (l *load) connect() error {
	l.conns = make([]*asker, l.config.conns)
	errs := make([]error, len(l.conns))
	for i := range l.conns {
		l.conns[i] = &asker{load: l, number: i, due: make(chan struct{}, l.share(i))}
	}
	var wg sync.WaitGroup
	for from := range min(atOnce, len(l.conns)) {
		wg.Go(func() {
			for i := from; i < len(l.conns); i += atOnce {
				l.conns[i].talker, errs[i] = l.dialer.dial(max(l.patience, leisure))
			}
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("connection %d of %d: %w", i+1, len(errs), err)
		}
	}
	return nil
}

// share is how many requests a connection makes in an open loop: they take turns.
func (l *load) share(conn int) int64 {
	if l.rate == 0 {
		return 0
	}
	return (l.requests - int64(conn) + l.config.conns - 1) / l.config.conns
}

// Run asks, and gives the number of answers.
func (l *load) Run() (int64, error) {
	var wg sync.WaitGroup
	errs := make([]error, len(l.conns)+1)
	l.Course.Begin(l.requests)
	start := driver.Nanotime()
	for i, a := range l.conns {
		wg.Go(func() {
			if l.pacer != nil {
				errs[i] = a.paced(start)
			} else {
				errs[i] = a.unpaced()
			}
		})
	}
	if l.pacer != nil {
		errs[len(l.conns)] = l.pacer.run(start, l.requests, func(i int64) { l.conns[i%l.config.conns].due <- struct{}{} })
	}
	wg.Wait()
	return l.answers.Load(), errors.Join(errs...)
}

// Report sets the metrics.
func (l *load) Report(r *driver.Result) error {
	if err := l.met(r.Window); err != nil {
		return err
	}
	l.failed.Report(r)
	r.SetLatency("latency", l.latency.All()...)
	lag := new(driver.Histogram)
	for _, h := range l.lag.All() {
		lag.Add(h)
	}
	if v, ok := lag.Quantile(990); ok {
		r.Set(unitLag, v)
	}
	if lag.Events() > 0 {
		r.Set(unitLagMax, float64(lag.Max()))
	}
	return nil
}

// Close hangs up.
func (l *load) Close() error {
	for _, a := range l.conns {
		a.hangUp()
	}
	if l.pacer != nil {
		l.pacer.close()
	}
	return nil
}

// An asker is one connection and whoever asks on it.
type asker struct {
	*load
	number int
	talker talker // nil where the next request has to connect first
	asked  int64  // on this connection
	due    chan struct{}
}

// unpaced asks again as soon as it is answered, until all requests are made.
func (a *asker) unpaced() error {
	for {
		from := a.next.Add(a.pipeline) - a.pipeline
		if from >= a.requests {
			return nil
		}
		if err := a.round(int(min(a.pipeline, a.requests-from)), driver.Nanotime()); err != nil {
			return err
		}
	}
}

// paced asks at its times, or, where the answer before comes later than that,
// right after it. Latency counts from the time set.
func (a *asker) paced(start int64) error {
	free := start
	for i := int64(a.number); i < a.requests; i += int64(len(a.conns)) {
		<-a.due
		intended := start + a.pacer.at(i)
		a.lag.Of(a.number).Record(driver.Nanotime() - max(intended, free))
		if err := a.round(1, intended); err != nil {
			return err
		}
		free = driver.Nanotime()
	}
	return nil
}

// round makes n requests at once. What fails is counted, among the latencies too,
// and the connection replaced; only a wrong answer is an error.
func (a *asker) round(n int, from int64) error {
	done, asked := 0, driver.Nanotime()
	err := a.attempt(n, func() {
		done++
		a.latency.Of(a.number).Record(driver.Nanotime() - from)
	})
	answers := a.answers.Add(int64(done))
	a.Course.Done(answers-int64(done), answers)
	if err == nil {
		if a.asked += int64(n); !a.keepAlive || a.churn > 0 && a.asked >= a.churn {
			a.hangUp()
		}
		return nil
	}
	a.hangUp()
	if errors.As(err, new(driver.WrongAnswer)) {
		return err
	}
	a.failed.Add(err, int64(n-done))
	for range n - done {
		a.latency.Of(a.number).Record(driver.Unanswered(from, asked, a.patience))
	}
	return nil
}

func (a *asker) attempt(n int, answered func()) (err error) {
	if a.talker == nil {
		if a.talker, err = a.dialer.dial(a.patience); err != nil {
			return err
		}
	}
	return a.talker.ask(n, time.Now().Add(a.patience), answered)
}

func (a *asker) hangUp() {
	if a != nil && a.talker != nil {
		a.talker.cut()
		a.talker, a.asked = nil, 0
	}
}

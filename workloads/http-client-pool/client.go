package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// serverName is the server's with -named. No search list and no hosts file knows it.
const serverName = "pool.test."

// A client is a pool, those who ask through it, and what the window showed.
type client struct {
	*config
	driver.Noted
	pool *pool
	http http.Client
	url  string // a request's number follows
	tail string // of every answer, after the number

	latency  driver.Shards
	failed   *driver.Failures
	next     atomic.Int64 // number of the request to be made next
	answers  atomic.Int64
	waiting  int64 // sockets in TIME_WAIT after the window
	hasWaits bool
}

// newClient warms up, so that the window begins with the pool that it would have.
func newClient(c *config) (driver.Trial, error) {
	cl, err := c.connectTo(driver.Lookup)
	if err != nil {
		return nil, err
	}
	if err := cl.ask(max(c.requests/10, 2*c.concurrency)); err != nil {
		return nil, errors.Join(err, cl.Close())
	}
	cl.forget()
	return cl, nil
}

// connectTo is the client of a server that told where it is.
func (c *config) connectTo(lookup func(name string) (string, error)) (*client, error) {
	where, err := lookup(address)
	if err != nil {
		return nil, err
	}
	names := ""
	if c.named {
		if names, err = lookup(nameServer); err != nil {
			return nil, err
		}
		_, port, err := net.SplitHostPort(where)
		if err != nil {
			return nil, fmt.Errorf("address of the server: %w", err)
		}
		where = net.JoinHostPort(serverName, port)
	}
	p := newPool(c, names)
	return &client{
		config: c, pool: p, http: http.Client{Transport: p.transport, Timeout: c.patience},
		url: "http://" + where + "/", tail: tailOf(c.payload),
		failed: driver.NewFailures(failures),
	}, nil
}

func (c *client) forget() {
	c.pool.forget()
	c.latency.Reset()
	c.failed.Reset()
	c.answers.Store(0)
}

// Run asks, and gives the number of answers.
func (c *client) Run() (int64, error) {
	c.Course.Begin(c.requests)
	if err := c.ask(c.requests); err != nil {
		return 0, err
	}
	var err error
	c.waiting, c.hasWaits, err = timeWait()
	return c.answers.Load(), err
}

// ask makes some requests, all goroutines together.
func (c *client) ask(requests int64) error {
	last := c.next.Load() + requests
	ctx := c.pool.watch(context.Background())
	errs := make([]error, c.concurrency)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = c.loop(ctx, i, last) })
	}
	wg.Wait()
	c.next.Store(last) // each goroutine took one number too many
	return errors.Join(errs...)
}

// loop asks again once it is answered. What fails is counted, among the latencies
// too; only a wrong answer is an error.
func (c *client) loop(ctx context.Context, number int, last int64) error {
	in := new(bytes.Buffer)
	for {
		n := c.next.Add(1)
		if n > last {
			return nil
		}
		start := driver.Nanotime()
		err := c.request(ctx, n, in)
		switch {
		case errors.As(err, new(driver.WrongAnswer)):
			return err
		case err != nil:
			c.failed.Add(err, 1)
			c.latency.Of(number).Record(driver.Unanswered(start, start, c.patience))
		default:
			c.latency.Of(number).Record(driver.Nanotime() - start)
			answers := c.answers.Add(1)
			c.Course.Done(answers-1, answers)
		}
		time.Sleep(c.pause)
	}
}

// request makes one request and checks its answer, which it reads to the end: else
// the Transport would not use the connection again.
func (c *client) request(ctx context.Context, n int64, in *bytes.Buffer) error {
	number := strconv.FormatInt(n, 10)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+number, nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	in.Reset()
	most := int64(len(number) + len(c.tail))
	if _, err := in.ReadFrom(io.LimitReader(resp.Body, most+1)); err != nil {
		return err
	}
	return c.check(number, resp, in.Bytes())
}

// check holds an answer against the request with a number.
func (c *client) check(number string, resp *http.Response, body []byte) error {
	version := 1
	if c.http2 {
		version = 2
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		return driver.WrongAnswer(fmt.Sprintf("to request %s, status %s", number, resp.Status))
	case resp.ProtoMajor != version:
		return driver.WrongAnswer(fmt.Sprintf("to request %s, by %s", number, resp.Proto))
	case string(body) != number+c.tail:
		return driver.WrongAnswer(fmt.Sprintf("to request %s, %d bytes that begin %.20q, not %d that begin %.20q", number, len(body), body, len(number+c.tail), number+c.tail))
	}
	return nil
}

// Report sets the metrics. A pool that did what its settings rule out is an error.
func (c *client) Report(r *driver.Result) error {
	if n := c.pool.reused.Load(); !c.keepAlive && n > 0 {
		return fmt.Errorf("%d requests had a connection that was used before, with -keep-alive=false", n)
	}
	c.failed.Report(r)
	r.SetLatency("latency", c.latency.All()...)
	c.pool.report(r, c.named)
	if c.hasWaits {
		r.Set(unitWaiting, float64(c.waiting))
	}
	return nil
}

// Close hangs up.
func (c *client) Close() error {
	c.pool.transport.CloseIdleConnections()
	return nil
}

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/workloads/internal/byhand"
	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func TestMain(m *testing.M) { byhand.Main(m, main) }

// run gives the values of a trial that went well and in which all were answered.
func run(t *testing.T, args ...string) map[string]float64 {
	t.Helper()
	code, v, errs := byhand.Run(t, append(args, "-requests=100")...)
	require.Zero(t, code, errs)
	require.Empty(t, errs)
	require.EqualValues(t, 100, v["ops"])
	require.EqualValues(t, 100, v["events"])
	for _, kind := range failures {
		require.Zero(t, v[kind.Unit], kind.Unit)
	}
	return v
}

func TestThePoolKeepsAsManyConnectionsAsItIsTold(t *testing.T) {
	// Each goroutine rests after an answer, so that its connection goes to the pool.
	resting := []string{"-concurrency=20", "-handler-time=0s", "-pause=2ms"}
	v := run(t, append(resting, "-max-idle-conns-per-host=20")...)
	require.Greater(t, v[unitReused], 0.8) // all of them, but for those that the warm-up had no need of
	require.Less(t, v[unitDials], 0.2)

	v = run(t, append(resting, "-max-idle-conns-per-host=-1")...)
	require.Zero(t, v[unitReused])
	require.EqualValues(t, 1, v[unitDials])

	// The other limit is of all hosts, and this one is all there are.
	v = run(t, "-concurrency=20", "-pause=20ms", "-max-idle-conns-per-host=20", "-max-idle-conns=1")
	require.Positive(t, v[unitDials])

	v = run(t, "-concurrency=1")
	require.EqualValues(t, 1, v[unitReused])
	require.Zero(t, v[unitDials])
	require.EqualValues(t, 1, v[unitPeak])
}

func TestAConnectionThatIsIdleTooLongIsReplaced(t *testing.T) {
	v := run(t, "-concurrency=1", "-pause=5ms", "-idle-timeout=1ms")
	require.Greater(t, v[unitDials], 0.5)
}

func TestWithoutKeepAliveEveryRequestDials(t *testing.T) {
	v := run(t, "-keep-alive=false", "-max-idle-conns-per-host=100")
	require.Zero(t, v[unitReused])
	require.EqualValues(t, 1, v[unitDials])
}

func TestALimitOnConnectionsIsHeld(t *testing.T) {
	v := run(t, "-concurrency=20", "-max-conns-per-host=2")
	// One that is closed counts no more for the Transport, and a moment longer here.
	require.LessOrEqual(t, v[unitPeak], 3.0)
	require.GreaterOrEqual(t, v[unitReused], 0.9)
}

func TestHTTP2SharesAConnection(t *testing.T) {
	v := run(t, "-http2", "-concurrency=50", "-payload=100KiB")
	require.Greater(t, v[unitReused], 0.9)
	require.Less(t, v[unitDials], 0.1)
}

func TestANamedServerIsLookedUpForEachDial(t *testing.T) {
	v := run(t, "-named", "-keep-alive=false")
	require.EqualValues(t, 1, v[unitDials])
	require.EqualValues(t, 1, v[unitLookups])
	v = run(t, "-named", "-concurrency=1")
	require.Contains(t, v, unitLookups)
	require.Zero(t, v[unitLookups])
	v = run(t, "-listen=[::ffff:127.0.0.1]:0", "-keep-alive=false")
	require.NotContains(t, v, unitLookups)
}

func TestRequestsWithoutAnAnswerInTimeAreCounted(t *testing.T) {
	// Of ten requests at once one has the connection, for longer than any has time.
	code, v, errs := byhand.Run(t, "-max-conns-per-host=1", "-concurrency=10", "-requests=50", "-handler-time=30ms", "-patience=100ms")
	require.Zero(t, code, errs)
	require.Positive(t, v["timeout-errors"])
	require.EqualValues(t, 50, v["ops"]+v["timeout-errors"])
	require.EqualValues(t, 50, v["events"], "requests without an answer have a place among the latencies")
	require.Equal(t, v["timeout-errors"]/50, v[wire.UnitErrorShare])
	require.GreaterOrEqual(t, v["max-latency-ns"], 100e6)
}

func TestATrialWithoutAnyAnswerPrintsNoLine(t *testing.T) {
	code, v, errs := byhand.Run(t, "-requests=10", "-handler-time=1s", "-patience=1ms")
	require.Equal(t, 1, code)
	require.Empty(t, v)
	require.Contains(t, errs, "no operation was done")
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	check := func(want string, wantCode int, args ...string) {
		t.Helper()
		code, v, errs := byhand.Run(t, args...)
		if code != wantCode || len(v) > 0 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %v, %q; want exit %d and %q", args, code, v, errs, wantCode, want)
		}
	}
	check("a connection of HTTP/2 is there to be shared", 2, "-http2", "-keep-alive=false")
	check("-listen", 1, "-listen=nowhere:1:2")
	check("start that role first", 1, "-role=client")
}

// asking is a client with one goroutine of a server that answers so.
func asking(t *testing.T, c *config, answer http.HandlerFunc) *client {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	c.concurrency, c.keepAlive, c.patience = 1, true, time.Minute
	cl, err := c.connectTo(func(string) (string, error) { return s.Listener.Addr().String(), nil })
	require.NoError(t, err)
	t.Cleanup(func() { cl.Close() })
	return cl
}

func TestAWrongAnswerEndsTheTrial(t *testing.T) {
	check := func(want string, c *config, answer http.HandlerFunc) {
		t.Helper()
		c.requests = 3
		if _, err := asking(t, c, answer).Run(); err == nil || !errors.As(err, new(driver.WrongAnswer)) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a wrong answer with %q", err, want)
		}
	}
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }
	}
	check(`to request 2, 4 bytes that begin "1:aa", not 4 that begin "2:aa"`, &config{payload: 2}, says("1:aa"))
	check("to request 1, 3 bytes", &config{payload: 2}, says("1:a"))
	check("to request 1, 0 bytes", &config{}, says(""))
	check("to request 1, 3 bytes", &config{}, says("1:a"))
	check("to request 1, status 404", &config{}, http.NotFound)
}

func TestAConnectionThatWasNotToBeKeptIsFoundOut(t *testing.T) {
	c := &config{requests: 3}
	cl := asking(t, c, answerer(c))
	_, err := cl.Run()
	require.NoError(t, err)
	require.EqualValues(t, 2, cl.pool.reused.Load())
	c.keepAlive = false
	require.EqualError(t, cl.Report(nil), "2 requests had a connection that was used before, with -keep-alive=false")
}

func TestFailuresAreToldApart(t *testing.T) {
	dial := func(cause error) error {
		return &url.Error{Op: "Get", Err: &net.OpError{Op: "dial", Err: cause}}
	}
	check := func(want string, err error) {
		t.Helper()
		f := driver.NewFailures(failures)
		f.Add(err, 1)
		require.Equal(t, map[string]int64{want: 1}, f.ByUnit(), "%v", err)
	}
	check("timeout-errors", &url.Error{Op: "Get", Err: context.DeadlineExceeded})
	check("timeout-errors", dial(os.ErrDeadlineExceeded))
	check("lookup-errors", dial(&net.DNSError{Err: "no such host", Name: serverName}))
	check("no-port-errors", dial(os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)))
	check("no-file-errors", dial(os.NewSyscallError("socket", syscall.EMFILE)))
	check("refused-errors", dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)))
	check("reset-errors", dial(os.NewSyscallError("read", syscall.ECONNRESET)))
	check("closed-errors", &url.Error{Op: "Get", Err: io.EOF})
	check("other-errors", errors.New("another"))
}

func TestFailuresThatHappenAreCounted(t *testing.T) {
	check := func(want string, answer func(net.Conn)) {
		t.Helper()
		c := &config{requests: 10}
		cl := asking(t, c, func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				answer(conn)
				conn.Close()
			}
		})
		ops, err := cl.Run()
		require.NoError(t, err)
		require.Zero(t, ops)
		require.Equal(t, map[string]int64{want: 10}, cl.failed.ByUnit())
		p50, ok := cl.latency.Of(0).Quantile(500)
		require.True(t, ok)
		require.GreaterOrEqual(t, p50, (1-driver.HistogramResolution)*float64(c.patience), "a failure that comes at once is no quick answer")
	}
	check("closed-errors", func(net.Conn) {})
	check("closed-errors", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab") })
	check("reset-errors", func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) })
}

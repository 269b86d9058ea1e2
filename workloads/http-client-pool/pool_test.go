package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// asWorkload makes a process of the test binary the workload, roles and all.
const asWorkload = "ASSAY_TEST_HTTP_CLIENT_POOL"

func TestMain(m *testing.M) {
	if os.Getenv(asWorkload) != "" {
		main()
	}
	os.Exit(m.Run())
}

// byHand gives exit code, the values of the line by unit, and stderr.
func byHand(t *testing.T, args ...string) (code int, values map[string]float64, errs string) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), asWorkload+"=1", "TMPDIR="+t.TempDir())
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	cmd.Run()
	values = map[string]float64{}
	for text := range strings.Lines(out.String()) {
		f := strings.Fields(text)
		if len(f) < 2 || f[0] != "BenchmarkHTTPClientPool" {
			continue
		}
		pairs := append([]string{f[1], "ops"}, f[2:]...)
		for i := 0; i+1 < len(pairs); i += 2 {
			var v float64
			fmt.Sscan(pairs[i], &v)
			values[pairs[i+1]] = v
		}
	}
	return cmd.ProcessState.ExitCode(), values, log.String()
}

// run gives the values of a trial that went well and in which all were answered.
func run(t *testing.T, args ...string) map[string]float64 {
	t.Helper()
	code, v, errs := byHand(t, append(args, "-requests=100")...)
	require.Zero(t, code, errs)
	require.Empty(t, errs)
	require.EqualValues(t, 100, v["ops"])
	require.EqualValues(t, 100, v["events"])
	for _, unit := range failureUnits {
		require.Zero(t, v[unit], unit)
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
	code, v, errs := byHand(t, "-max-conns-per-host=1", "-concurrency=10", "-requests=50", "-handler-time=30ms", "-patience=100ms")
	require.Zero(t, code, errs)
	require.Positive(t, v[failureUnits[timedOut]])
	require.EqualValues(t, 50, v["ops"]+v[failureUnits[timedOut]])
	require.EqualValues(t, v["ops"], v["events"])
}

func TestATrialWithoutAnyAnswerPrintsNoLine(t *testing.T) {
	code, v, errs := byHand(t, "-requests=10", "-handler-time=1s", "-patience=1ms")
	require.Equal(t, 1, code)
	require.Empty(t, v)
	require.Contains(t, errs, "no operation was done")
}

func TestWhatCannotBeIsRefused(t *testing.T) {
	check := func(want string, args ...string) {
		t.Helper()
		code, v, errs := byHand(t, args...)
		if code != 1 || len(v) > 0 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %v, %q; want exit 1 and %q", args, code, v, errs, want)
		}
	}
	check("a connection of HTTP/2 is there to be shared", "-http2", "-keep-alive=false")
	check("-listen", "-listen=nowhere:1:2")
	check("start that role first", "-role=client")
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
		if _, err := asking(t, c, answer).Run(); err == nil || !errors.As(err, new(wrongAnswer)) || !strings.Contains(err.Error(), want) {
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
	check := func(want failure, err error) {
		t.Helper()
		if got := kindOf(err); got != want {
			t.Errorf("%v counts among the %s, want %s", err, failureUnits[got], failureUnits[want])
		}
	}
	check(timedOut, &url.Error{Op: "Get", Err: context.DeadlineExceeded})
	check(timedOut, dial(os.ErrDeadlineExceeded))
	check(notFound, dial(&net.DNSError{Err: "no such host", Name: serverName}))
	check(noPort, dial(os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)))
	check(noFile, dial(os.NewSyscallError("socket", syscall.EMFILE)))
	check(refused, dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)))
	check(reset, dial(os.NewSyscallError("read", syscall.ECONNRESET)))
	check(closed, &url.Error{Op: "Get", Err: io.EOF})
	check(other, errors.New("another"))
}

func TestFailuresThatHappenAreCounted(t *testing.T) {
	check := func(want failure, answer func(net.Conn)) {
		t.Helper()
		c := &config{requests: 3}
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
		require.EqualValues(t, 3, cl.failed[want].Load(), failureUnits[want])
	}
	check(closed, func(net.Conn) {})
	check(closed, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab") })
	check(reset, func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) })
}

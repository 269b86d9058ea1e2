package main

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/workloads/internal/byhand"
	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

func TestMain(m *testing.M) { byhand.Main(m, main) }

func TestEveryTransportAnswersEveryRequest(t *testing.T) {
	check := func(args ...string) {
		t.Helper()
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			args = append(args, "-requests=203", "-conns=4")
			code, v, errs := byhand.Run(t, args...)
			require.Zero(t, code, errs)
			require.Empty(t, errs)
			require.EqualValues(t, 203, v["ops"])
			require.EqualValues(t, 203, v["events"])
			require.Zero(t, v[wire.UnitErrorShare])
			for _, kind := range failures {
				require.Zero(t, v[kind.Unit], kind.Unit)
			}
			for _, unit := range []string{"cpu-ns/op", "load-cpu-ns/op", "peak-RSS-bytes", "load-peak-RSS-bytes", "p50-latency-ns"} {
				require.Positive(t, v[unit], unit)
			}
		})
	}
	for _, transport := range []string{tcp, unix, udp, http1, https} {
		check("-transport=" + transport)
		check("-transport="+transport, "-payload=9000B", "-churn=7")
		check("-transport="+transport, "-rate=20000")
		if transport != udp {
			check("-transport="+transport, "-pipeline=20", "-payload=5KiB")
		}
	}
	check("-transport=http", "-keep-alive=false")
	check("-transport=https", "-keep-alive=false", "-rate=5000")
	check("-transport=tcp", "-pipeline=64", "-payload=1MiB") // more than both sides' buffers
}

func TestAnOpenLoopIsNotFooledByAStall(t *testing.T) {
	stall := []string{"-transport=tcp", "-stall=100ms", "-stall-every=1s", "-conns=4"}
	// Two stalls in two seconds: one request in ten falls into one, and waits for
	// what is left of it. The 99th percentile of all is the 90th of these: 90 ms.
	code, open, errs := byhand.Run(t, append(stall, "-rate=1000", "-requests=2000")...)
	require.Zero(t, code, errs)
	if p99 := open["p99-latency-ns"]; p99 < 70e6 || p99 > 1e9 {
		t.Errorf("open loop: p99 is %v ns, want about 90 ms or, on a busy machine, more", p99)
	}
	// In a closed loop each connection meets a stall once and asks nothing meanwhile:
	// of 40000 requests a handful.
	code, shut, errs := byhand.Run(t, "-transport=tcp", "-stall=100ms", "-stall-every=300ms", "-conns=4", "-requests=40000")
	require.Zero(t, code, errs)
	if p99 := shut["p99-latency-ns"]; p99 > 50e6 {
		t.Errorf("closed loop: p99 is %v ns: the stall shows, so this test shows nothing", p99)
	}
}

func TestALoadThatGivesUpIsNotFooledEither(t *testing.T) {
	// Two stalls of 300 ms in two seconds: who is asked in the first 250 ms of one
	// gives up. That is one request in four, more than p90 leaves out.
	code, v, errs := byhand.Run(t, "-transport=tcp", "-conns=64", "-rate=1000", "-requests=2000", "-stall=300ms", "-patience=50ms")
	require.Zero(t, code, errs)
	require.Positive(t, v["timeout-errors"])
	require.EqualValues(t, 2000, v["ops"]+v["timeout-errors"])
	require.EqualValues(t, 2000, v["events"], "requests without an answer have a place among the latencies")
	require.Equal(t, v["timeout-errors"]/2000, v[wire.UnitErrorShare])
	require.GreaterOrEqual(t, v["p90-latency-ns"], (1-driver.HistogramResolution)*50e6)
}

func TestTenThousandConnectionsAreHeld(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector takes most of a minute for it; make test has it")
	}
	if err := roomFor(10_000); err != nil {
		t.Skip(err)
	}
	code, v, errs := byhand.Run(t, "-transport=tcp", "-conns=10000", "-requests=20000", "-patience=1m0s")
	require.Zero(t, code, errs)
	require.EqualValues(t, 20_000, v["ops"])
	for _, kind := range failures {
		require.Zero(t, v[kind.Unit], kind.Unit)
	}
}

func TestWhatDoesNotGoTogetherIsRefused(t *testing.T) {
	check := func(want string, wantCode int, args ...string) {
		t.Helper()
		code, v, errs := byhand.Run(t, args...)
		if code != wantCode || len(v) > 0 || !strings.Contains(errs, want) {
			t.Errorf("%q: exit %d, %v, %q; want exit %d and %q", args, code, v, errs, wantCode, want)
		}
	}
	check("an open loop asks one by one", 2, "-rate=5", "-pipeline=2")
	check("a datagram may be lost", 2, "-transport=udp", "-pipeline=2")
	check("at most 65507 bytes", 2, "-transport=udp", "-payload=64KiB")
	check("that is of http and https", 2, "-transport=tcp", "-keep-alive=false")
	check("closes after the first answer", 2, "-keep-alive=false", "-pipeline=2")
	check("it would never answer", 2, "-stall=1s")
	check("the window of 900ms ends before the first stall, 900ms after its first request", 2, "-stall=100ms", "-rate=1000", "-requests=900")
	check("ends before the first stall, 59m59.9s after", 1, "-stall=100ms", "-stall-every=1h", "-requests=10")
	check("that is 9765.6 GiB in memory at once", 2, "-transport=tcp", "-conns=10000", "-pipeline=1000", "-payload=1MiB")
	check("-listen", 1, "-listen=nowhere:1:2")
}

func TestTooFewOpenFilesAreSaidBeforeAnythingStarts(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	out, err := byhand.Command(t, "/bin/sh", "-c", `ulimit -n 100; exec "$0" -conns=200`, exe).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "-conns=200 needs 232 open files, and the hard limit is 100")
}

func TestFailuresAreCountedByKind(t *testing.T) {
	check := func(want string, answer func(net.Conn)) {
		t.Helper()
		l, err := net.Listen("tcp", anyPort)
		require.NoError(t, err)
		defer l.Close()
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go answer(conn)
			}
		}()
		c := &config{transport: http1, conns: 1, requests: 10, pipeline: 1, payload: 8, keepAlive: true, patience: 50 * time.Millisecond}
		ld := c.load(newDialer(c, l.Addr().String(), nil))
		require.NoError(t, ld.connect())
		defer ld.Close()
		ops, err := ld.Run()
		require.NoError(t, err)
		require.Zero(t, ops)
		require.Equal(t, map[string]int64{want: 10}, ld.failed.ByUnit())
		p50, ok := ld.latency.Of(0).Quantile(500)
		require.True(t, ok)
		require.GreaterOrEqual(t, p50, (1-driver.HistogramResolution)*float64(c.patience), "a failure that comes at once is no quick answer")
	}
	gets := func(conn net.Conn) { conn.Read(make([]byte, 1000)) }
	check("timeout-errors", func(conn net.Conn) { gets(conn); time.Sleep(time.Minute) })
	check("closed-errors", func(conn net.Conn) { gets(conn); conn.Write([]byte("HTTP/1.1 200 OK\r\n")); conn.Close() })
	check("reset-errors", func(conn net.Conn) { gets(conn); conn.(*net.TCPConn).SetLinger(0); conn.Close() })
}

func TestAWrongAnswerEndsTheTrial(t *testing.T) {
	check := func(transport string, says string) {
		t.Helper()
		l, err := net.Listen("tcp", anyPort)
		require.NoError(t, err)
		defer l.Close()
		go func() {
			conn, err := l.Accept()
			if err == nil {
				conn.Read(make([]byte, 1000))
				conn.Write([]byte(says))
			}
		}()
		c := &config{transport: transport, conns: 1, requests: 3, pipeline: 1, payload: 8, keepAlive: true, patience: time.Minute}
		ld := c.load(newDialer(c, l.Addr().String(), nil))
		require.NoError(t, ld.connect())
		defer ld.Close()
		if _, err := ld.Run(); err == nil || !strings.Contains(err.Error(), "wrong answer") {
			t.Errorf("%s: %q passed: %v", transport, says, err)
		}
	}
	check(tcp, "12345678")
	check(http1, "HTTP/1.1 500 Internal Server Error\r\n\r\n")
	check(http1, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n12345678")
	check(http1, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
	check(http1, "HTTP/1.1 200 OK\r\n\r\nabcdefgh")
	check(http1, "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"+strings.Repeat("x", 99999))
}

func TestAResponseIsSplitOnceItIsWhole(t *testing.T) {
	const text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nDate: x\r\n\r\nhello"
	for cut := range len(text) {
		if _, n, err := splitResponse([]byte(text[:cut])); n != 0 || err != nil {
			t.Errorf("the first %d bytes: %d, %v", cut, n, err)
		}
	}
	body, n, err := splitResponse([]byte(text + "HTTP/1.1"))
	if string(body) != "hello" || n != len(text) || err != nil {
		t.Errorf("%q, %d, %v", body, n, err)
	}
}

func FuzzSplitResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 404"))
	f.Fuzz(func(t *testing.T, text []byte) {
		body, n, err := splitResponse(text)
		if n < 0 || n > len(text) || len(body) > n || err != nil && n != 0 {
			t.Errorf("%d bytes of %d, body of %d, %v", n, len(text), len(body), err)
		}
	})
}

func TestTheGateIsClosedAtTheEndOfEachPeriod(t *testing.T) {
	check := func(since, want time.Duration) {
		t.Helper()
		if got := newGate(100*time.Millisecond, time.Second).left(since); got != want {
			t.Errorf("after %v it stays closed for %v, want %v", since, got, want)
		}
	}
	check(0, 0)
	check(899*time.Millisecond, 0)
	check(900*time.Millisecond, 100*time.Millisecond)
	check(3999*time.Millisecond, time.Millisecond)
	check(4*time.Second, 0)
}

func TestThePacerWakesInTimeAndOrder(t *testing.T) {
	p, err := newPacer(2000)
	require.NoError(t, err)
	defer p.close()
	start := driver.Nanotime()
	var next int64
	require.NoError(t, p.run(start, 50, func(i int64) {
		if i != next || driver.Nanotime() < start+i*500_000 {
			t.Errorf("request %d after %d ns, as number %d", i, driver.Nanotime()-start, next)
		}
		next++
	}))
	require.EqualValues(t, 50, next)
}

package driver

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/assaylab/assay/workloads/wire"
	"github.com/stretchr/testify/require"
)

// A clock moves by one step each time it is read.
type clock struct {
	t    time.Time
	step time.Duration
}

func (c *clock) now() time.Time {
	c.t = c.t.Add(c.step)
	return c.t
}

func TestASlowedWindowIsLongerByItsShare(t *testing.T) {
	check := func(share float64, window, want time.Duration) {
		t.Helper()
		start := time.Unix(1000, 0)
		c := &clock{t: start.Add(window - time.Millisecond), step: time.Millisecond}
		slow(share, start, c.now)
		if got := c.t.Sub(start); got != want {
			t.Errorf("a window of %v slowed by %v took %v, want %v", window, share, got, want)
		}
	}
	check(0.05, time.Second, 1050*time.Millisecond)
	check(0.5, 10*time.Millisecond, 15*time.Millisecond)
	check(10, time.Second, 11*time.Second)
	check(0, time.Second, 999*time.Millisecond) // the clock is not even read
}

func TestGODEBUGIsMergedByKey(t *testing.T) {
	check := func(have, want string, changed bool) {
		t.Helper()
		got, ch := mergeGODEBUG(have, []string{"gctrace=1"})
		if got != want || ch != changed {
			t.Errorf("%q -> %q, %v; want %q, %v", have, got, ch, want, changed)
		}
	}
	check("", "gctrace=1", true)
	check("madvdontneed=1", "madvdontneed=1,gctrace=1", true)
	check("gctrace=0", "gctrace=0", false) // whoever set it meant it
	check("a=1,gctrace=2,b=1", "a=1,gctrace=2,b=1", false)
	check("xgctrace=1", "xgctrace=1,gctrace=1", true)
}

func TestCPUTimeIsWhatTheProcessSpent(t *testing.T) {
	own := func() int64 {
		spent, err := cpuTime(os.Getpid())
		require.NoError(t, err)
		return spent
	}
	before := own()
	for own() < before+int64(time.Millisecond) { // ends only if spinning counts
	}
	asleep := own()
	time.Sleep(50 * time.Millisecond)
	if spent := own() - asleep; spent < 0 {
		t.Errorf("CPU time went back by %d ns", -spent)
	}
	if spent, err := cpuTime(os.Getppid()); err != nil || spent == own() {
		t.Errorf("CPU time of another process: %d ns, %v", spent, err)
	}
	if _, err := cpuTime(1 << 22); err == nil { // above the largest that the kernel gives
		t.Error("a process that is not there has CPU time")
	}
}

func TestOneMetricIsPrimary(t *testing.T) {
	check := func(want string, w Workload) {
		t.Helper()
		for _, m := range w.metrics() {
			if m.Primary != (m.Unit == want) {
				t.Errorf("%s: primary is %v, want only %s", m.Unit, m.Primary, want)
			}
		}
	}
	check("ns/op", Workload{})
	check("cpu-ns/op", Workload{Primary: PrimaryCPU})
	check("p50-latency-ns", Workload{Primary: PrimaryMedian, Metrics: LatencyMetrics("latency", "waits")})
	check("own", Workload{Metrics: []wire.Metric{{Unit: "own", Primary: true}}})
}

func TestPeakRSSIsVmHWM(t *testing.T) {
	file := t.TempDir() + "/status"
	require.NoError(t, os.WriteFile(file, []byte("Name:\tx\nVmPeak:\t  9999 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 1 kB\n"), 0o600))
	got, err := peakRSS(file)
	require.NoError(t, err)
	if got != 1234<<10 {
		t.Errorf("%d, want %d", got, 1234<<10)
	}
	for _, bad := range []string{"", "Name:\tkthreadd\n", "VmHWM: 12 MB\n", "VmHWM:\t-1 kB\n", "VmHWM:\n"} {
		if n, err := parsePeak(bad); err == nil {
			t.Errorf("%q gave %d", bad, n)
		}
	}
	_, err = peakRSS(file + "x")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzPeak(f *testing.F) {
	f.Add("VmHWM:\t    1234 kB\n")
	f.Add("VmHWM:\t 99999999999999999999 kB\n")
	f.Fuzz(func(t *testing.T, status string) {
		if n, err := parsePeak(status); err == nil && (n < 0 || n%1024 != 0) {
			t.Errorf("%q -> %d", status, n)
		}
	})
}

func TestValuesKeepSixDigits(t *testing.T) {
	check := func(v float64, want string) {
		t.Helper()
		if got := formatValue(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	check(0, "0")
	check(10, "10")
	check(96271093, "96271093")
	check(81.2345678, "81.2346")
	check(1234567.8, "1234568")
	check(0.00123456789, "0.00123457")
	check(-2.5, "-2.50000")
}

func TestResultsRefuseWhatWasNotDeclared(t *testing.T) {
	check := func(want string, set func(*Result)) {
		t.Helper()
		r := &Result{declared: []wire.Metric{{Unit: "a"}}}
		set(r)
		if r.err == nil || !strings.Contains(r.err.Error(), want) {
			t.Errorf("%v, want %q", r.err, want)
		}
	}
	check("b is not declared", func(r *Result) { r.Set("b", 1) })
	check("a is set twice", func(r *Result) { r.Set("a", 1); r.Set("a", 1) })
	check("a is NaN", func(r *Result) { r.Set("a", math.NaN()) })
	check("a is +Inf", func(r *Result) { r.Set("a", math.Inf(1)) })
}

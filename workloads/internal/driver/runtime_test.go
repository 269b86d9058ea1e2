package driver

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/workloads/wire"
)

func TestStatsAreOfWhatLiesBetweenTheirEnds(t *testing.T) {
	s := newStats()
	runtime.GC()
	s.begin()
	runtime.GC()
	sink = make([]byte, 1<<20)
	done := make(chan bool)
	go func() { time.Sleep(time.Millisecond); done <- true }()
	<-done
	s.end()
	runtime.GC()
	r := s.result()
	if r.Counters["gc-cycles"] != 1 || r.Counters["alloc-bytes"] < 1<<20 || r.Counters["alloc-bytes"] > 2<<20 {
		t.Errorf("one collection, a MiB: %v", r.Counters)
	}
	if r.Counters["heap-live-bytes"] <= 0 || r.Counters["gc-cpu-ns"] <= 0 {
		t.Errorf("%v", r.Counters)
	}
	pauses := uint64(0)
	for _, b := range r.Histograms["gc-pause-ns"] {
		pauses += b.N
		if b.Lo > b.Hi || b.Hi > 1e10 {
			t.Errorf("bucket %v", b)
		}
	}
	if pauses == 0 || len(r.Histograms["sched-latency-ns"]) == 0 {
		t.Errorf("%v", r.Histograms)
	}
}

var sink []byte

func TestAStatsThatNobodyAskedForDoesNothing(t *testing.T) {
	var s *stats
	s.begin()
	s.end()
	var out bytes.Buffer
	require.Equal(t, exitOK, workload(&fake{log: new([]string)}).main(nil, &out, &out))
	require.NotContains(t, out.String(), wire.StatsKey)
}

func TestStatsStandBeforeTheLine(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, exitOK, workload(&fake{log: new([]string)}).main([]string{"-stats"}, &out, &errs), errs.String())
	s, ok, err := wire.FindStats(out.String())
	require.NoError(t, err)
	require.True(t, ok)
	require.Contains(t, s.Counters, "gc-cycles")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if !strings.HasPrefix(lines[len(lines)-1], linePrefix) {
		t.Errorf("the last line is %q", lines[len(lines)-1])
	}
}

func TestTheWindowIsRecorded(t *testing.T) {
	dir := t.TempDir()
	profile, execution := filepath.Join(dir, "cpu.pprof"), filepath.Join(dir, "trace")
	var out, errs bytes.Buffer
	args := []string{"-cpuprofile=" + profile, "-trace=" + execution}
	require.Equal(t, exitOK, workload(&fake{log: new([]string)}).main(args, &out, &errs), errs.String())
	for path, magic := range map[string]string{profile: "\x1f\x8b", execution: "go 1."} {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		if !strings.HasPrefix(string(b), magic) {
			t.Errorf("%s begins %q", filepath.Base(path), b[:min(len(b), 16)])
		}
	}
}

func TestARecordingThatCantBeWrittenFailsTheTrial(t *testing.T) {
	for _, flag := range []string{"-cpuprofile=", "-trace="} {
		var out, errs bytes.Buffer
		code := workload(&fake{log: new([]string)}).main([]string{flag + filepath.Join(t.TempDir(), "none", "x")}, &out, &errs)
		if code != exitFailed || out.Len() > 0 || !strings.Contains(errs.String(), "record the window") {
			t.Errorf("%s: exit %d, %q, %q", flag, code, &out, &errs)
		}
	}
}

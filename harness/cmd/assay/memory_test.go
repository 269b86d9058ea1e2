package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// manyTrials is a run of ten thousand that looks at its precision.
const manyTrials = `name: many
question: Does the harness stay small?
workload: {program: gc-churn}
knobs: {gogc: [50, 100, 200, 400]}
design: {blocks: 2500, max-blocks: 2500, precision: 0.0001%}
claims:
  - id: faster
    source: {title: A test, section: "1"}
    says: Nothing.
    compare: {metric: ns/op, of: {gogc: 50}, to: {gogc: 100}}
    direction: ratio < 1
  - id: smaller
    source: {title: A test, section: "1"}
    says: Nothing.
    compare: {metric: peak-RSS-bytes, of: {gogc: 400}, to: {gogc: 100}}
    magnitude: ratio within 2..3
`

// A churner is an executor that only makes up what gc-churn would have printed:
// some thirty values a trial, each trial its own strings.
type churner struct{ n int }

func (c *churner) try(_ context.Context, a run.Attempt) (sample.Sample, error) {
	c.n++
	s := sample.Sample{
		Env: environment, Start: time.Unix(1e9, int64(c.n)).UTC(), Wall: 1e8, Window: sample.Measured, Outcome: sample.OK,
		Counters: map[string]float64{}, Standings: map[string]sample.Standing{},
		Effective: map[string]string{"sys/kernel/mm/transparent_hugepage/enabled": "madvise"},
	}
	for _, key := range []string{"gogc", "cpus", "memory.max", "cpu.max"} {
		s.Standings[key] = sample.Standing{Word: "idle", Why: fmt.Sprintf("peak %d MiB of 512 MiB: the limit was not reached", c.n)}
	}
	line := sample.Line{Name: strings.Clone("GCChurn"), Iters: c.n}
	for i, unit := range []string{"ns/op", "gc-mark-cpu-ns/cycle", "alloc-bytes/s", "gc-pause-max-ns"} {
		line.Values = append(line.Values, sample.Value{Value: float64(1+a.Cell.Index) * (100 + float64((c.n*7919+i)%100)), Unit: unit})
	}
	for i, m := range sample.Counters() {
		s.Counters[m.Unit] = float64((c.n*7919+i)%100 + 1)
	}
	line.Extend(s.Counters, nil)
	s.Lines = []sample.Line{line}
	return s, nil
}

// TestTenThousandTrialsFitInMemory runs them in a process of their own, whose
// peak the kernel tells.
func TestTenThousandTrialsFitInMemory(t *testing.T) {
	if raced {
		t.Skip("the race detector takes more memory than the bound: make test measures it without")
	}
	if os.Getenv("ASSAY_PLAY") == "many" {
		playManyTrials(t)
		return
	}
	const most = 64 << 20
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), "ASSAY_PLAY=many")
	out, err := c.CombinedOutput()
	require.NoError(t, err, string(out))
	_, rest, ok := strings.Cut(string(out), "VmHWM:")
	require.True(t, ok, string(out))
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	require.NoError(t, err)
	t.Logf("peak %d KiB", kib)
	if kib<<10 > most {
		t.Errorf("the harness takes %d KiB at its peak, want at most %d", kib, most>>10)
	}
}

func playManyTrials(t *testing.T) {
	e, err := spec.Parse("many.yaml", []byte(manyTrials))
	require.NoError(t, err)
	p := &prepared{description: wire.Description{Metrics: []wire.Metric{{Unit: "ns/op"}, {Unit: "gc-mark-cpu-ns/cycle", Primary: true}}}}
	p.plan, err = plan.New(e, 1)
	require.NoError(t, err)
	l := &lab{stdout: os.Stdout, stderr: os.Stderr}
	r, err := l.open(p, build.Record{}, nil, runFlags{results: memoryFolder(t), quiet: true})
	require.NoError(t, err)
	stopped, err := run.Run(t.Context(), run.Config{
		Plan: p.plan, Session: r.session.Session, Executor: run.Single(new(churner).try), Sink: r, Precise: p.precise(r.gist), Now: time.Now,
	})
	require.NoError(t, err)
	require.Equal(t, "2500 of 2500 blocks", stopped)
	require.Equal(t, 10_000, r.gist.Trials())
	require.NoError(t, r.close())
	read, err := os.ReadFile("/proc/self/status")
	require.NoError(t, err)
	_, peak, _ := strings.Cut(string(read), "VmHWM:")
	fmt.Println("VmHWM:", strings.TrimSpace(strings.SplitN(peak, "\n", 2)[0]))
}

// memoryFolder is one without a disk, where there is one: two fsyncs a trial
// would be most of the test's time.
func memoryFolder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "assay-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

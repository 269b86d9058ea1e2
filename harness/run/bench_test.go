package run

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/testenv"
	"github.com/assaylab/assay/workloads/wire"
)

// What the harness adds to a trial: its leaf, the three-point proof, the commit
// of the sample. Beside each attempt, in turn, a bare fork and exec of the same
// program is timed. The difference of the medians is to stay under 2 ms.

const nothing = "/bin/true"

func BenchmarkTrial(b *testing.B) {
	bench := newBench(b, build.Binary{Path: nothing}, nil)
	bench.beside(b, func() { forkExec(b, nothing) })
}

// BenchmarkUncountedTrial leaves out the evidence of noise: what is left is the
// leaf, the proof and the commit.
func BenchmarkUncountedTrial(b *testing.B) {
	bench := newBench(b, build.Binary{Path: nothing}, nil)
	bench.setup.Collect = []sample.Group{}
	bench.beside(b, func() { forkExec(b, nothing) })
}

// BenchmarkTalkingTrial has a window: descriptor 3, counters at both ends. Its
// like without a harness is the same workload, started bare.
func BenchmarkTalkingTrial(b *testing.B) {
	path := filepath.Join(b.TempDir(), "procs")
	out, err := exec.Command("go", "build", "-o", path, "../../workloads/procs").CombinedOutput()
	require.NoError(b, err, string(out))
	bench := newBench(b, build.Binary{Path: path}, []string{"-spin=1"})
	bench.setup.Talks = true
	bench.beside(b, func() { forkExec(b, path, "-spin=1") })
}

// A bench is one cell on the real machine, with a results folder.
type bench struct {
	local  *Local
	setup  Setup
	folder *results.Folder
	n      int
}

func newBench(b *testing.B, bin build.Binary, args []string) *bench {
	b.Helper()
	testenv.NeedsRoot(b)
	h, err := host.Read("/")
	require.NoError(b, err)
	groups, err := cgroup.Detect("/")
	require.NoError(b, err)
	h = knob.Reachable(h, groups.Reach)
	levels := map[string]string{"thp": "never", "cpu.max": "1.5", "memory.max": "512MiB", "cpus": "1"}
	effects, err := knob.Resolve(levels, h)
	require.NoError(b, err)
	setup := Setup{
		Cell: plan.Cell{Arm: plan.ArmMain, Levels: levels}, Binary: bin,
		Roles: []Role{{
			Name: wire.RoleMain, Tested: true, Levels: levels, Effects: effects, Causes: knob.Causes(levels),
			Args: args, CPUs: effects.Process.Affinity,
		}},
	}
	j := holdMachine(b)
	run := fmt.Sprintf("bench-%d", os.Getpid())
	slot, err := groups.For([]string{"cpu", "memory"}).NewSlot(run, nil)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, slot.Close()) })
	knobs, err := knob.NewSession(j, "/", run, effects.Host)
	require.NoError(b, err)
	b.Cleanup(func() {
		report, err := knobs.Close(nil)
		require.NoError(b, err)
		require.True(b, report.OK(), report.String())
	})
	p := plan.Plan{Spec: spec.Experiment{Name: "bench"}, Cells: []plan.Cell{setup.Cell}}
	folder, err := results.Create(b.TempDir(), time.Now(), p, "", nil)
	require.NoError(b, err)
	b.Cleanup(func() { folder.Close() })
	collectors := collect.New("/")
	b.Cleanup(func() { collectors.Close() })
	local := &Local{FS: "/", Collectors: collectors, Name: "host", Knobs: knobs, Groups: slot, Scratch: b.TempDir()}
	return &bench{local: local, setup: setup, folder: folder}
}

// holdMachine takes the host lock, as every harness does that sets knobs.
func holdMachine(b *testing.B) *journal.Journal {
	lock, err := journal.Acquire(b.Context(), journal.DefaultLock(), journal.Holder{Run: b.Name()}, func(h journal.Holder) { b.Logf("waiting for %s", h) })
	require.NoError(b, err)
	b.Cleanup(func() { lock.Release() })
	j, err := journal.Open(b.TempDir())
	require.NoError(b, err)
	b.Cleanup(func() { j.Close() })
	return j
}

// beside times attempts and what they are held against, in turn, as a run does it.
func (h *bench) beside(b *testing.B, bare func()) {
	h.local.Cells = map[int]Setup{0: h.setup}
	broom, back := takeOver()
	defer back()
	var with, without []time.Duration
	for b.Loop() {
		begun := time.Now()
		broom.sweep()
		h.attempt(b)
		middle := time.Now()
		bare()
		with, without = append(with, middle.Sub(begun)), append(without, time.Since(middle))
	}
	m, w := median(with), median(without)
	b.ReportMetric(float64(m), "trial-median-ns")
	b.ReportMetric(float64(w), "bare-median-ns")
	b.ReportMetric(float64(m-w), "difference-ns")
	b.ReportMetric(0, "ns/op") // the sum of both says nothing
}

func (h *bench) attempt(b *testing.B) {
	h.n++
	a := Attempt{Trial: plan.Trial{N: h.n}, Number: 1, Cell: h.setup.Cell, Timeout: time.Minute}
	samples, err := h.local.Try(b.Context(), []Attempt{a})
	require.NoError(b, err)
	s := samples[0]
	if h.setup.Talks && s.Outcome != sample.OK {
		b.Fatalf("%s: %s", s.Outcome, s.Error)
	}
	s.N, s.Attempt, s.Session = h.n, 1, 1
	require.NoError(b, h.folder.Append(&s))
}

func forkExec(b *testing.B, path string, args ...string) {
	pid, err := syscall.ForkExec(path, append([]string{path}, args...), &syscall.ProcAttr{})
	require.NoError(b, err)
	var status syscall.WaitStatus
	_, err = syscall.Wait4(pid, &status, 0, nil)
	require.NoError(b, err)
}

func median(ds []time.Duration) time.Duration {
	slices.Sort(ds)
	return ds[len(ds)/2]
}

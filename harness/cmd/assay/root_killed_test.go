package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
)

// quick is an experiment whose trials change a knob of the machine and have
// limits. They are too short to be tainted by other load.
const quick = `workload: {program: procs, params: {spin: 20000}}
knobs: {thp: [never, always]}
isolation: {cpu.max: "1.5", memory.max: 256MiB, cpus: 1}
design: {blocks: 6, warmup: 1, timeout: 30s}
claims:
  - id: no-change
    source: {title: A test, section: "1"}
    says: Pages do not matter to arithmetic.
    compare: {metric: ns/op, of: {thp: always}, to: {thp: never}}
    magnitude: ratio within 0.9..1.1
`

const enabled = "/sys/kernel/mm/transparent_hugepage/enabled"

// restoredWithin is the promise after SIGKILL; a loaded machine gets more.
const (
	restoredWithin = time.Second
	slack          = 3 * time.Second
)

func TestRootKilledHarnessRestoresWithinASecond(t *testing.T) {
	r := newRig(t, "root-killed")
	r.experiment(quick)
	whole := r.whole()
	kills := min(10, asked(10))
	random := rand.New(rand.NewPCG(1, 2))
	worst := time.Duration(0)
	for i := range kills {
		worst = max(worst, r.kill(i, moment(i, whole, random)).took)
		r.goOn()
		require.NoError(t, os.RemoveAll(r.path("results")))
	}
	t.Logf("%d kills within %v: the longest restore took %v", kills, whole.Round(time.Millisecond), worst.Round(time.Millisecond))
}

// asked is how many kills ASSAY_KILLS asks for, else the usual.
func asked(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("ASSAY_KILLS")); err == nil {
		return n
	}
	return usual
}

// whole is how long a run of the rig's experiment has the machine.
func (r *rig) whole() time.Duration {
	r.t.Helper()
	l := r.start(r.path(r.name + ".yaml"))
	whole := r.until("the whole run is over", r.unlocked)
	require.Equal(r.t, 0, l.wait(), l.out.String())
	r.clean()
	require.NoError(r.t, os.RemoveAll(r.path("results")))
	return whole
}

// moment covers the start, the end with its restore, and all between, by turns.
func moment(i int, whole time.Duration, random *rand.Rand) time.Duration {
	part := func(of time.Duration) time.Duration { return time.Duration(random.Int64N(int64(of))) }
	switch i % 5 {
	case 0:
		return part(60 * time.Millisecond)
	case 1:
		return whole - 100*time.Millisecond + part(150*time.Millisecond)
	}
	return part(whole)
}

// A kill is what came of one.
type kill struct {
	ended bool          // the run was over before
	took  time.Duration // until all was as before the run
}

// kill starts a run and kills it a while after it has taken the lock.
func (r *rig) kill(i int, after time.Duration) (k kill) {
	r.t.Helper()
	l := r.start(r.path(r.name+".yaml"), "--seed", "7")
	time.Sleep(after)
	k.ended = l.ended()
	l.kill(syscall.SIGKILL)
	what := ""
	k.took = r.until("all is as it was", func() bool {
		if now := r.dirty(); now != "" {
			what = now
			return false
		}
		return true
	})
	r.t.Logf("kill %3d, %4d ms after the lock was taken, ended %v: restored in %v", i, after.Milliseconds(), k.ended, k.took.Round(time.Millisecond))
	switch {
	case k.took > slack && os.Getenv("ASSAY_TEST_GUEST") != "1": // how fast an emulated machine is nobody has promised
		r.t.Errorf("restored in %v, which is more than even a loaded machine may take; the last: %s", k.took, what)
	case k.took > restoredWithin:
		r.t.Logf("that is more than %v, is the machine loaded? The last: %s", restoredWithin, what)
	}
	return k
}

// goOn goes on with a run that was killed, if it got as far as having a folder.
func (r *rig) goOn() {
	r.t.Helper()
	dirs := r.folders()
	if len(dirs) == 0 {
		return
	}
	had := committed(r.t, dirs[0])
	out, code := r.assay("run", "--results", r.path("results"), "--resume="+dirs[0])
	require.Equal(r.t, 0, code, out)
	r.wholeRun(dirs[0], had)
	r.clean()
}

// wholeRun holds a folder that was gone on with against what stood in it before:
// nothing of that is lost, nothing is there twice, and no trial is missing.
func (r *rig) wholeRun(dir string, had []string) {
	r.t.Helper()
	now := committed(r.t, dir)
	require.GreaterOrEqual(r.t, len(now), len(had))
	require.Equal(r.t, had, now[:len(had)])
	run, err := results.Read(dir)
	require.NoError(r.t, err)
	last := map[int]sample.Sample{}
	warm := 0
	for _, s := range run.Attempts {
		if s.Block < 0 {
			warm++
			continue
		}
		require.Equal(r.t, last[s.N].Attempt+1, s.Attempt, "attempts of trial %d are not 1, 2, ...", s.N)
		last[s.N] = s
	}
	adopted := 0
	for _, line := range now[1:] {
		adopted += strings.Count(line, `"file":"samples.txt"`) * strings.Count(line, `"taints":`)
	}
	require.Len(r.t, now, 1+len(run.Attempts)+adopted, "a trial was committed twice")
	for _, block := range run.Plan.Blocks {
		for _, trial := range block.Trials {
			require.NotZero(r.t, last[trial.N].Attempt, "trial %d is missing", trial.N)
		}
	}
	require.GreaterOrEqual(r.t, warm, len(run.Plan.Cells))
	out, code := r.assay("verify", dir)
	require.Equal(r.t, 0, code, out)
}

// committed are the complete lines of trials.jsonl.
func committed(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, results.TrialsFile))
	require.NoError(t, err)
	all := strings.SplitAfter(string(text), "\n")
	return all[:len(all)-1]
}

// killBoth kills a harness and its guardian while a knob is set for a trial, neither
// of them having a chance to put it back. The rehearsal sets knobs too, before there
// is a folder of results to go on with.
func (r *rig) killBoth() {
	r.t.Helper()
	r.experiment(quick)
	l := r.start(r.path(r.name + ".yaml"))
	guardian := l.guardian()
	set := func() bool {
		text, err := os.ReadFile(enabled)
		return err == nil && string(text) != r.before[enabled] && len(r.groups()) > 0 && len(r.folders()) > 0
	}
	r.until("it stands still with the knob set", func() bool {
		if !set() {
			return false
		}
		l.Process.Signal(syscall.SIGSTOP)
		time.Sleep(10 * time.Millisecond)
		if set() {
			return true
		}
		l.Process.Signal(syscall.SIGCONT)
		return false
	})
	require.NoError(r.t, syscall.Kill(guardian, syscall.SIGKILL))
	require.Equal(r.t, -int(syscall.SIGKILL), l.kill(syscall.SIGKILL))
	r.until("the lock is free", r.unlocked)
	require.True(r.t, set(), "someone put it back")
}

func TestRootRestoreMendsAfterHarnessAndGuardianWereKilled(t *testing.T) {
	r := newRig(t, "root-both")
	r.killBoth()
	out, code := r.assay("restore")
	require.Equal(t, 0, code, out)
	require.Contains(t, out, "transparent_hugepage/enabled: restored")
	r.clean()
	out, code = r.assay("restore")
	require.Equal(t, 0, code)
	require.Contains(t, out, "nothing to restore: the journal in ")
}

func TestRootNextRunMendsAfterHarnessAndGuardianWereKilled(t *testing.T) {
	r := newRig(t, "root-next")
	r.killBoth()
	dir := r.folders()[0]
	had := committed(t, dir)
	out, code := r.assay("run", "--results", r.path("results"), "--resume="+dir)
	require.Equal(t, 0, code, out)
	require.Contains(t, out, "an earlier run was cut short; put back what it left")
	r.wholeRun(dir, had)
	r.clean()
}

func TestRootSignalsRestoreAndCanBeGoneOnFrom(t *testing.T) {
	r := newRig(t, "root-signal")
	r.experiment(quick)
	check := func(s syscall.Signal, want int) {
		t.Helper()
		require.NoError(t, os.RemoveAll(r.path("results")))
		l := r.start(r.path(r.name + ".yaml"))
		r.workload()
		time.Sleep(200 * time.Millisecond)
		require.Equal(t, want, l.kill(s), l.out.String())
		r.clean()
		dir := r.folders()[0]
		had := committed(t, dir)
		// What it says to type is what is typed.
		_, rest, ok := strings.Cut(l.out.String(), "go on with: assay ")
		require.True(t, ok, l.out.String())
		next, _, _ := strings.Cut(rest, "\n")
		out, code := r.assay(strings.Fields(next)...)
		require.Equal(t, 0, code, out)
		r.wholeRun(dir, had)
		r.clean()
	}
	check(syscall.SIGINT, 130)
	check(syscall.SIGTERM, 143)
	check(syscall.SIGHUP, 129)
}

// TestRootACrashOfTheHarnessIsMended has the Go runtime crash, as after a panic
// that no one recovers: no deferred function runs.
func TestRootACrashOfTheHarnessIsMended(t *testing.T) {
	r := newRig(t, "root-crash")
	r.experiment(quick)
	for _, s := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT} {
		l := r.start(r.path(r.name + ".yaml"))
		r.workload()
		code := l.kill(s)
		require.NotZero(t, code)
		require.Contains(t, l.out.String(), "goroutine ", "that was no crash")
		took := r.until("all is as it was", func() bool { return r.dirty() == "" })
		require.Less(t, took, slack)
	}
}

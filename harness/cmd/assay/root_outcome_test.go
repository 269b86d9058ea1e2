package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
)

// small is one block of a workload that collects garbage; no claim, so that one
// block is enough.
const small = `workload: {program: gc-churn, params: {live-heap: 4MiB, cycles: 1}}
design: {blocks: 1, warmup: 0, timeout: 30s}
`

// outcomes are those of a cell's attempts, in order, by the level of a key.
func (r *rig) outcomes(key, level string) (all []sample.Outcome) {
	r.t.Helper()
	dirs := r.folders()
	require.NotEmpty(r.t, dirs)
	run, err := results.Read(dirs[len(dirs)-1])
	require.NoError(r.t, err)
	for _, s := range run.Attempts {
		if run.Plan.Level(run.Plan.Cells[s.Cell], key) == level {
			all = append(all, s.Outcome)
		}
	}
	return all
}

// failing runs an experiment of two cells of which one can't but fail: it is
// tried three times, the other cell is reported, and the run exits 1.
func (r *rig) failing(text, key, bad, good string, want sample.Outcome, because string) {
	r.t.Helper()
	r.experiment(text)
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	if code != 1 {
		r.t.Fatalf("exit %d, want 1: %s", code, out)
	}
	require.Contains(r.t, out, "no trial measured anything in: "+key+"="+bad)
	require.Contains(r.t, out, because)
	if got := r.outcomes(key, bad); !slices.Equal(got, []sample.Outcome{want, want, want}) {
		r.t.Errorf("%s=%s ended %q, want three times %q", key, bad, got, want)
	}
	if got := r.outcomes(key, good); !slices.Contains(got, sample.OK) {
		r.t.Errorf("%s=%s ended %q", key, good, got)
	}
	report, err := os.ReadFile(filepath.Join(r.folders()[0], "report.txt"))
	require.NoError(r.t, err)
	require.Contains(r.t, string(report), "GCChurn")
	r.clean()
}

func TestRootOutOfMemoryIsTold(t *testing.T) {
	atSpeed(t)
	r := newRig(t, "root-oom")
	text := strings.Replace(small, "4MiB", "48MiB", 1) + "knobs: {memory.max: [24MiB, 512MiB]}\n"
	r.failing(text, "memory.max", "24MiB", "512MiB", sample.OOM, "out of memory in its cgroup")
	for _, line := range committed(t, r.folders()[0]) {
		if strings.Contains(line, `"outcome":"oom"`) {
			require.Contains(t, line, `"signal":"SIGKILL"`)
			require.Contains(t, line, `"oom-kills":1`)
		}
	}
}

// A shell does not fail because a child of it was killed.
func TestRootAChildThatTheKernelKilledIsOutOfMemory(t *testing.T) {
	r := newRig(t, "root-oom-child")
	r.experiment(`workload: {command: [sh, -c, 'head -c 200000000 /dev/zero | tail | wc -c; echo "val=3"'], metrics: {v: {regexp: "val=([0-9]+)"}}}
design: {blocks: 1, warmup: 0, timeout: 30s}
knobs: {memory.max: [24MiB, 1GiB]}
`)
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "ended well, though the kernel killed 1 of its processes: out of memory in its cgroup")
	require.Equal(t, []sample.Outcome{sample.OOM, sample.OOM, sample.OOM}, r.outcomes("memory.max", "24MiB"))
	require.NotContains(t, r.outcomes("memory.max", "1GiB"), sample.OOM)
}

// A cell that the kernel kills each time is given up, and the other one goes on.
func TestRootACellThatIsAlwaysOutOfMemoryIsGivenUp(t *testing.T) {
	atSpeed(t)
	r := newRig(t, "root-hopeless")
	r.experiment(strings.NewReplacer("4MiB", "48MiB", "blocks: 1", "blocks: 5").Replace(small) + "knobs: {memory.max: [24MiB, 512MiB]}\n")
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "memory.max=24MiB: given up after 9 failures in a row: oom: killed by the kernel: out of memory in its cgroup")
	bad := r.outcomes("memory.max", "24MiB")
	require.Len(t, withOutcome(bad, sample.OOM), sample.MaxFailures)
	require.Equal(t, []sample.Outcome{sample.GivenUp, sample.GivenUp}, bad[sample.MaxFailures:])
	require.GreaterOrEqual(t, len(withOutcome(r.outcomes("memory.max", "512MiB"), sample.OK)), 5)
	r.clean()
}

func TestRootExitCodeIsTold(t *testing.T) {
	r := newRig(t, "root-exit")
	r.failing(small+"knobs: {gogc: [off, 100]}\n", "gogc", "off", "100", sample.Exited, "the garbage collector is off")
	for _, s := range r.attempts() {
		if s.Outcome == sample.Exited && s.Exit != 1 {
			t.Errorf("exit status %d", s.Exit)
		}
	}
}

func TestRootTimeoutIsTold(t *testing.T) {
	atSpeed(t)
	r := newRig(t, "root-timeout")
	text := strings.NewReplacer("cycles: 1", "cycles: [1, 250]", "30s", "700ms").Replace(small)
	text = strings.Replace(text, "live-heap: 4MiB", "live-heap: 8MiB", 1)
	r.failing(text, "param.cycles", "250", "1", sample.Timeout, "not done after 700ms")
}

func TestRootASignalFromOutsideIsToldAndTheTrialRepeated(t *testing.T) {
	atSpeed(t)
	r := newRig(t, "root-shot")
	r.experiment(strings.Replace(small, "cycles: 1", "cycles: 40", 1))
	for signal, want := range map[syscall.Signal]string{syscall.SIGKILL: "SIGKILL", syscall.SIGTERM: "SIGTERM"} {
		l := r.start(r.path(r.name + ".yaml"))
		require.NoError(t, syscall.Kill(r.workload(), signal))
		require.Equal(t, 0, l.wait(), l.out.String())
		all := r.attempts()
		if first := all[0]; first.Outcome != sample.Killed || first.Signal != want {
			t.Errorf("the first attempt ended %q by %q: %s", first.Outcome, first.Signal, first.Error)
		}
		if last := all[len(all)-1]; last.Outcome != sample.OK || last.N != all[0].N {
			t.Errorf("the last attempt ended %q", last.Outcome)
		}
		r.clean()
	}
}

// TestRootAForeignHandVoidsATrialAndIsLeft sets a knob's file by hand under a
// trial, to a value that is no level of the experiment.
func TestRootAForeignHandVoidsATrialAndIsLeft(t *testing.T) {
	r := newRig(t, "root-foreign")
	const file = "/sys/kernel/mm/transparent_hugepage/defrag"
	text := strings.Replace(small, "cycles: 1", "cycles: 20", 1)
	r.experiment(text + "knobs: {thp-defrag: [never, always]}\n")
	l := r.start(r.path(r.name + ".yaml"))
	r.workload()
	require.NoError(t, os.WriteFile(file, []byte("defer"), 0))
	require.Equal(t, 1, l.wait(), l.out.String())
	require.Contains(t, l.out.String(), `left at "defer"`)
	require.Contains(t, l.out.String(), "assay restore --force")
	now, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(now), "[defer]")

	all := r.attempts()
	first := all[0]
	require.Equal(t, sample.Void, first.Outcome, first.Error)
	require.Contains(t, first.Error, file[1:]+` is "defer"`)
	chosen := map[int]bool{}
	for _, s := range all {
		chosen[s.N] = chosen[s.N] || s.Counts()
	}
	require.Equal(t, map[int]bool{0: true, 1: true}, chosen, "a void trial was not repeated")
	require.FileExists(t, filepath.Join(r.folders()[0], "report.txt"))

	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 1, code, "a run started on top of what could not be put back: %s", out)
	require.Contains(t, out, "assay restore --force")
	out, code = r.assay("restore")
	require.Equal(t, 1, code, out)
	out, code = r.assay("restore", "--force")
	require.Equal(t, 0, code, out)
	r.clean()
}

func TestRootTheSecondHarnessNamesTheFirstOrWaits(t *testing.T) {
	atSpeed(t)
	r := newRig(t, "root-two")
	r.experiment(strings.Replace(small, "cycles: 1", "cycles: 100", 1))
	first := r.start(r.path(r.name + ".yaml"))
	held, err := os.ReadFile(r.path("lock") + "." + strconv.Itoa(first.Process.Pid))
	require.NoError(t, err)
	require.Contains(t, string(held), r.name)
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 6, code, out)
	require.Contains(t, out, "process "+strconv.Itoa(first.Process.Pid)+" of user 0")
	require.Contains(t, out, "--wait")
	out, code = r.assay("restore")
	require.Equal(t, 6, code, out)

	out, code = r.assay("run", "--wait", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 0, code, out)
	require.Contains(t, out, "waiting for the host lock, held by process "+strconv.Itoa(first.Process.Pid))
	require.Equal(t, 0, first.wait(), first.out.String())
	require.Len(t, r.folders(), 2)
	r.clean()
	cards, err := filepath.Glob(r.path("lock") + ".*")
	require.NoError(t, err)
	require.Empty(t, cards)
}

// TestRootControlsAreThere compares a cell with itself, and with itself slowed down.
// That an interval holds the ratio that is true is right in 19 of 20 runs, so that
// neither arm is asked for it.
func TestRootControlsAreThere(t *testing.T) {
	atSpeed(t)
	r := newRig(t, "root-controls")
	r.experiment(`workload: {program: procs, params: {spin: 20000}}
knobs: {env.NOTHING: [a, b]}
isolation: {cpus: 1}
design: {blocks: 8, warmup: 1, timeout: 30s, controls: {aa: {env.NOTHING: a}, positive: {inject: 100%}}}
claims:
  - id: b-is-faster
    source: {title: A test, section: "1"}
    says: A variable that nobody reads makes a program twice as fast.
    compare: {metric: ns/op, of: {env.NOTHING: b}, to: {env.NOTHING: a}}
    magnitude: ratio within 0.4..0.6
`)
	out, code := r.assay("run", "--results", r.path("results"), r.path(r.name+".yaml"))
	require.Equal(t, 0, code, out)
	var v struct {
		Verdicts []struct{ Word string }
		Controls []struct {
			Arm string
			OK  bool
			Why string
		}
	}
	require.NoError(t, results.ReadJSON(r.folders()[0], results.VerdictsFile, &v))
	require.Len(t, v.Verdicts, 1)
	if v.Verdicts[0].Word == "supported" {
		t.Errorf("a claim about nothing is supported: %s", out)
	}
	arms := map[string]string{}
	for _, c := range v.Controls {
		arms[c.Arm] = c.Why
		t.Logf("%s: %v, %s", c.Arm, c.OK, c.Why)
	}
	require.Contains(t, arms, "aa")
	require.Contains(t, arms, "positive")
	require.NotContains(t, arms["positive"], "was not found", "twice the time was not seen: %s", out)
	r.clean()
}

func TestRootALostGuardianEndsTheRun(t *testing.T) {
	r := newRig(t, "root-guard")
	r.experiment(quick)
	l := r.start(r.path(r.name + ".yaml"))
	guardian := l.guardian()
	r.workload()
	require.NoError(t, syscall.Kill(guardian, syscall.SIGKILL))
	require.Equal(t, 1, l.wait(), l.out.String())
	require.Contains(t, l.out.String(), "the guardian was killed")
	r.clean()
	left, err := journal.Restore(r.path("state"), machine, undoers, journal.Options{})
	require.NoError(t, err)
	require.Empty(t, left.Lines)
}

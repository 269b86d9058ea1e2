package run

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

// recording is a plan whose cells are recorded.
func recording(blocks, cells int, measure ...string) plan.Plan {
	p := testPlan(blocks, cells, spec.Design{Warmup: 1})
	p.Spec.Measure = measure
	return p
}

// writes is the fate of an attempt that does what it is asked for.
func writes(a Attempt) sample.Sample {
	s := sample.Sample{Outcome: sample.OK}
	for _, kind := range a.Record {
		s.Files = append(s.Files, kind.File(a.Cell.Index, ""))
	}
	return s
}

func TestEachTestableCellIsRecordedOnceAfterTheWarmUps(t *testing.T) {
	m := newMachine(t)
	m.fate = writes
	warmed := 0
	_, err := m.run(Config{
		Plan: recording(1, 3, "runtime", "cpuprofile", "trace"), Untestable: map[int]string{1: "no swap"},
		Warmed: func(warm []sample.Sample) error { warmed = len(warm); return nil },
	})
	require.NoError(t, err)
	m.ran("b-1 cell0 #1", "b-1 cell2 #1", "b-1 cell0 #1", "b-1 cell2 #1", "b0 cell0 #1", "b0 cell2 #1")
	require.Equal(t, 2, warmed, "recordings are no warm-ups")
	for i, want := range [][]string{nil, nil, {"profiles/0.cpu.pprof", "profiles/0.trace"}, {"profiles/2.cpu.pprof", "profiles/2.trace"}, nil, nil} {
		require.Equal(t, want, m.kept[i].Files, "attempt %d", i)
	}
	require.Equal(t, -4, m.kept[3].N, "numbered on from the warm-ups")
}

func TestARecordingThatFailedIsMadeAgainByTheNextSessionOnly(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample {
		if len(a.Record) > 0 && a.Cell.Index == 0 {
			return sample.Sample{Outcome: sample.Exited}
		}
		return writes(a)
	}
	p := recording(2, 2, "trace")
	_, err := m.run(Config{Plan: p})
	require.NoError(t, err)
	m.ran("b-1 cell0 #1", "b-1 cell1 #1", "b-1 cell0 #1", "b-1 cell1 #1", "b0 cell0 #1", "b0 cell1 #1", "b1 cell1 #1", "b1 cell0 #1")

	again := newMachine(t)
	again.fate = writes
	_, err = again.run(Config{Plan: p, Done: m.kept[:6]})
	require.NoError(t, err)
	again.ran("b-1 cell0 #1", "b-1 cell1 #1", "b-1 cell0 #1", "b1 cell1 #1", "b1 cell0 #1")
	require.Equal(t, []string{"profiles/0.trace"}, again.kept[2].Files)
}

// record makes an attempt that is recorded by a script, which finds in $out the
// file that it was told to write.
func record(t *testing.T, script string) (l *Local, s sample.Sample) {
	t.Helper()
	l = shellLocal(t, `out=${2#*=}; echo "BenchmarkX 1 5 ns/op"; `+script)
	l.Folder = t.TempDir()
	s = l.attempt(t, Attempt{Number: 1, Block: -1, Timeout: time.Minute, Cell: plan.Cell{Index: 0}, Record: []sample.Recording{sample.CPUProfile}})
	if _, err := os.Stat(l.homePath(0)); err == nil {
		require.True(t, pristine(l.homePath(0)), "the trial left something in its folder")
	}
	return l, s
}

func TestARecordingIsTakenToTheRunsFolder(t *testing.T) {
	l, s := record(t, `echo "$2" > $out`)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, []string{"profiles/0.cpu.pprof"}, s.Files)
	text, err := os.ReadFile(filepath.Join(l.Folder, s.Files[0]))
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("-test.cpuprofile=%s/cpuprofile0\n", l.homePath(0)), string(text))
}

func TestEachProcessOfATrialHasAFileOfItsOwn(t *testing.T) {
	l := shellLocal(t, "unused")
	setup := l.Cells[0]
	const script = `echo "Benchmark$1 1 1 ns/op"; echo "SCHED $1" >&2; for arg in "$@"; do case $arg in -test.*) echo $1 >${arg#*=};; esac; done`
	argv := func(name string) []string { return []string{"-c", script, "sh", name} }
	setup.Roles[0].Args, setup.Roles[0].Then = argv("A"), [][]string{argv("B"), argv("C")}
	l.Cells[0], l.Folder = setup, t.TempDir()
	s := l.attempt(t, Attempt{
		Number: 1, Block: -1, Timeout: time.Minute, Cell: plan.Cell{Index: 0},
		Record: []sample.Recording{sample.CPUProfile, sample.SchedTrace, sample.Trace},
	})
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	want := map[string]string{
		"profiles/0.process1.cpu.pprof": "A\n", "profiles/0.process2.cpu.pprof": "B\n", "profiles/0.process3.cpu.pprof": "C\n",
		"profiles/0.process1.trace": "A\n", "profiles/0.process2.trace": "B\n", "profiles/0.process3.trace": "C\n",
		"profiles/0.schedtrace.txt": "SCHED A\nSCHED B\nSCHED C\n",
	}
	require.Len(t, s.Files, len(want))
	for _, name := range s.Files {
		text, err := os.ReadFile(filepath.Join(l.Folder, name))
		require.NoError(t, err)
		require.Equal(t, want[name], string(text), name)
	}
	require.NoFileExists(t, filepath.Join(l.homePath(0), "cpuprofile0"))
}

func TestATrialThatIsTimedIsToldToRecordNothing(t *testing.T) {
	s := shellLocal(t, `echo "BenchmarkX 1 $# args"`).try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, 1.0, s.Lines[0].Values[0].Value)
	require.Empty(t, s.Files)
}

func TestNothingButAFileOfTheTrialsOwnIsTaken(t *testing.T) {
	check := func(script string, want sample.Outcome) {
		t.Helper()
		l, s := record(t, script)
		if s.Outcome != want || s.Error == "" || s.Files != nil {
			t.Errorf("%q: %s %q, files %v; want %s", script, s.Outcome, s.Error, s.Files, want)
		}
		require.NoFileExists(t, filepath.Join(l.Folder, "profiles/0.cpu.pprof"))
	}
	check(``, sample.Broken)
	check(`ln -s /etc/passwd $out`, sample.Broken)
	check(`echo x > other; ln other $out`, sample.Broken)
	check(`mkfifo $out`, sample.Broken)
	check(`mkdir $out`, sample.Broken)
	check(`echo x > $out; exit 3`, sample.Exited)
}

func TestTheRoleUnderTestIsTheOneThatIsRecorded(t *testing.T) {
	l := playLocal(t, `echo $1 > ${1#*=}; `+gets+serves, `[ $# = 0 ] || exit 7; `+opens+closes+prints)
	l.Cells[0].Roles[0].Args = append(l.Cells[0].Roles[0].Args, "sh")
	l.Folder = t.TempDir()
	s := l.attempt(t, Attempt{Number: 1, Block: -1, Timeout: time.Minute, Record: []sample.Recording{sample.CPUProfile}})
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, []string{"profiles/0.server.cpu.pprof"}, s.Files)
	require.FileExists(t, filepath.Join(l.Folder, s.Files[0]))
}

// scheduled makes an attempt at a cell that sets GODEBUG, by a script whose own
// prints the scheduler as the runtime does.
func scheduled(t *testing.T, godebug string, record ...sample.Recording) (l *Local, s sample.Sample) {
	t.Helper()
	l = shellLocal(t, `echo "BenchmarkX 1 5 ns/op"; echo "it says $GODEBUG" >&2
case $GODEBUG in *schedtrace=10*) printf "SCHED 0ms: gomaxprocs=2\n  P0: status=1\ngc 1 @0s\n  not of it\nSCHED 10ms: gomaxprocs=2\n" >&2;; esac`)
	l.Folder = t.TempDir()
	if godebug != "" {
		l.Cells[0].Roles[0].Effects.Env = map[string]string{"GODEBUG": godebug}
	}
	return l, l.attempt(t, Attempt{Number: 1, Block: -1, Timeout: time.Minute, Record: record})
}

func TestTheSchedulerIsRecordedInTrialsOfItsOwnAlone(t *testing.T) {
	l, s := scheduled(t, "gctrace=1", sample.SchedTrace)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, []string{"profiles/0.schedtrace.txt"}, s.Files)
	text, err := os.ReadFile(filepath.Join(l.Folder, s.Files[0]))
	require.NoError(t, err)
	require.Equal(t, "SCHED 0ms: gomaxprocs=2\n  P0: status=1\nSCHED 10ms: gomaxprocs=2\n", string(text))
	_, s = scheduled(t, "gctrace=1")
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Empty(t, s.Files)
	_, s = scheduled(t, "schedtrace=0", sample.SchedTrace)
	require.Equal(t, sample.Broken, s.Outcome)
	require.Contains(t, s.Error, "the runtime printed none (does a level of the cell set godebug.schedtrace=0?)")
}

func TestSettingsOfGODEBUGAreMergedByKey(t *testing.T) {
	check := func(have, want string) {
		t.Helper()
		require.Equal(t, want, withSchedTrace(have))
	}
	check("", "schedtrace=10")
	check("gctrace=1", "gctrace=1,schedtrace=10")
	check("gctrace=1,schedtrace=500", "gctrace=1,schedtrace=500")
	check("schedtrace=0", "schedtrace=0")
	check("noschedtrace=1", "noschedtrace=1,schedtrace=10")
}

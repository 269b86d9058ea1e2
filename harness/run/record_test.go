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
		s.Files = append(s.Files, kind.File(a.Cell.Index))
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
	require.Equal(t, fmt.Sprintf("-cpuprofile=%s/cpuprofile\n", l.homePath(0)), string(text))
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

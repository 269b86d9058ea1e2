package run

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/workloads/wire"
)

const pages = "sys/kernel/mm/transparent_hugepage/enabled"

// shellLocal makes attempts with a shell script for a workload, on a fake tree
// without cgroups. The script finds the tree's file for huge pages in $1.
func shellLocal(t *testing.T, script string) *Local {
	t.Helper()
	fs := sysfs.FS(t.TempDir())
	for file, text := range map[string]string{
		"proc/self/mountinfo": "", "proc/self/cgroup": "", pages: "always [madvise] never\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(fs.Path(file)), 0o755))
		require.NoError(t, os.WriteFile(fs.Path(file), []byte(text), 0o644))
	}
	tree, err := cgroup.Detect(string(fs))
	require.NoError(t, err)
	slot, err := tree.NewSlot("test", nil)
	require.NoError(t, err)
	j, err := journal.Open(filepath.Join(t.TempDir(), "state"))
	require.NoError(t, err)
	t.Cleanup(func() { j.Close() })
	want := []sysfs.Write{{File: pages, Value: "madvise", Same: sysfs.Selector}}
	knobs, err := knob.NewSession(j, fs, "test", want)
	require.NoError(t, err)
	return &Local{
		FS: fs, Collectors: collect.New(fs), Name: "host", Knobs: knobs, Groups: slot, Scratch: t.TempDir(),
		Cells: map[int]Setup{0: {
			Binary: build.Binary{Path: "/bin/sh"},
			Roles: []Role{{
				Name: wire.RoleMain, Tested: true, Effects: knob.Effects{Host: want},
				Args: []string{"-c", script, "sh", fs.Path(pages)},
			}},
		}},
	}
}

func (l *Local) try(t *testing.T) sample.Sample {
	t.Helper()
	return l.attempt(t, Attempt{Number: 1, Timeout: time.Minute})
}

func (l *Local) attempt(t *testing.T, a Attempt) sample.Sample {
	t.Helper()
	samples, err := l.Try(t.Context(), []Attempt{a})
	require.NoError(t, err)
	return samples[0]
}

func TestAProgramThatDoesNotTalkIsItsOwnWindow(t *testing.T) {
	s := shellLocal(t, `echo "BenchmarkX 1 5 ns/op"`).try(t)
	if s.Outcome != sample.OK || s.Window != sample.Whole || len(s.Lines) != 1 {
		t.Errorf("%s %s %s, lines %v", s.Outcome, s.Error, s.Window, s.Lines)
	}
}

// What of the harness's shell the workloads can't be rid of stands in the report.
func TestWhatWorkloadsHaveOfTheShellIsANote(t *testing.T) {
	var before unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &before))
	l := shellLocal(t, "true")
	require.NotContains(t, strings.Join(l.Missing(), "\n"), "size of files")
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 40, Max: before.Max}))
	t.Cleanup(func() { require.NoError(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &before)) })
	require.Contains(t, strings.Join(l.Missing(), "\n"), "which stays: limit on size of files 1099511627776 (start assay without")
}

func TestAKnobChangedUnderAProgramThatDoesNotTalkIsSeen(t *testing.T) {
	for _, end := range []string{"", "exit 3"} {
		s := shellLocal(t, `echo "[always] madvise never" > $1; echo "BenchmarkX 1 5 ns/op"; `+end).try(t)
		want := `changed by someone else, seen after the end: ` + pages + ` is "always", was set to "madvise"`
		if s.Outcome != sample.Void || s.Error != want {
			t.Errorf("%s: %s", s.Outcome, s.Error)
		}
	}
}

func TestABlockDrawsTheBinaryAndTheSizeOfTheEnvironment(t *testing.T) {
	l := shellLocal(t, "unused")
	script := filepath.Join(t.TempDir(), "laid")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\necho BenchmarkX 1 ${#ASSAY_PADDING} bytes\n"), 0o755))
	setup := l.Cells[0]
	setup.Layouts = map[uint64]build.Binary{17: {Path: script}}
	l.Cells[0] = setup
	s := l.attempt(t, Attempt{
		Number: 1, Timeout: time.Minute,
		Nuisance: map[string]uint64{spec.NuisanceLayout: 17, spec.NuisanceEnvSize: 4000},
	})
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, 4000.0, s.Lines[0].Values[0].Value)
}

func TestTheGuardianHearsOfAProcessOutsideGroupsAndOfItsEnd(t *testing.T) {
	l := shellLocal(t, `echo "BenchmarkX 1 5 ns/op"`)
	var told []string
	l.Watch = func(pid int) error { told = append(told, fmt.Sprint("watch ", pid)); return nil }
	l.Unwatch = func(pid int) error { told = append(told, fmt.Sprint("unwatch ", pid)); return nil }
	l.try(t)
	require.Len(t, told, 2)
	require.Equal(t, "un"+told[0], told[1])
}

func TestTheTrialsFolderIsEmptyAndAtOnePath(t *testing.T) {
	l := shellLocal(t, `echo "BenchmarkX $(ls -A | wc -l) 1 ns/op"; [ "$PWD" = "$HOME" ] && [ "$PWD" = "$TMPDIR" ] && echo kept > $2`)
	setup := l.Cells[0]
	setup.Roles[0].Args = append(setup.Roles[0].Args, "file")
	l.Cells[0] = setup
	for range 2 {
		s := l.try(t)
		require.Equal(t, sample.OK, s.Outcome, s.Error)
		require.Equal(t, 0, s.Lines[0].Iters, "the folder was not empty")
		require.NoDirExists(t, l.homePath(0))
	}
	setup.Roles[0].Args = []string{"-c", `echo "BenchmarkX 1 1 ns/op"`}
	l.Cells[0] = setup
	l.try(t)
	require.DirExists(t, l.homePath(0))
	setup.Roles[0].Args = []string{"-c", `chmod 0 .; echo "BenchmarkX 1 1 ns/op"`}
	l.Cells[0] = setup
	l.try(t)
	require.NoDirExists(t, l.homePath(0))
}

func TestAFileThatVanishesIsNotTestableAnyMore(t *testing.T) {
	l := shellLocal(t, `echo "BenchmarkX 1 5 ns/op"`)
	require.Equal(t, sample.OK, l.try(t).Outcome)
	require.NoError(t, os.Remove(l.FS.Path(pages)))
	s := l.try(t)
	require.Equal(t, sample.Gone, s.Outcome)
	require.Contains(t, s.Error, pages+" is no longer there")
	require.False(t, sample.Again([]sample.Sample{s}))
}

// What a workload says of its runtime has no meaning without a word in the vocabulary.
func TestEveryFigureOfTheRuntimeIsInTheVocabulary(t *testing.T) {
	out, err := exec.Command("go", "run", "../../workloads/procs", "-"+wire.FlagStats).CombinedOutput()
	require.NoError(t, err, string(out))
	stats, ok, err := wire.FindStats(string(out))
	require.NoError(t, err)
	require.True(t, ok, string(out))
	require.NotEmpty(t, stats.Counters)
	known := sample.Vocabulary()
	for unit := range stats.Counters {
		if !slices.ContainsFunc(known, func(c sample.Counter) bool { return c.Unit == unit }) {
			t.Errorf("%s is not in the vocabulary of package sample", unit)
		}
	}
}

func TestTheCourseOfAWindowStandsInItsSample(t *testing.T) {
	s := shellLocal(t, `echo "window-course: [7,5.5]"; echo "BenchmarkX 1 5 ns/op"`).try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, wire.Course{7, 5.5}, s.Course)
	s = shellLocal(t, `echo "window-course: [7,0]"; echo "BenchmarkX 1 5 ns/op"`).try(t)
	require.Equal(t, sample.Garbled, s.Outcome)
	require.Contains(t, s.Error, "part 1 took 0 ns")
}

func TestAProgramThatDoesNotTalkIsCountedFromExecToExit(t *testing.T) {
	l := shellLocal(t, `i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; test -e /proc/self/fd/3 && exit 9; echo "BenchmarkX 1 5 ns/op"`)
	s := l.try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.InDelta(t, s.Wall, s.Counters["window-ns"], 1e9)
	require.Contains(t, s.Counters, "cpu-user-ns")
	require.Contains(t, s.Counters, "clock-step-ns")
}

func TestSeveralLinesOfOneNameAreOneAndAreKept(t *testing.T) {
	s := shellLocal(t, `for n in 30 10 20; do echo "BenchmarkX-2 1 $n ns/op"; done; echo "BenchmarkY-2 1 7 ns/op"`).try(t)
	require.Len(t, s.Lines, 2)
	require.Equal(t, sample.Value{Value: 20, Unit: "ns/op"}, s.Lines[0].Values[0])
	require.Len(t, s.Raw, 4)
	require.Equal(t, "X", s.Raw[0].Name)
	require.Empty(t, shellLocal(t, `echo "BenchmarkX 1 5 ns/op"`).try(t).Raw)
}

func TestMetricsAreFoundInWhatACommandPrints(t *testing.T) {
	l := shellLocal(t, `echo took 5 us; echo n=7 >&2`)
	find := func(stderr string) *sample.Finder {
		f, err := sample.NewFinder(spec.Workload{Command: []spec.Scalar{{Text: "sh"}}, Metrics: []spec.Metric{
			{Unit: spec.Scalar{Text: "ns/op"}, Regexp: `took (\d+) us`, Scale: 1000},
			{Unit: spec.Scalar{Text: "requests"}, Regexp: stderr, From: "stderr", Scale: 1},
		}})
		require.NoError(t, err)
		return f
	}
	l.Find = find(`n=(\d+)`)
	s := l.try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, "Sh", s.Lines[0].Name)
	require.Equal(t, []sample.Value{{Value: 5000, Unit: "ns/op"}, {Value: 7, Unit: "requests"}}, s.Lines[0].Values[:2])

	l.Find = find(`m=(\d+)`)
	s = l.try(t)
	require.Equal(t, sample.Garbled, s.Outcome)
	require.Equal(t, "metric requests: stderr has no match of m=(\\d+): it begins \"n=7\"; stderr ends: n=7", s.Error)
}

func TestAProgramRunsInItsOwnFolder(t *testing.T) {
	l, dir := shellLocal(t, `echo "BenchmarkX $(ls | wc -l) 5 ns/op"; test "$PWD" != "$HOME"`), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data"), nil, 0o644))
	setup := l.Cells[0]
	setup.Binary.Dir = dir
	l.Cells[0] = setup
	s := l.try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, 1, s.Lines[0].Iters)
}

func TestAFailureIsToldInTheProgramsOwnWords(t *testing.T) {
	check := func(script, want string) {
		t.Helper()
		s := shellLocal(t, script).try(t)
		require.Equal(t, sample.Exited, s.Outcome)
		require.Equal(t, want, s.Error)
	}
	check("printf 'BenchmarkBad\n    f_test.go:5: it broke\n--- FAIL: BenchmarkBad\nBenchmarkX 1 5 ns/op\n'; exit 1",
		"exit status 1; stdout says: BenchmarkBad\n    f_test.go:5: it broke\n--- FAIL: BenchmarkBad")
	check("echo no such table; exit 2", "exit status 2; stdout says: no such table")
	check("echo BenchmarkX 1 5 ns/op; echo out of luck >&2; exit 3", "exit status 3; stderr ends: out of luck")
	check("exit 4", "exit status 4")
}

func TestWhatWasUnderWayWhenTimeRanOutIsTold(t *testing.T) {
	hangs := func() *Local { return shellLocal(t, "echo BenchmarkX 1 5 ns/op; echo BenchmarkHang; sleep 60") }
	late := patiently(t, hangs, func(s sample.Sample) bool {
		return s.Outcome == sample.Timeout && strings.HasSuffix(s.Error, `s; its stdout ends with "BenchmarkHang"`)
	})
	require.Nil(t, late)
	s := shellLocal(t, "echo BenchmarkX; kill -SEGV $$").try(t)
	require.Equal(t, `killed by SIGSEGV; its stdout ends with "BenchmarkX"`, s.Error)
}

func TestTenMegabytesBesideAResultAreNoHarm(t *testing.T) {
	s := shellLocal(t, "yes words and more words | head -c 10000000; echo; echo BenchmarkX 1 5 ns/op").try(t)
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Len(t, s.Lines, 1)
	s = shellLocal(t, "echo BenchmarkX 1 5 ns/op; yes words and more words | head -c 17000000").try(t)
	require.Equal(t, sample.Garbled, s.Outcome)
	require.Contains(t, s.Error, "printed 222805 bytes more than the 16777216 that are kept (have it print less beside its results)")
}

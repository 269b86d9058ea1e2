package run

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

// took are lines of benchmarks that make so many iterations in the time asked for.
func took(iterations map[string]int) (lines []sample.Line) {
	for name, n := range iterations {
		lines = append(lines, sample.Line{Name: name, Iters: n, Values: []sample.Value{{Value: 1e9 / float64(n), Unit: "ns/op"}}})
	}
	slices.SortFunc(lines, func(a, b sample.Line) int { return strings.Compare(a.Name, b.Name) })
	return lines
}

// every asks for all benchmarks of a package, a second each.
var every = spec.Gotest{Bench: spec.Scalar{Text: "."}}

func TestWhatWasNotAskedForOfAFunctionIsNotRun(t *testing.T) {
	lines := took(map[string]int{"Count/4K": 700, "IndexByte/4K": 30000, "Equal": 32000})
	want := func(bench string, patterns ...string) {
		t.Helper()
		var got []string
		for _, turn := range Count(lines, spec.Gotest{Bench: spec.Scalar{Text: bench}}, "").Turns {
			got = append(got, turn.Bench)
		}
		require.Equal(t, patterns, got)
	}
	want("Count|IndexByte|Equal", "^BenchmarkCount$", "^BenchmarkIndexByte$|^BenchmarkEqual$")
	want("^Benchmark(Count|IndexByte|Equal)$/4K", "^BenchmarkCount$/^4K$", "^BenchmarkIndexByte$/^4K$|^BenchmarkEqual$")
}

func TestTheSlowestBenchmarkOfAProcessSetsTheIterationsOfAll(t *testing.T) {
	it := Count(took(map[string]int{"A": 100, "B": 999, "C": 300}), every, "thp=never")
	require.Equal(t, Iterations{Benchtime: "100x", Time: "1s", Cell: "thp=never", Found: map[string]int{"A": 100, "B": 999, "C": 300}}, it)
	require.Equal(t, "100x", it.String())
	require.Equal(t, []Turn{{Bench: "asked", Benchtime: "100x"}}, it.Processes("asked", ""))
}

func TestBenchmarksOfUnlikeLengthHaveProcessesOfTheirOwn(t *testing.T) {
	it := Count(took(map[string]int{
		"Slow": 40, "Slower": 4, "Fast": 500000000, "Sub/a=1": 1000, "Sub/b/c": 1200, "Sub/d": 9e8, "Whole/a": 1100, "Whole/b": 1300,
	}), every, "thp=never")
	require.Equal(t, []Turn{
		{Bench: "^BenchmarkSlower$", Benchtime: "4x"},
		{Bench: "^BenchmarkSlow$", Benchtime: "40x"},
		{Bench: "^BenchmarkSub$/^a=1$|^BenchmarkWhole$|^BenchmarkSub$/^b$/^c$", Benchtime: "1000x"},
		{Bench: "^BenchmarkFast$|^BenchmarkSub$/^d$", Benchtime: "500000000x"},
	}, it.Processes(".", ""))
	for _, turn := range it.Processes(".", "Sub/b/e") {
		require.Equal(t, "Sub/b/e", turn.Skip, "what is left out of a whole function stays out")
	}
	require.Equal(t, "4x to 500000000x, by benchmark, in 4 processes one after the other", it.String())
}

func TestNamesAreNoPatterns(t *testing.T) {
	it := Count(took(map[string]int{"X/a|b+c(d)[1]": 10, "X/e": 1000}), every, "")
	require.Equal(t, `^BenchmarkX$/^a\|b\+c\(d\)\[1\]$`, it.Turns[0].Bench)
}

func TestThousandsOfNamesFitTheirArguments(t *testing.T) {
	long := map[string]int{"X/slow": 1}
	for i := range 5000 {
		long[path.Join("X", fmt.Sprintf("%040d", i))] = 1000
	}
	named := 0
	for _, turn := range Count(took(long), every, "").Turns {
		require.LessOrEqual(t, len(turn.Bench), longestPattern)
		named += strings.Count(turn.Bench, "^BenchmarkX$")
	}
	require.Equal(t, len(long), named)
}

// turned makes attempts at a role of several processes, each the script with another
// first argument.
func turned(t *testing.T, script string, args ...string) sample.Sample {
	t.Helper()
	l := shellLocal(t, "unused")
	setup := l.Cells[0]
	r := &setup.Roles[0]
	r.Args = nil
	for _, a := range args {
		argv := []string{"-c", script, "sh", a}
		if r.Args == nil {
			r.Args = argv
		} else {
			r.Then = append(r.Then, argv)
		}
	}
	l.Cells[0] = setup
	l.Watch = func(int) error { return nil }
	l.Unwatch = l.Watch
	return l.try(t)
}

func TestTheProcessesOfATrialAreOneAfterTheOtherAndCountTogether(t *testing.T) {
	s := turned(t, `[ "$(ls)" = "" ] || exit 9; echo "Benchmark$1 1 $$ pid"; sleep 0.02; : >"$PWD/$1"; rm "$1"`, "A", "B", "C")
	require.Equal(t, sample.OK, s.Outcome, s.Error)
	require.Equal(t, sample.Whole, s.Window)
	var names []string
	pids := map[float64]bool{}
	for _, l := range s.Lines {
		pid, _ := l.Get("pid")
		names, pids[pid] = append(names, l.Name), true
	}
	require.Equal(t, []string{"A", "B", "C"}, names)
	require.Len(t, pids, 3)
	if wall := s.Counters["process-wall-ns"]; wall < 60e6 || s.Wall < 60e6 {
		t.Errorf("three processes of 20 ms took %v ns, the trial %v", wall, s.Wall)
	}
	for _, unit := range []string{"storage-read-bytes", "storage-write-bytes"} {
		require.Contains(t, s.Counters, unit)
	}
	one := turned(t, `echo "BenchmarkX 1 1 ns/op"; sleep 0.02`, "A")
	if got, single := s.Counters["minor-faults"], one.Counters["minor-faults"]; got < 2*single {
		t.Errorf("three processes had %v faults, one has %v", got, single)
	}
}

func TestATestBinaryFindsTheSourcesOfItsToolchain(t *testing.T) {
	check := func(root, want string) {
		t.Helper()
		l := shellLocal(t, `[ "$GOROOT,${PATH%%:*}" = "`+want+`" ] && echo "BenchmarkX 1 1 ns/op"; echo "$GOROOT,$PATH" >&2`)
		setup := l.Cells[0]
		setup.Binary.Root = root
		l.Cells[0] = setup
		s := l.try(t)
		require.Equal(t, sample.OK, s.Outcome, s.Error)
	}
	check("", ",/usr/local/bin")
	check("/opt/go", "/opt/go,/opt/go/bin")
}

func TestWhatTheRuntimeSaysOfItsSettingsIsEvidence(t *testing.T) {
	a := &actor{}
	require.NoError(t, a.open(true, keepStderr))
	_, err := a.stderr.child.WriteString("GODEBUG: unknown cpu feature \"sse9\"\nlog: GODEBUG: no\nGODEBUG: can not enable \"sha\", missing CPU support\n")
	require.NoError(t, err)
	a.closeChildEnds()
	require.Equal(t, []string{`GODEBUG: unknown cpu feature "sse9"`, `GODEBUG: can not enable "sha", missing CPU support`}, complaints(a))
	a.close()
}

func TestAfterAProcessThatFailedTheNextIsNotStarted(t *testing.T) {
	s := turned(t, `echo "Benchmark$1 1 1 ns/op"; [ $1 != B ] || { echo broke >&2; exit 3; }`, "A", "B", "C")
	require.Equal(t, sample.Exited, s.Outcome)
	require.Equal(t, "exit status 3; stderr ends: broke", s.Error)
	require.Equal(t, 3, s.Exit)
	require.Len(t, s.Lines, 2)
}

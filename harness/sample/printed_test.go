package sample

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSuffixThatAllResultsShareIsNoPartOfANameAndNothingElseIs(t *testing.T) {
	check := func(stdout string, want ...string) {
		t.Helper()
		lines, err := Printed([]byte(stdout))
		require.NoError(t, err)
		var names []string
		for _, l := range lines {
			names = append(names, l.Name)
		}
		require.Equal(t, want, names)
	}
	check("BenchmarkX/size=4/mode=a-16 1 2 ns/op\n", "X/size=4/mode=a")
	check("BenchmarkX/size-64-2 1 2 ns/op\nBenchmarkX/size-128-2 1 2 ns/op\n", "X/size-64", "X/size-128")
	// At GOMAXPROCS 1 there is no suffix.
	check("BenchmarkX/size-64 1 2 ns/op\nBenchmarkX/size-128 1 2 ns/op\n", "X/size-64", "X/size-128")
	check("BenchmarkX-8 1 2 ns/op\nBenchmarkY 1 2 ns/op\n", "X-8", "Y")
	// With -cpu=1,2,4 each is a result of its own.
	check("BenchmarkX 1 2 ns/op\nBenchmarkX-2 1 2 ns/op\nBenchmarkX-4 1 2 ns/op\n", "X", "X-2", "X-4")
	// A name on a line of its own says what is name and what suffix.
	check("BenchmarkX\nBenchmarkX/size-64\nBenchmarkX/size-64 \t 1 2 ns/op\n", "X/size-64")
	check("BenchmarkX\nBenchmarkX/size-64\nBenchmarkX/size-64-2 \t 1 2 ns/op\n", "X/size-64")
	check("BenchmarkX\nBenchmarkX \t 1 2 ns/op\nBenchmarkX-2 \t 1 2 ns/op\n", "X", "X-2")
	check("BenchmarkX\nBenchmarkY-2 \t 1 2 ns/op\n", "Y-2")
}

func TestAResultIsFoundAmongWhatAProgramPrints(t *testing.T) {
	const stdout = "Benchmarking 3 things\nBenchmark \nsetup done\r\nBenchmarkX\nhello 10 BenchmarkX-2 is next\n" +
		"no end BenchmarkX-2   \t      10\t      1729 ns/op\nBenchmarkY\n    y_test.go:3: logged\nBenchmarkY-2 20 3 ns/op\n--- FAIL: BenchmarkZ\nPASS"
	lines, err := Printed([]byte(stdout))
	require.NoError(t, err)
	require.Equal(t, []Line{
		{Name: "X", Iters: 10, Values: []Value{{1729, "ns/op"}}},
		{Name: "Y", Iters: 20, Values: []Value{{3, "ns/op"}}},
	}, lines)
}

func TestALineThatABenchmarkBrokeIsShown(t *testing.T) {
	lines, err := Printed([]byte("BenchmarkX 1 2 ns/op\nwords\nBenchmarkPrints-2 \thello\n"))
	require.ErrorContains(t, err, `stdout:3: parsing iteration count: invalid syntax: the line begins "BenchmarkPrints-2 \thello" (what a benchmark prints itself breaks its line in two, unless`)
	require.Len(t, lines, 1)
}

func FuzzPrinted(f *testing.F) {
	f.Add([]byte("BenchmarkX\nx BenchmarkX-2 1 2 ns/op\nBenchmarkX/a-1\t1 2 ns/op\nBenchmark 1 2 B/s"))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, told := results(b)
		lines, err := Parse(text)
		if err == nil && len(lines) > len(told) {
			t.Fatalf("%d results, %d of them told of", len(lines), len(told))
		}
		Printed(b) // which must take any text
	})
}

func TestBenchmarksOfAPackageAreToldOnce(t *testing.T) {
	text := "goos: linux\nBenchmarkA\nBenchmarkA-2 \t 1 5 ns/op\nBenchmarkB\nBenchmarkB/x=1\nBenchmarkB/x=1-2 1 5 ns/op\nBenchmarking goes on\nBenchmarking\nBenchmarkC"
	require.Equal(t, []string{"A", "B", "C"}, ToldOf([]byte(text)))
	require.Empty(t, ToldOf(nil))
}

package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/compare"
)

func comparison(t *testing.T, a, b string) compare.Result {
	t.Helper()
	var sides [2]compare.Side
	for i, text := range []string{a, b} {
		path := filepath.Join(t.TempDir(), "bench.txt")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		s, err := compare.Read(path)
		require.NoError(t, err)
		sides[i] = s
	}
	r, err := compare.Compare(sides[0], sides[1])
	require.NoError(t, err)
	return r
}

const (
	before = "kernel: 6.1.0\n\nBenchmarkX 1 100 ns/op 0 misses\nBenchmarkX 1 101 ns/op 0 misses\nBenchmarkX 1 102 ns/op 0 misses\nBenchmarkX 1 103 ns/op 0 misses\nBenchmarkGone 1 5 ns/op\n"
	after  = "kernel: 6.12.0\n\nBenchmarkX 1 120 ns/op 1 misses\nBenchmarkX 1 121 ns/op 2 misses\nBenchmarkX 1 122 ns/op 3 misses\nBenchmarkX 1 123 ns/op 4 misses\n"
)

func TestAComparisonSaysFirstThatItIsUnpaired(t *testing.T) {
	c := comparison(t, before, after)
	g, err := c.Gate(0.03, nil)
	require.NoError(t, err)
	c.GateResult = &g
	for _, width := range []int{0, 40} {
		var b strings.Builder
		require.NoError(t, CompareText(&b, c, width, false))
		first, _, _ := strings.Cut(b.String(), "\n")
		if !strings.HasPrefix(first, "Unpaired: ") {
			t.Errorf("width %d: the first line is %q", width, first)
		}
		folded := strings.Join(strings.Fields(b.String()), " ")
		for _, want := range []string{
			"WARNING: the sides differ in 1 respect", "6.1.0", "6.12.0",
			"over m = 2 comparisons", "up to 0.1 of them",
			"1.197", "worse", "+2.500", "changed",
			"only in A, so not compared", "Gone: ns/op",
			"FAILS: something got worse by more than 3 %", "in A and missing from B",
		} {
			if !strings.Contains(folded, want) {
				t.Errorf("width %d: no %q in\n%s", width, want, b.String())
			}
		}
	}
}

func TestAComparisonAsJSONHoldsEveryNumber(t *testing.T) {
	c := comparison(t, before, after)
	var b strings.Builder
	require.NoError(t, CompareJSON(&b, c))
	var back compare.Result
	require.NoError(t, json.Unmarshal([]byte(b.String()), &back))
	if len(back.Rows) != 2 || back.M != 2 || *back.Rows[0].Estimate != *c.Rows[0].Estimate || back.Rows[0].Way != compare.Worse {
		t.Errorf("%s", b.String())
	}
	if back.Note != compare.Note || len(back.Differences) != 1 || len(back.OnlyA) != 1 {
		t.Errorf("%s", b.String())
	}
}

func TestTerminalCodesInAFileDrawNothing(t *testing.T) {
	c := comparison(t, "note: \x1b[31mred\n\n"+before, before)
	var b strings.Builder
	require.NoError(t, CompareText(&b, c, 0, true))
	if strings.Contains(b.String(), "\x1b") {
		t.Errorf("%q", b.String())
	}
}

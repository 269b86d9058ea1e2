package stat

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
)

// What the harness counts is of the whole trial: which of the lines it is read from
// makes no difference. What benchmarks print themselves does.
func TestACounterThatAllLinesHaveAlikeNeedsNoBenchmark(t *testing.T) {
	check := func(metric string, a, b float64, want string) {
		t.Helper()
		line := func(name string, v float64) sample.Line {
			return sample.Line{Name: name, Values: []sample.Value{{Value: v, Unit: metric}}}
		}
		r, err := newReader(metric, "", []*sample.Sample{
			{Lines: []sample.Line{line("X", a), line("Y", b)}}, {Lines: []sample.Line{line("X", 5), line("Y", 5)}},
		})
		if want == "" {
			require.ErrorContains(t, err, "(choose one with benchmark:)")
			return
		}
		require.NoError(t, err)
		require.Equal(t, want, r.benchmark)
	}
	check("cpu-user-ns", 7, 7, "X")
	check("cpu-user-ns", 7, 8, "") // printed, not counted
	check("allocs/op", 7, 7, "")   // alike by chance
}

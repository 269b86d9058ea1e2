package verdict

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

// A Gist is given all attempts, failed, tainted and repeated ones among them;
// Precision those that the main analysis takes.
func TestAGistSaysOfThePrecisionWhatWholeSamplesSay(t *testing.T) {
	in := lab([]spec.Claim{claim("a", "thp=madvise", "thp=never", "ratio < 1", "")})
	g := NewGist(in)
	attempts := map[int][]sample.Sample{}
	commit := func(block, cell, number int, change func(*sample.Sample)) {
		s := trial(in.Plan, block, cell, 100*(1+wobble(block, 10*cell+number, 0.03)))
		s.Attempt = number
		s.Lines[0].Values = append(s.Lines[0].Values, sample.Value{Value: 1, Unit: "B/op"})
		change(&s)
		g.Take(s)
		attempts[s.N] = append(attempts[s.N], s)
	}
	fine := func(*sample.Sample) {}
	taint := func(s *sample.Sample) { s.Taints = []sample.Taint{{Kind: "steal"}} }
	fail := func(s *sample.Sample) { s.Outcome, s.Lines = sample.Timeout, nil }
	for b := range 40 {
		for c := range in.Plan.Cells {
			switch (b + c) % 4 {
			case 0:
				commit(b, c, 1, taint)
				commit(b, c, 2, fine)
			case 1:
				commit(b, c, 1, fail)
				commit(b, c, 2, taint)
				commit(b, c, 3, taint)
			default:
				commit(b, c, 1, fine)
			}
		}
	}
	for n := range 40 * len(in.Plan.Cells) {
		s, ok := sample.Chosen(attempts[n])
		require.True(t, ok)
		in.Main = append(in.Main, s)
	}
	want, ok := Precision(in)
	require.True(t, ok)
	got, ok := g.Precision()
	require.True(t, ok)
	require.Equal(t, want, got)
	require.True(t, slices.EqualFunc(in.Main, g.in.Main, func(a, b sample.Sample) bool { return a.N == b.N && a.Attempt == b.Attempt }))
	for _, s := range g.in.Main {
		require.Len(t, s.Lines[0].Values, 1, "values that no claim is about are kept")
	}

	g.Take(sample.Sample{N: 0, Block: -1, Outcome: sample.OK})
	require.Equal(t, 120, g.Trials(), "a warm-up is taken for a trial")
	var none *Gist
	none.Take(in.Main[0])
	knobs := map[string]sample.Standing{"gogc": {Word: "not in force", Why: "x"}, "cpus": {Word: "in force"}}
	require.Equal(t, map[string]sample.Standing{"gogc": knobs["gogc"]}, outOfForce(knobs))
}

package verdict

import (
	"testing"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

// A metric that steps is told of where its claim is not judged at all, and where
// claims are about another one.
func TestAStepIsToldWhateverBecomesOfTheClaims(t *testing.T) {
	stepping := func(b, c int) float64 {
		if b >= 8 {
			return 700 * (1 + wobble(b, c, 0.05))
		}
		return 1900 * (1 + wobble(b, c, 0.05))
	}
	check := func(in Input) {
		t.Helper()
		checkHas(t, "warnings", Judge(in).Warnings, "step: "+metric+" over all cells falls after about")
	}
	in := lab([]spec.Claim{claim("a", "thp=madvise", "thp=never", "ratio < 1", "")})
	in.fill(20, stepping)
	check(in)
	in.Untestable = map[int]string{1: "no"}
	check(in)
	in = lab(nil)
	in.fill(20, stepping)
	check(in)

	other := claim("a", "thp=madvise", "thp=never", "ratio < 1", "")
	other.Compare.Metric.Text = "other"
	in = lab([]spec.Claim{other})
	in.fill(20, stepping)
	for i := range in.Main {
		l := &in.Main[i].Lines[0]
		l.Values = append(l.Values, sample.Value{Value: 1 + wobble(i, 7, 0.1), Unit: "other"})
	}
	check(in)
}

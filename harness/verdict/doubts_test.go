package verdict

import (
	"strings"
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

// A metric that does not vary has one line for all claims and cells.
func TestTiesOfAMetricAreToldOnce(t *testing.T) {
	check := func(claims []spec.Claim) {
		t.Helper()
		in := lab(claims, "gogc=50,100,200")
		in.fill(8, func(int, int) float64 { return 2 })
		r := Judge(in)
		n := 0
		for _, w := range r.Warnings {
			if strings.Contains(w, "ties: ") {
				n++
			}
		}
		for _, v := range r.Verdicts {
			if n += len(v.Warnings); n != 1 {
				t.Errorf("%s: %q", v.Claim, v.Warnings)
			}
		}
		if n != 1 {
			t.Errorf("%d lines: %q", n, r.Warnings)
		}
		checkHas(t, "warnings", r.Warnings, "ties: "+metric+" is 2 in every trial of ")
	}
	check([]spec.Claim{claim("a", "thp=madvise", "thp=never", "ratio < 1", "ratio within 0.9..0.95"), claim("b", "thp=always", "thp=never", "ratio < 1", "")})
	check(nil)
}

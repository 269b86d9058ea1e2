package verdict

import (
	"testing"

	"github.com/assaylab/assay/harness/spec"
)

func TestTheBootstrapStandsBesideAndDecidesNothing(t *testing.T) {
	check := func(blocks int, want bool) {
		t.Helper()
		in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")})
		in.Bootstrap = true
		in.fill(blocks, by(0.02, 1e6, 0.9e6))
		v := only(t, Judge(in))
		b := v.Sides[0].Bootstrap
		if (b != nil) != want {
			t.Fatalf("%d blocks: bootstrap %v", blocks, b)
		}
		if want && (b.Note != "not used for verdicts" || b.Lo > v.Sides[0].Estimate || b.Hi < v.Sides[0].Estimate) {
			t.Errorf("bootstrap %+v around %v", b, v.Sides[0].Estimate)
		}
	}
	check(14, false)
	check(15, true)
}

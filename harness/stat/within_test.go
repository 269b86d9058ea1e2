package stat

import (
	"math"
	"testing"

	"github.com/assaylab/assay/workloads/wire"
)

func TestWithinMatchesByBlockAndRest(t *testing.T) {
	of := []Matched{{0, "x", 2}, {0, "x", 4}, {0, "x", 60}, {0, "y", 8}, {1, "x", 6}, {2, "x", 5}, {3, "z", 9}}
	to := []Matched{{0, "x", 2}, {0, "y", 2}, {1, "x", 3}, {2, "y", 7}, {4, "x", 1}}
	// Block 0: the median 4 over 2, and 8 over 2: log 2 and log 4, mean log of the
	// root of 8. Block 1: 2. Blocks 2, 3 and 4 hold no match.
	e := Within(Ratio, of, to, wire.Resolution{})
	want := []float64{2, math.Sqrt(8)}
	if i := e.Interval(0.5); e.N() != 2 || math.Abs(i.Lo-want[0]) > 1e-12 || math.Abs(i.Hi-want[1]) > 1e-12 {
		t.Errorf("n %d, %+v, want %v", e.N(), i, want)
	}
	// Differences: block 0 2 and 6, mean 4; block 1 3.
	d := Within(Difference, of, to, wire.Resolution{Absolute: 0.25})
	if d.N() != 2 || d.Estimate() != 3.5 {
		t.Errorf("n %d, %v, want 3.5", d.N(), d.Estimate())
	}
	if i := d.Interval(0.5); i.Lo != 2.5 || i.Hi != 4.5 {
		t.Errorf("%+v: a resolution of 0.25 on each side widens by 0.5", i)
	}
}

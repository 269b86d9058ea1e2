package verdict

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

func TestClaimsAreHeldAgainstWhatTheWarmUpPrinted(t *testing.T) {
	level := func(l string) spec.Selection {
		return spec.Selection{{Key: spec.Scalar{Text: "gogc"}, Level: spec.Scalar{Text: l}}}
	}
	p := plan.Plan{Cells: []plan.Cell{{Index: 0, Levels: map[string]string{"gogc": "50"}}, {Index: 1, Levels: map[string]string{"gogc": "100"}}}}
	check := func(c spec.Compare, want string, trials ...sample.Sample) {
		t.Helper()
		c.Of = level("50")
		p.Spec.Claims = []spec.Claim{{ID: spec.Scalar{Text: "one"}, Compare: c}}
		err := Printed(p, trials)
		if want == "" {
			require.NoError(t, err)
			return
		}
		require.EqualError(t, err, want)
	}
	on := func(metric, benchmark string) spec.Compare {
		return spec.Compare{Metric: spec.Scalar{Text: metric}, Benchmark: spec.Scalar{Text: benchmark}}
	}
	good := sample.Sample{Outcome: sample.OK, Lines: []sample.Line{
		{Name: "A", Values: []sample.Value{{Value: 1, Unit: "ns/op"}, {Value: 2, Unit: "B/op"}}},
		{Name: "B", Values: []sample.Value{{Value: 1, Unit: "x/op"}}},
	}}
	bad := sample.Sample{Outcome: sample.Garbled, Error: "printed no benchmark line"}
	check(on("ns/op", ""), "", good)
	check(on("sec/op", "A"), "", good)
	check(on("ns/op", ""), "", bad, good)
	check(on("x/op", "A"), "claim one: metric x/op of benchmark A was not printed by the warm-up; it printed: A with ns/op, B/op; B with x/op", good)
	check(on("y/op", ""), "claim one: metric y/op was not printed by the warm-up; it printed: A with ns/op, B/op; B with x/op", bad, good)
	check(on("ns/op", ""), "claim one: metric ns/op was not printed by the warm-up; it failed: garbled: printed no benchmark line", bad)
	check(on("ns/op", "BenchmarkA"), "", good)
	check(on("ns/op", "Aa"), "claim one: metric ns/op of benchmark Aa (did you mean A?) was not printed by the warm-up; it printed: A with ns/op, B/op; B with x/op", good)
	many := sample.Sample{Outcome: sample.OK}
	for i := range 20 {
		many.Lines = append(many.Lines, sample.Line{Name: fmt.Sprintf("S/%d", i), Values: []sample.Value{{Value: 1, Unit: "ns/op"}}})
	}
	const first = "S/0, S/1, S/2, S/3, S/4, S/5, S/6, S/7, S/8, S/9 and 10 more"
	check(on("ns/op", "S/19"), "", many)
	check(on("ns/op", ""), "claim one: metric ns/op stands on the lines of "+first+": choose one with benchmark:", many)
	check(on("B/op", "S/19"), "claim one: metric B/op of benchmark S/19 was not printed by the warm-up; it printed: "+first+" with ns/op", many)
	p.Spec.Measure = []string{"perf"}
	check(on("instructions", ""), "", good) // of the whole trial
	check(on("instructions", "B"), "", good)
	check(on("instructions", "C"), "claim one: metric instructions of benchmark C was not printed by the warm-up; it printed: A with ns/op, B/op; B with x/op", good)
	check(on("instructions", ""), "claim one: metric instructions was not printed by the warm-up; it failed: garbled: printed no benchmark line", bad)
	p.Spec.Measure = nil
	check(on("instructions", "A"), "claim one: metric instructions of benchmark A was not printed by the warm-up; it printed: A with ns/op, B/op; B with x/op", good)
	p.Spec.Measure = []string{"runtime", "process"}
	check(on("gc-cycles", ""), "", good)
	p.Spec.Workload.Gotest = new(spec.Gotest)
	check(on("gc-cycles", ""), "claim one: metric gc-cycles was not printed by the warm-up; it printed: A with ns/op, B/op; B with x/op", good)
	check(on("peak-RSS-bytes", "A"), "claim one: metric peak-RSS-bytes of benchmark A was not printed by the warm-up; it printed: A with ns/op, B/op; B with x/op", good)
	check(on("minor-faults", ""), "", good)
	other := bad
	other.Cell = 1
	check(on("ns/op", ""), "", other) // of no side of the claim
}

package report

import (
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/verdict"
)

func TestADecidedEffectBelowTheFloorIsDoubted(t *testing.T) {
	side := func(estimate, lo, hi float64) []verdict.Side {
		return []verdict.Side{{Estimate: estimate, Lo: &lo, Hi: &hi}}
	}
	lo, hi, floor := 1.003, 1.005, 0.01
	in := Input{
		Warnings: []string{"a first one"},
		Verdicts: verdict.Results{Warnings: []string{"a last one"}, Verdicts: []verdict.Verdict{
			{Claim: "small", Part: "direction", Relation: "ratio < 1", Metric: "ns/op", Sides: side(0.996, 0.994, 0.998)},
			{Claim: "large", Part: "direction", Relation: "ratio < 1", Metric: "ns/op", Sides: side(0.95, 0.94, 0.96)},
			{Claim: "open", Part: "direction", Relation: "ratio < 1", Metric: "ns/op", Sides: side(0.999, 0.99, 1.01)},
			{Claim: "exact", Part: "direction", Relation: "ratio < 1", Metric: "ns/op", Exact: true, Sides: side(0.996, 0.996, 0.996)},
			{Claim: "other", Part: "direction", Relation: "difference < 1", Metric: "ns/op", Sides: side(0.996, 0.994, 0.998)},
		}},
		Effects: []Effect{{Exploratory: true, Metric: "ns/op", Quantity: "ratio", Of: "gogc=200", To: "gogc=100", Estimate: 1.004, Lo: &lo, Hi: &hi}},
	}
	if w := warningsOf(in); len(w) != 2 {
		t.Errorf("without a profile: %q", w)
	}
	in.Calibration = &profile.Entry{Origin: profile.Origin{Workload: "gc-churn"}, Metrics: []profile.Metric{{Unit: "ns/op", Floor: &floor}}}
	w := warningsOf(in)
	if len(w) != 4 || !strings.HasPrefix(w[1], "small direction: an effect of 0.4 %") || !strings.HasPrefix(w[2], "gogc=200 against gogc=100: ") || w[3] != "a last one" {
		t.Errorf("%q", w)
	}
}

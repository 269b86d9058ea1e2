package report

import (
	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/stat"
)

// warningsOf are the doubts about a run as a whole, those of the machine's profile
// among them.
func warningsOf(in Input) []string {
	warnings := append([]string(nil), in.Warnings...)
	if in.Calibration != nil {
		warnings = append(warnings, in.Calibration.Doubts(findingsOf(in))...)
	}
	return append(warnings, in.Verdicts.Warnings...)
}

// findingsOf are the ratios of claims, and those that nobody predicted.
func findingsOf(in Input) []profile.Finding {
	var found []profile.Finding
	for _, e := range effectsOf(in) {
		what := e.Claim
		if what == "" {
			what = e.Of + " against " + e.To
		}
		if stat.Quantity(e.Quantity) == stat.Ratio && !e.Exact && (e.Claim != "" || e.Exploratory) {
			found = append(found, profile.Finding{What: what, Metric: e.Metric, Estimate: e.Estimate, Lo: e.Lo, Hi: e.Hi})
		}
	}
	return found
}

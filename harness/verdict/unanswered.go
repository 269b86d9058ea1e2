package verdict

import (
	"fmt"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// mostUnanswered is the share of a trial's requests without an answer from which its
// timings are doubted: above it the highest quantile that workloads print, p99.9, is
// one of requests that were given up.
//
// Note: a taint was tried on paper and rejected. A trial that is repeated until no
// request fails is chosen by its outcome, which is the server's and what a claim may
// be about; a load that lags is the load's own fault, and a taint.
const mostUnanswered = 0.001

// unanswered warns of a claim about a time where requests had no answer.
func (in Input) unanswered(v *Verdict, f finding) {
	if !stat.Timed(v.Metric) || v.Metric == wire.UnitErrorShare {
		return
	}
	of, to := f.cells()
	if text := noAnswers(among(in.Main, slices.Concat(append([][]int{of}, to...)...))); text != "" {
		v.warn("unanswered: " + text)
	}
}

// impatient warns of each cell where requests had no answer, whatever was claimed of it.
func (in Input) impatient(r *Results) {
	for _, c := range in.Plan.Cells {
		if text := noAnswers(among(in.Main, []int{c.Index})); text != "" && c.Arm == plan.ArmMain {
			r.warn("unanswered: " + in.Plan.Name(c) + ": " + text)
		}
	}
}

// noAnswers says in how many of some trials too many requests had no answer; "" for none.
func noAnswers(samples []*sample.Sample) string {
	n, worst := 0, 0.0
	for _, s := range samples {
		if share := errorShare(s); share > mostUnanswered {
			n, worst = n+1, max(worst, share)
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("more than %s of the requests got no answer in %d of %s (%s at worst): latencies count each as no shorter than it would have been waited for, so quantiles that leave out fewer are bounds from below, and times per operation hold the waiting (take a longer patience, a lower rate, or claim the errors)",
		percent(mostUnanswered), n, prose.Plural(len(samples), "trial"), percent(worst))
}

// errorShare is the largest on a sample's lines; 0 where none tells.
func errorShare(s *sample.Sample) float64 {
	most := 0.0
	for _, l := range s.Lines {
		share, _ := l.Get(wire.UnitErrorShare)
		most = max(most, share)
	}
	return most
}

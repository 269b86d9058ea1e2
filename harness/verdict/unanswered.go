package verdict

import (
	"fmt"
	"math"
	"slices"
	"strings"

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

// unanswered warns of a claim about a time where requests had no answer. Where it is
// about a quantile that is only known from below, and the true one may lie elsewhere,
// it is inconclusive.
func (in Input) unanswered(v *Verdict, f finding, d decision) {
	if !stat.Timed(v.Metric) || v.Metric == wire.UnitErrorShare {
		return
	}
	of, to := f.cells()
	if text := noAnswers(among(in.Main, slices.Concat(append([][]int{of}, to...)...))); text != "" {
		v.warn("unanswered: " + text)
	}
	if left, ok := in.leftOut(v.Metric); ok && !in.stands(f, d, left) {
		v.Why = fmt.Sprintf("%s by the numbers, but more requests had no answer than %s leaves out: where that is so it is a bound from below, and how long the answers would have taken is not known; %s", d.word, v.Metric, v.Why)
		v.Word = Inconclusive
	}
}

// leftOut is the share of the requests that a quantile of their latencies leaves out:
// 0.1 of p90-latency-ns, 0 of max-latency-ns. ok is false for any other metric.
func (in Input) leftOut(metric string) (share float64, ok bool) {
	if m, known := in.metric(metric); known {
		metric = m.Unit
	}
	word, isLatency := strings.CutSuffix(metric, "-latency-ns")
	if !isLatency || strings.Contains(word, "-") {
		return 0, false
	}
	if word == "max" {
		return 0, true
	}
	q, ok := stat.Quantile(word)
	return 1 - q, ok
}

// stands says whether a decision holds however much larger the quantiles are of which
// only a bound is known, as those of trials in which more than a share had no answer.
// What was not decided stands.
func (in Input) stands(f finding, d decision, share float64) bool {
	bounded := func(s side, pick func(stat.Pair) int) bool {
		cells := cellsOf([][]stat.Pair{s.cmp.Pairs}, pick)
		return slices.ContainsFunc(among(in.Main, cells), func(s *sample.Sample) bool { return errorShare(s) > share })
	}
	still := func(place stat.Place) func(side) bool {
		return func(s side) bool {
			if s.fixed != nil {
				return s.place == place
			}
			i := s.cmp.Effect.Interval(d.level)
			if bounded(s, ofCell) {
				i.Hi = math.Inf(1)
			}
			if bounded(s, toCell) {
				i.Lo = math.Inf(-1)
			}
			return s.region.Place(i) == place
		}
	}
	switch d.word {
	case Supported:
		return !slices.ContainsFunc(f.sides, func(s side) bool { return !still(stat.Inside)(s) })
	case Refuted:
		return slices.ContainsFunc(f.sides, still(stat.Outside))
	}
	return true
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

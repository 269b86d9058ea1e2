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
)

// doubts adds what concerns the run as a whole: failing controls, metrics
// that wander, what varied without being asked for, failures.
func (in Input) doubts(r *Results) {
	switch planned := in.Plan.Analysis; {
	case planned == 0:
		r.warn(fmt.Sprintf("the plan notes no analysis version: its claims were fixed before the first trial, the rules that judge them here (version %d) were not", Version))
	case planned != Version:
		r.warn(fmt.Sprintf("the run was planned for analysis version %d and is judged by version %d: the assay that ran it may give other verdicts", planned, Version))
	}
	for _, c := range r.Controls {
		in.failing(r, c)
	}
	if len(r.Verdicts) == 0 {
		in.unclaimed(r)
	}
	in.wandering(r)
	for _, w := range stat.Residue(in.Plan, in.Main) {
		r.warn(w)
	}
	in.marked(r)
	in.impatient(r)
	in.lost(r)
}

func (r *Results) warn(text string) { r.Warnings = once(r.Warnings, text) }

// failing tells of a control that could not be judged, puts a failed one on every
// verdict that rests on samples, and says where an effect is no larger than what
// two equal cells may differ by.
func (in Input) failing(r *Results, c Control) {
	if c.Open {
		r.warn(fmt.Sprintf("the %s arm could not be judged: %s", c.Arm, c.Why))
		return
	}
	if !c.OK {
		r.warn(fmt.Sprintf("the %s arm fails: %s", c.Arm, c.Why))
	}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if len(v.Sides) == 0 || c.Arm != plan.ArmAA {
			continue
		}
		if !c.OK {
			v.warn(fmt.Sprintf("a failing aa arm: %s (equal cells differ here, and so might these for no reason of their own)", c.Why))
		}
		if v.Word == Supported && !v.Exact && v.Metric == c.Metric && belowFloor(*v, c) {
			v.warn(fmt.Sprintf("the effect is below what the aa arm can tell from none (%s): repeat it with more blocks", percent(c.Side.Smallest)))
		}
	}
}

// belowFloor says whether a ratio that is claimed to differ from 1 differs by
// less than the half-width of the aa arm.
func belowFloor(v Verdict, c Control) bool {
	for _, s := range v.Sides {
		region := stat.Region{Lo: bound(s.RegionLo), Hi: bound(s.RegionHi)}
		if s.Estimate > 0 && c.Side.Estimate > 0 && c.Side.Smallest > 0 && !region.Contains(1) &&
			math.Abs(math.Log(s.Estimate)) < math.Log1p(c.Side.Smallest) {
			return true
		}
	}
	return false
}

// bound is an end as it stands in a Side; whether it is closed is lost there,
// and open is the side that doubts more.
func bound(v *float64) stat.Bound {
	if v == nil {
		return stat.Bound{Inf: true}
	}
	return stat.Bound{Value: *v}
}

// unclaimed looks for doubts in a run without claims: cell by cell, on the
// metrics that claims would have been about.
func (in Input) unclaimed(r *Results) {
	var all []stat.Comparison
	for _, q := range in.claimed() {
		q.Quantity = stat.Value
		for _, c := range in.Plan.Cells {
			if c.Arm != plan.ArmMain {
				continue
			}
			q.Of = c.Levels
			if cmp, err := stat.Compare(in.Plan, in.Main, q); err == nil {
				all = append(all, cmp)
				for _, w := range cmp.Warnings() {
					r.warn(q.Metric + ": " + w)
				}
			}
		}
	}
	for _, w := range stat.Ties(all) {
		r.warn(w)
	}
	if text := adopted(pointers(in.Main)); text != "" {
		r.warn(text)
	}
}

// wandering looks at the metrics of claims and at the primary ones over all cells,
// whatever became of the claims: one that is not judged has no doubts of its own.
func (in Input) wandering(r *Results) {
	qs := in.claimed()
	for _, unit := range in.matter() {
		if !slices.ContainsFunc(qs, func(q stat.Question) bool { return q.Metric == unit }) {
			qs = append(qs, stat.Question{Metric: unit})
		}
	}
	for _, q := range qs {
		q.Without = in.without()
		if w := stat.Wander(in.Plan, in.Main, q, len(qs)); w != "" {
			r.warn(w)
		}
	}
}

// lost counts failed trials by cell, and names the cells that were given up.
func (in Input) lost(r *Results) {
	for _, c := range in.Plan.Cells {
		trials, skipped := map[int]bool{}, map[int]bool{}
		var kinds []string
		why := ""
		for _, s := range in.Failed {
			switch {
			case s.Cell != c.Index || s.Block < 0:
			case s.Outcome == sample.GivenUp:
				skipped[s.N], why = true, s.Error
			case s.Failed() || s.Outcome == sample.Gone:
				trials[s.N] = true
				if !slices.Contains(kinds, string(s.Outcome)) {
					kinds = append(kinds, string(s.Outcome))
				}
			}
		}
		if len(trials) > 0 {
			slices.Sort(kinds)
			r.warn(fmt.Sprintf("failures: attempts at %s of %s failed (%s); trials.jsonl holds the tail of their stderr", prose.Plural(len(trials), "trial"), in.Plan.Name(c), strings.Join(kinds, ", ")))
		}
		if len(skipped) > 0 {
			r.warn(fmt.Sprintf("%s: %s; its other trials (%d) were not started (mend it and start a new run: --resume does not try it again)", in.Plan.Name(c), brief(why), len(skipped)))
		}
	}
}

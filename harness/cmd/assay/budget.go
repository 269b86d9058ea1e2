package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/spec"
)

// made is how many blocks a run would make: those of the design, or, under a budget,
// those that it holds. The first is made whatever it takes.
func (o overview) made() int {
	if o.Time.Budget > 0 && o.Time.Trial > 0 {
		return max(1, o.Time.Blocks)
	}
	return o.Blocks
}

// short says that the budget, or the run, does not hold the blocks that a precision
// takes, and what would; empty where it does, or where that is not known.
func (o overview) short(precision float64) string {
	if precision == 0 || o.Time.Budget == 0 || o.Time.Block == 0 || o.Detectable == nil {
		return ""
	}
	most, beyond := 0, false
	for _, p := range o.Detectable.Prospects {
		most = max(most, p.Precise)
		beyond = beyond || p.Quantity == spec.Ratio && p.Detectable != nil && p.Precise == 0
	}
	if beyond || most > o.MaxBlocks {
		return fmt.Sprintf("the precision of %.3g %% takes more blocks than the %d that this run may have, whatever its budget (ask for a coarser one)", 100*precision, o.MaxBlocks)
	}
	need := time.Duration(most)*o.Time.Block + time.Duration(o.Trials)*o.Time.Trial - time.Duration(o.Blocks)*o.Time.Block // with the warm-ups
	if need <= o.Time.Budget {
		return ""
	}
	return fmt.Sprintf("the precision of %.3g %% takes about %s, %v, and the budget of %v holds %d: --budget %s would hold them",
		100*precision, prose.Plural(most, "block"), rough(need), o.Time.Budget, o.Time.Blocks, roundedUp(need))
}

// roundedUp is a time rounded up, as a flag takes it: to the minute, a shorter one to the
// second.
func roundedUp(d time.Duration) string {
	if d <= time.Minute {
		return fmt.Sprintf("%ds", int(math.Ceil(d.Seconds())))
	}
	return fmt.Sprintf("%dm", int(math.Ceil(d.Minutes())))
}

// tellShort says before a run what an earlier one knows of the precision asked for on
// the command line: that the budget is too small for it.
func (l *lab) tellShort(ctx context.Context, p *prepared, f runFlags) {
	precision := p.plan.Spec.Override.Precision
	if precision == 0 {
		return
	}
	named := ""
	if root, err := l.resultsRoot(f); err == nil && f.results != "" {
		named, _ = results.Latest(root, p.plan.Spec.Name) // none there: as without --results
	}
	known, err := l.know(p, named)
	if err != nil {
		return // what can't be foreseen keeps no run from starting
	}
	if text := l.overview(ctx, p, known, false).short(precision); text != "" {
		fmt.Fprintln(l.stderr, "note:", text)
	}
}

// blocksIn is how many blocks of so many trials a budget holds, the plan's at most.
func blocksIn(p plan.Plan, budget, trial time.Duration, trials int) int {
	if trial <= 0 || trials <= 0 {
		return 0
	}
	return min(len(p.Blocks), int(budget/(trial*time.Duration(trials))))
}

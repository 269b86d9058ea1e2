package run

import (
	"context"
	"fmt"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// A streak is how many attempts of a cell failed in a row. It follows from the
// attempts that stand, so that a run which is gone on with gives up what the run
// before it did.
type streak struct {
	failed int
	last   sample.Sample // of them
	told   bool          // some trial since was committed as given up
}

// and takes in the next attempt. One that was void, or not made, says nothing of
// the cell.
func (k streak) and(s sample.Sample) streak {
	switch {
	case s.Failed():
		return streak{failed: k.failed + 1, last: s}
	case s.Counts():
		return streak{}
	case s.Outcome == sample.GivenUp:
		k.told = true
	}
	return k
}

// over says that the cell is given up: it would fail again, and each trial of it
// would take its attempts from the budget.
func (k streak) over() bool { return k.failed >= sample.MaxFailures }

func (k streak) String() string {
	return fmt.Sprintf("given up after %d failures in a row: %s: %s", k.failed, k.last.Outcome, k.last.Error)
}

// gaveUp says whether a step is made no more: a cell of it is given up. The other one
// of a duet goes with it, as it is never measured alone.
func (w *walk) gaveUp(step []plan.Trial) bool {
	for _, t := range step {
		if w.streaks[t.Cell].over() {
			return true
		}
	}
	return false
}

// allGivenUp says whether nothing is left to be made, and the record says so of all.
func (w *walk) allGivenUp() bool {
	return !slices.ContainsFunc(w.Plan.Steps(), func(cells plan.Step) bool {
		givenUp := func(cell int) bool { return w.streaks[cell].over() && w.streaks[cell].told }
		open := func(cell int) bool { return !w.skip(plan.Trial{Cell: cell}) }
		return slices.ContainsFunc(cells, open) && !slices.ContainsFunc(cells, givenUp)
	})
}

// attempt has a step made, or says of each of its trials why it was not.
func (w *walk) attempt(ctx context.Context, step []Attempt) ([]sample.Sample, error) {
	for _, a := range step {
		if k := w.streaks[a.Trial.Cell]; a.Block >= 0 && k.over() {
			return w.givenUp(step, a, k), nil
		}
	}
	return w.Executor.Try(ctx, step)
}

func (w *walk) givenUp(step []Attempt, failing Attempt, k streak) []sample.Sample {
	all := make([]sample.Sample, len(step))
	for i, a := range step {
		why := k.String()
		if a.Trial.Cell != failing.Trial.Cell {
			why = fmt.Sprintf("%s, beside which it runs, was %s", w.Plan.Name(failing.Cell), why)
		}
		all[i] = sample.Sample{Env: k.last.Env, Emulated: k.last.Emulated, Start: w.Now().UTC(), Outcome: sample.GivenUp, Error: why}
	}
	return all
}

package run

import (
	"context"
	"fmt"
	"slices"
	"time"

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

// lost says whether a step is made no more: a cell of it is given up. The other one
// of a duet goes with it, as it is never measured alone.
func (w *walk) lost(step []plan.Trial) bool {
	for _, t := range step {
		if w.losing[t.Cell].over() {
			return true
		}
	}
	return false
}

// allLost says whether nothing is left to be made, and the record says so of all.
func (w *walk) allLost() bool {
	return !slices.ContainsFunc(w.Plan.Steps(), func(cells plan.Step) bool {
		lost := func(cell int) bool { return w.losing[cell].over() && w.losing[cell].told }
		open := func(cell int) bool { return !w.skip(plan.Trial{Cell: cell}) }
		return slices.ContainsFunc(cells, open) && !slices.ContainsFunc(cells, lost)
	})
}

// attempt has a step made, or says of each of its trials why it was not.
func (w *walk) attempt(ctx context.Context, step []Attempt) ([]sample.Sample, error) {
	for _, a := range step {
		if k := w.losing[a.Trial.Cell]; a.Block >= 0 && k.over() {
			return w.givenUp(step, a, k), nil
		}
	}
	return w.Executor.Try(ctx, step)
}

func (w *walk) givenUp(step []Attempt, lost Attempt, k streak) []sample.Sample {
	all := make([]sample.Sample, len(step))
	for i, a := range step {
		why := k.String()
		if a.Trial.Cell != lost.Trial.Cell {
			why = fmt.Sprintf("%s, beside which it runs, was %s", w.Plan.Name(lost.Cell), why)
		}
		all[i] = sample.Sample{Env: k.last.Env, Emulated: k.last.Emulated, Start: w.Now().UTC(), Outcome: sample.GivenUp, Error: why}
	}
	return all
}

// A cost is what a block took, all attempts counted.
type cost struct {
	all   time.Duration
	cells []time.Duration // of it each cell's share
}

func newCost(p plan.Plan) cost { return cost{cells: make([]time.Duration, len(p.Cells))} }

// add takes in a step. Trials that ran at once took the time together.
func (c *cost) add(step []plan.Trial, took time.Duration) {
	c.all += took
	for _, t := range step {
		c.cells[t.Cell] += took / time.Duration(len(step))
	}
}

// costsOf are the blocks of earlier sessions, by what their trials took.
func costsOf(p plan.Plan, done []sample.Sample) []cost {
	at := map[int]int{}
	var all []cost
	for _, s := range done {
		if s.Block < 0 {
			continue
		}
		i, known := at[s.Block]
		if !known {
			i = len(all)
			at[s.Block] = i
			all = append(all, newCost(p))
		}
		took := time.Duration(s.Wall)
		if p.Duet() {
			took /= 2 // the other one took the same time
		}
		all[i].add([]plan.Trial{{Cell: s.Cell}}, took)
	}
	return all
}

// longest is what the next block may take: as long as the longest so far with all
// its retries, but for the cells that are given up since.
func (w *walk) longest() time.Duration {
	var most time.Duration
	for _, c := range w.costs {
		left := c.all
		for cell, spent := range c.cells {
			if w.losing[cell].over() {
				left -= spent
			}
		}
		most = max(most, left)
	}
	return most
}

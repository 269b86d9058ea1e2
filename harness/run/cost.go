package run

import (
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

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
			if w.streaks[cell].over() {
				left -= spent
			}
		}
		most = max(most, left)
	}
	return most
}

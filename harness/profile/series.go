package profile

import (
	"slices"

	"github.com/assaylab/assay/harness/plan"
)

// Series puts, after each group of interleaved blocks, one block that runs as
// many trials of the first arm one after the other and then as many of the
// second. Both ways get the same trials and, group by group, the same hours. The
// orders of the interleaved blocks stay; trials are numbered anew.
func Series(p plan.Plan, group int) plan.Plan {
	main := arms(p)
	var blocks []plan.Block
	for i, b := range p.Blocks {
		blocks = append(blocks, plan.Block{Nuisance: b.Nuisance, Trials: slices.Clone(b.Trials)})
		if (i+1)%group > 0 || len(main) < 2 {
			continue
		}
		var s plan.Block
		for _, cell := range main[:2] {
			for range group {
				s.Trials = append(s.Trials, plan.Trial{Cell: cell})
			}
		}
		blocks = append(blocks, s)
	}
	n := 0
	for _, b := range blocks {
		plots := b.Trials
		for i := range plots {
			if isSeries(b) {
				plots[i].Plot, plots[i].Step = i, i
			}
			plots[i].N = n
			n++
		}
	}
	p.Blocks = blocks
	return p
}

// isSeries says whether a block repeats a cell, as only a series does.
func isSeries(b plan.Block) bool {
	seen := map[int]bool{}
	for _, t := range b.Trials {
		if seen[t.Cell] {
			return true
		}
		seen[t.Cell] = true
	}
	return false
}

// arms are the cells that do the same, in order; the slowed-down one is apart.
func arms(p plan.Plan) []int {
	var cells []int
	for _, c := range p.Cells {
		if c.Arm == plan.ArmMain {
			cells = append(cells, c.Index)
		}
	}
	return cells
}

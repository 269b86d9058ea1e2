package setup

import (
	"fmt"
	"maps"
	"slices"

	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
)

// Feasible says what of the plan can be tested here: by its knobs, and, where
// trials run two at a time, by the CPUs that each then has. The error is [Unfit].
func (s Site) Feasible() (knob.Feasibility, error) {
	f := knob.Feasible(s.Plan, s.Host, s.Reach)
	f.Uncounted = s.uncounted()
	if !s.Plan.Duet() {
		return f, nil
	}
	return f, s.duet(&f)
}

// Reasons says why cells are not testable: a line for each level that this machine
// can't have, for each claim on what it can't count, and for cells whose levels do not
// go together.
func Reasons(p plan.Plan, f knob.Feasibility) []string {
	var lines []string
	for _, l := range f.Levels {
		if l.Word != knob.Yes {
			lines = append(lines, "not testable here: "+l.Why)
		}
	}
	for _, c := range p.Spec.Claims {
		if why, ok := f.Uncounted[c.Compare.Metric.Text]; ok {
			lines = append(lines, fmt.Sprintf("not testable here: claim %s: %s is not counted: %s", c.ID.Text, c.Compare.Metric.Text, why))
		}
	}
	apart := map[string][]string{}
	for _, c := range f.Cells {
		if cell := p.Cells[c.Index]; !c.Testable && !lacks(p.Settings(cell), f) {
			apart[c.Why] = append(apart[c.Why], p.Name(cell))
		}
	}
	for _, why := range slices.Sorted(maps.Keys(apart)) {
		lines = append(lines, fmt.Sprintf("not testable here: %s: %s", prose.Few(apart[why], mostNames), why))
	}
	return lines
}

// lacks says whether a cell has a level that this machine can't have.
func lacks(levels map[string]string, f knob.Feasibility) bool {
	return slices.ContainsFunc(f.Levels, func(l knob.LevelSupport) bool {
		return l.Word != knob.Yes && levels[l.Key] == l.Level
	})
}

// mostNames is how many names of cells or of benchmarks stand in a sentence.
const mostNames = 3

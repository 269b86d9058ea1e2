package stat

import (
	"maps"
	"slices"
)

// A Reading is all that was read of one cell, for values without noise.
type Reading struct {
	Cell   int       // index
	Name   string    // as plan.Plan.Name shows it
	Trials int       // that held the metric
	Values []float64 // distinct, ascending; every line counts, not only medians
}

// Readings are what a comparison's cells gave, in the order of the plan.
func (c Comparison) Readings() []Reading {
	var all []Reading
	for _, s := range c.series {
		r := Reading{Cell: s.cell, Name: s.name, Trials: len(s.values)}
		r.Values = slices.Sorted(maps.Keys(s.distinct))
		all = append(all, r)
	}
	return all
}

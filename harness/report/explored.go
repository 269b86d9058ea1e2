package report

import (
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/harness/verdict"
)

// Explored are the effects and variations of an exploration, as a report shows them.
func Explored(x verdict.Exploration) (effects []Effect, variations []Variation) {
	for _, e := range x.Effects {
		effects = append(effects, Effect{
			Exploratory: true, Interaction: e.Interaction, Benchmark: e.Benchmark, Metric: e.Metric, Quantity: string(stat.Ratio), Of: e.Of, To: e.To,
			Estimate: e.Estimate, Lo: e.Lo, Hi: e.Hi, Level: e.Level, N: e.N, P: &e.P, Q: &e.Q, Smallest: e.Smallest, Bootstrap: e.Bootstrap,
		})
	}
	for _, a := range x.Allocations {
		v := Variation{Metric: a.Metric, Why: a.Why, Blocks: a.Blocks, Cells: a.Cells, Left: a.Left, Note: a.Note}
		for _, s := range a.Sources {
			v.Sources = append(v.Sources, sourceOf(s))
		}
		variations = append(variations, v)
	}
	return effects, variations
}

func sourceOf(s stat.Source) Source {
	out := Source{Name: s.Name(), Kind: string(s.Kind), Share: s.Share, SS: s.SS, DF: s.DF, Axes: s.Axes, Means: s.Means}
	for _, axis := range s.Steps {
		var names []string
		for _, l := range axis {
			names = append(names, l.String())
		}
		out.Steps = append(out.Steps, names)
	}
	return out
}

package main

import (
	"fmt"
	"math"

	"github.com/assaylab/assay/harness/report"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/harness/verdict"
)

// An exploration is what nobody predicted: effects, and what moves a metric.
type exploration struct {
	effects    []report.Effect
	variations []report.Variation
}

// explore compares each step of each axis of the matrix with the first, asks of
// each pair of axes whether they depend on each other, and allocates the
// variation, for the metrics that matter. Effects are corrected over all of
// them by Benjamini-Hochberg and marked exploratory.
func explore(in verdict.Input) exploration {
	x := explorer{Input: in, axes: stat.Axes(in.Plan)}
	var variations []report.Variation
	for _, metric := range matter(in) {
		q := x.question(metric)
		x.mains(q)
		left := x.interactions(q)
		if v, ok := x.variation(q); ok {
			v.Note = left
			variations = append(variations, v)
		}
	}
	for i, q := range stat.BenjaminiHochberg(x.ps) {
		x.effects[i].Q = &q
	}
	return exploration{x.effects, variations}
}

// exploreLevel is that of exploratory intervals, each by itself.
const exploreLevel = 0.95

// mostInteractions of one metric are listed one by one. More would bury the
// rest of the table, and each costs the others some of their power.
const mostInteractions = 200

type explorer struct {
	verdict.Input
	axes    []stat.Axis
	effects []report.Effect
	ps      []float64
}

func (x *explorer) question(metric string) stat.Question {
	q := stat.Question{Metric: metric, Quantity: stat.Ratio, Without: map[int]bool{}}
	for cell := range x.Untestable {
		q.Without[cell] = true
	}
	for _, m := range x.Metrics {
		if m.Unit == metric {
			q.Resolution = m.Resolution
		}
	}
	return q
}

// mains are the main effects: within a block, over equal other levels.
func (x *explorer) mains(q stat.Question) {
	for _, a := range x.axes {
		for _, s := range a.Steps[min(1, len(a.Steps)):] {
			q.Of, q.To = s, a.Steps[0]
			if c, err := stat.Compare(x.Plan, x.Main, q); err == nil { // else not comparable as a ratio: nothing to explore
				x.add(c, s.String(), a.Steps[0].String(), false)
			}
		}
	}
}

// interactions are the two-way ones, of each step against the first on both
// axes. It returns why there are none where they are too many.
func (x *explorer) interactions(q stat.Question) (left string) {
	n := 0
	for i, a := range x.axes {
		for _, b := range x.axes[i+1:] {
			n += (len(a.Steps) - 1) * (len(b.Steps) - 1)
		}
	}
	if n > mostInteractions {
		return fmt.Sprintf("%d two-way contrasts are not listed one by one (more than %d): claim those that matter", n, mostInteractions)
	}
	for i, a := range x.axes {
		for _, b := range x.axes[i+1:] {
			x.between(q, a, b)
		}
	}
	return ""
}

func (x *explorer) between(q stat.Question, a, b stat.Axis) {
	for _, s := range a.Steps[1:] {
		for _, at := range b.Steps[1:] {
			q.Of, q.To = s, a.Steps[0]
			c, err := stat.Interaction{Question: q, At: at, Base: b.Steps[0]}.Compare(x.Plan, x.Main)
			if err == nil {
				x.add(c, fmt.Sprintf("%s over %s at %s", s, a.Steps[0], at), "at "+b.Steps[0].String(), true)
			}
		}
	}
}

func (x *explorer) add(c stat.Comparison, of, to string, interaction bool) {
	i := c.Effect.Interval(exploreLevel)
	p, _ := c.Effect.P(stat.Only(1))
	e := report.Effect{
		Exploratory: true, Interaction: interaction, Metric: c.Metric, Quantity: string(stat.Ratio), Of: of, To: to,
		Estimate: c.Effect.Estimate(), Lo: finite(i.Lo), Hi: finite(i.Hi), Level: exploreLevel, N: c.Effect.N(), P: &p,
		Smallest: share(c.Effect.HalfWidth(exploreLevel)),
	}
	if x.Bootstrap {
		e.Bootstrap = verdict.BootstrapOf(c.Effect, exploreLevel)
	}
	x.effects, x.ps = append(x.effects, e), append(x.ps, p)
}

// variation says which factor moves a metric, where there is more than one
// comparison to be made; ok is false where there is not.
func (x *explorer) variation(q stat.Question) (v report.Variation, ok bool) {
	if len(x.axes) == 0 || len(x.axes) == 1 && len(x.axes[0].Steps) < 3 {
		return v, false
	}
	v.Metric = q.Metric
	got, err := stat.Allocate(x.Plan, x.Main, q)
	if err != nil {
		v.Why = err.Error()
		return v, true
	}
	v.Blocks, v.Cells, v.Left = got.Blocks, got.Cells, got.Left
	for _, s := range got.Sources {
		v.Sources = append(v.Sources, source(s))
	}
	return v, true
}

func source(s stat.Source) report.Source {
	out := report.Source{Name: s.Name(), Kind: string(s.Kind), Share: s.Share, SS: s.SS, DF: s.DF, Axes: s.Axes, Means: s.Means}
	for _, axis := range s.Steps {
		var names []string
		for _, l := range axis {
			names = append(names, l.String())
		}
		out.Steps = append(out.Steps, names)
	}
	return out
}

// matter are the primary metrics and those that claims name.
func matter(in verdict.Input) []string {
	var units []string
	seen := map[string]bool{}
	add := func(unit string) {
		if !seen[unit] {
			seen[unit] = true
			units = append(units, unit)
		}
	}
	for _, m := range in.Metrics {
		if m.Primary && !m.Exact {
			add(m.Unit)
		}
	}
	exact := map[string]bool{}
	for _, m := range in.Metrics {
		exact[m.Unit] = m.Exact
	}
	for _, c := range in.Plan.Spec.Claims {
		if !exact[c.Compare.Metric.Text] {
			add(c.Compare.Metric.Text)
		}
	}
	return units
}

// finite is a bound as JSON can hold it: nil where it is unbounded.
func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}

func share(v float64) float64 {
	if finite(v) == nil {
		return 0
	}
	return v
}

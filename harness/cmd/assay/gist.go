package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/harness/verdict"
)

// A gist is what the looks at the precision need of the samples so far: of each
// trial the attempt that the main analysis takes, and of that the values that
// claims are about. Whole samples of ten thousand trials are not kept in memory.
type gist struct {
	in    verdict.Input // but its samples
	want  float64       // precision, as a share
	main  []sample.Sample
	at    map[int]int       // trial -> index of main
	units map[string]string // that were seen -> themselves, "" where no claim is about one
	names map[string]string // of lines
}

// gist of a plan that asks for a precision; nil for one that does not.
func (p *prepared) gist() *gist {
	want := p.plan.Spec.Design.Precision
	if want == 0 {
		return nil
	}
	return &gist{
		in: p.evidence(results.Run{Plan: p.plan}), want: want,
		at: map[int]int{}, units: map[string]string{}, names: map[string]string{},
	}
}

// take adds an attempt, in the order in which attempts are committed.
func (g *gist) take(s sample.Sample) {
	if g == nil || s.Block < 0 || !s.Counts() {
		return
	}
	i, known := g.at[s.N]
	switch {
	case !known:
		g.at[s.N] = len(g.main)
		g.main = append(g.main, g.slim(s))
	case s.Clean() && !g.main[i].Clean():
		g.main[i] = g.slim(s)
	}
}

func (g *gist) slim(s sample.Sample) sample.Sample {
	few := sample.Sample{
		N: s.N, Block: s.Block, Cell: s.Cell, Attempt: s.Attempt, Window: s.Window, Outcome: s.Outcome, Taints: s.Taints,
		Standings: outOfForce(s.Standings),
	}
	for _, l := range s.Lines {
		var values []sample.Value
		for _, v := range l.Values {
			if unit := g.claimed(v.Unit); unit != "" {
				values = append(values, sample.Value{Value: v.Value, Unit: unit})
			}
		}
		if values != nil {
			few.Lines = append(few.Lines, sample.Line{Name: g.once(l.Name), Iters: l.Iters, Values: slices.Clip(values)})
		}
	}
	return few
}

// outOfForce are the standings that make a claim invalid; nil as a rule.
func outOfForce(all map[string]sample.Standing) map[string]sample.Standing {
	var bad map[string]sample.Standing
	for key, st := range all {
		if st.Word != string(knob.NotInForce) {
			continue
		}
		if bad == nil {
			bad = map[string]sample.Standing{}
		}
		bad[key] = st
	}
	return bad
}

// claimed is a unit that some claim is about; "" for any other.
func (g *gist) claimed(unit string) string {
	kept, known := g.units[unit]
	if known {
		return kept
	}
	unit = strings.Clone(unit)
	for _, c := range g.in.Plan.Spec.Claims {
		if _, same := stat.Same(unit, c.Compare.Metric.Text); same {
			kept = unit
		}
	}
	g.units[unit] = kept
	return kept
}

// once keeps each text in memory once.
func (g *gist) once(text string) string {
	kept, known := g.names[text]
	if !known {
		kept = strings.Clone(text)
		g.names[kept] = kept
	}
	return kept
}

// precise is the look at the precision; nil where none is asked for.
func (g *gist) precise() func(int) (string, bool) {
	if g == nil {
		return nil
	}
	return func(blocks int) (string, bool) {
		g.in.Main = g.main
		got, ok := verdict.Precision(g.in)
		return fmt.Sprintf("the precision of %.3g %% is reached after %d blocks", 100*g.want, blocks), ok && got <= g.want
	}
}

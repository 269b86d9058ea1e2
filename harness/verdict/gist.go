package verdict

import (
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
)

// A Gist is what the looks at the precision need of the samples so far: of each
// trial the attempt that the main analysis takes, and of that the values that
// claims are about. Whole samples of ten thousand trials are not kept in memory.
// A nil Gist takes nothing.
type Gist struct {
	in    Input             // but its samples
	at    map[int]int       // trial -> index of in.Main
	units map[string]string // that were seen -> themselves, "" where no claim is about one
	names map[string]string // of lines
}

// NewGist begins with an input without samples.
func NewGist(in Input) *Gist {
	return &Gist{in: in, at: map[int]int{}, units: map[string]string{}, names: map[string]string{}}
}

// Take adds an attempt, in the order in which attempts are committed.
func (g *Gist) Take(s sample.Sample) {
	if g == nil || s.Block < 0 || !s.Counts() {
		return
	}
	i, known := g.at[s.N]
	switch {
	case !known:
		g.at[s.N] = len(g.in.Main)
		g.in.Main = append(g.in.Main, g.slim(s))
	case s.Clean() && !g.in.Main[i].Clean():
		g.in.Main[i] = g.slim(s)
	}
}

// Trials is how many trials it holds.
func (g *Gist) Trials() int { return len(g.in.Main) }

// Precision is [Precision] of what was taken.
func (g *Gist) Precision() (share float64, ok bool) { return Precision(g.in) }

func (g *Gist) slim(s sample.Sample) sample.Sample {
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
		if st.Word != sample.NotInForce {
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
func (g *Gist) claimed(unit string) string {
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
func (g *Gist) once(text string) string {
	kept, known := g.names[text]
	if !known {
		kept = strings.Clone(text)
		g.names[kept] = kept
	}
	return kept
}

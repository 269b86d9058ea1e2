package verdict

import (
	"fmt"
	"math"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
)

// The band in which a ratio is called equivalent.
const (
	bandLo = 0.97
	bandHi = 1.03
)

// everything is the region that leaves nothing out.
var everything = stat.Region{Lo: stat.Bound{Inf: true}, Hi: stat.Bound{Inf: true}}

// write makes a finding and its decision a Verdict.
func (in Input) write(x part, f finding, d decision) Verdict {
	v := Verdict{
		Claim: x.claim.ID.Text, Part: x.name, Case: x.label, Source: source(x.claim.Source), Says: x.claim.Says,
		Relation: x.rel.Text, Metric: x.claim.Compare.Metric.Text, Line: strings.TrimPrefix(x.claim.Compare.Benchmark.Text, "Benchmark"), Of: x.claim.Compare.Of.String(),
		Word: d.word, Why: f.why, Exact: f.exact, Remarks: f.remarks, Rank: d.rank,
	}
	if f.word == "" {
		p := f.p
		v.P, v.Fair = &p, &d.fair
	}
	for _, s := range f.sides {
		v.Sides = append(v.Sides, in.writeSide(s, f, d))
		if s.fixed == nil {
			v.Level = d.level
			for _, w := range s.cmp.Warnings() {
				v.warn(w)
			}
		}
	}
	if len(f.sides) > 0 && !f.exact {
		v.Why = sentence(x, f, d)
		if f.why != "" {
			v.Why = f.why + "; " + v.Why
		}
	}
	for _, s := range v.Sides {
		if x.rel.Quantity == spec.Ratio && within(s, bandLo, bandHi) && !f.exact {
			v.remark(fmt.Sprintf("equivalent: the interval%s lies in %v..%v", against(s.To), bandLo, bandHi))
		}
	}
	for _, r := range in.elsewhere(x) {
		v.remark(r)
	}
	return v
}

// writeSide makes a side of a finding one of a Verdict. No number of blocks settles what
// is not for statistics to decide.
func (in Input) writeSide(s side, f finding, d decision) Side {
	written := s.write(d)
	if f.word != "" {
		written.Needed = 0
	}
	if in.Bootstrap && s.fixed == nil {
		written.Bootstrap = bootstrapOf(s.cmp.Effect, d.level)
	}
	return written
}

func (v *Verdict) remark(text string) { v.Remarks = once(v.Remarks, text) }
func (v *Verdict) warn(text string)   { v.Warnings = once(v.Warnings, text) }

func once(list []string, text string) []string {
	for _, t := range list {
		if t == text {
			return list
		}
	}
	return append(list, text)
}

func against(to string) string {
	if to == "" {
		return ""
	}
	return " over " + to
}

func source(s spec.Source) string {
	if s.Section == "" {
		return s.Title
	}
	return s.Title + ", " + s.Section
}

func within(s Side, lo, hi float64) bool {
	return s.Lo != nil && s.Hi != nil && *s.Lo >= lo && *s.Hi <= hi
}

// sentence carries the numbers: what was compared, the effect, its interval
// and level, the blocks, and what follows.
func sentence(x part, f finding, d decision) string {
	c := x.claim.Compare
	text := c.Metric.Text
	blocks := -1
	for i, s := range f.sides {
		if i > 0 {
			text += ";"
		} else {
			text += ","
		}
		text += " " + effect(x, s, d)
		if n := len(s.cmp.Points); s.fixed == nil && (blocks < 0 || n < blocks) {
			blocks = n
		}
	}
	text += ", " + prose.Plural(blocks, "block")
	switch d.word {
	case Supported:
		text += "; inside " + x.rel.Text
	case Refuted:
		text += "; outside " + x.rel.Text
	case Inconclusive:
		if f.word == "" { // else no number of blocks settles it
			text += "; " + short(f, d)
		}
	}
	return text
}

// effect is "thp=madvise over thp=never: 0.998 (0.981 .. 1.012 at 97.5 %)".
func effect(x part, s side, d decision) string {
	name := x.claim.Compare.Of.String()
	switch x.rel.Quantity {
	case spec.Ratio:
		name += " over " + s.to
	case spec.Difference:
		name += " minus " + s.to
	case spec.Share:
		name = "share of trials above 0 with " + name
	}
	if x.label != "" {
		name += " (" + x.label + ")"
	}
	if s.fixed != nil {
		return fmt.Sprintf("%s: %s by identity", name, number(s.fixed.Lo, s.region))
	}
	i := s.cmp.Effect.Interval(d.level)
	if !i.Bounded() {
		return fmt.Sprintf("%s: %s (no finite interval at %s)", name, number(s.cmp.Effect.Estimate(), s.region), percent(d.level))
	}
	return fmt.Sprintf("%s: %s (%s .. %s at %s)", name, number(s.cmp.Effect.Estimate(), s.region),
		number(i.Lo, s.region), number(i.Hi, s.region), percent(d.level))
}

// short says what is missing for a decision.
func short(f finding, d decision) string {
	fewest, needed := 0, 0
	smallest, unknown := 0.0, false
	var relative bool
	for _, s := range f.sides {
		if s.fixed != nil {
			continue
		}
		relative = s.cmp.Quantity == stat.Ratio
		if n := stat.FewestAt(1 - d.level); s.cmp.Effect.N() < n && s.cmp.Quantity != stat.Share {
			fewest = n
		}
		if s.region.Place(s.cmp.Effect.Interval(d.level)) == stat.Straddles {
			n := s.cmp.Effect.Needed(s.region, d.level)
			needed, unknown = max(needed, n), unknown || n == 0
		}
		smallest = max(smallest, s.cmp.Effect.HalfWidth(d.level))
	}
	var parts []string
	switch {
	case fewest > 0:
		parts = append(parts, fmt.Sprintf("needs >= %d blocks at this level", fewest))
	case math.IsInf(smallest, 0):
		parts = append(parts, "the metric's resolution leaves it open")
	case relative:
		parts = append(parts, "smallest detectable effect "+percent(smallest))
	default:
		parts = append(parts, "smallest detectable effect "+number(smallest, everything))
	}
	switch {
	case unknown:
		parts = append(parts, "how many blocks would settle it cannot be told: the estimate is too near the bound for the metric's resolution")
	case needed > fewest:
		parts = append(parts, "about "+prose.Plural(needed, "block")+" would settle it")
	}
	return strings.Join(parts, ", ")
}

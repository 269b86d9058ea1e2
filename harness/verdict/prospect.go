package verdict

import (
	"fmt"
	"math"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
)

// A Prospect is what a planned run could find out about one side of a sub-claim.
type Prospect struct {
	Claim    string        `json:"claim"`
	Part     string        `json:"part"`
	Case     string        `json:"case,omitempty"`
	To       string        `json:"to,omitempty"`
	Metric   string        `json:"metric"`
	Quantity spec.Quantity `json:"quantity"`
	Level    float64       `json:"level"`  // 1 - Alpha/m: that of the hardest judged
	Blocks   int           `json:"blocks"` // planned

	// Detectable is the smallest effect that about every second such run would
	// detect: a ratio's as a share (0.03), else in the metric's unit; nil where
	// Why says that it is not known.
	Detectable *float64 `json:"detectable"`
	Seen       int      `json:"seen,omitempty"` // blocks of the earlier run that tell the spread
	Why        string   `json:"why,omitempty"`
}

// Prospects foresees from an earlier run of an experiment, whose plan may have
// been another, what its claims could detect with a number of blocks.
func Prospects(earlier Input, now plan.Plan, blocks int) []Prospect {
	var all []Prospect
	ps, before := parts(now), parts(earlier.Plan)
	level := 1 - Alpha/float64(max(len(ps), 1))
	for _, x := range ps {
		base := Prospect{
			Claim: x.claim.ID.Text, Part: x.name, Case: x.label, Metric: x.claim.Compare.Metric.Text,
			Quantity: x.rel.Quantity, Level: level, Blocks: blocks,
		}
		i := slices.IndexFunc(before, func(o part) bool { return sameQuestion(x, o) })
		if i < 0 {
			base.Why = "the earlier run did not ask it"
			all = append(all, base)
			continue
		}
		all = append(all, base.of(earlier.find(before[i], earlier.Main))...)
	}
	return all
}

// of are the prospects of each side of a finding.
func (p Prospect) of(f finding) []Prospect {
	if len(f.sides) == 0 || f.exact {
		p.Why = "decided without an interval: " + f.why
		if !f.exact {
			p.Why = f.why
		}
		return []Prospect{p}
	}
	var all []Prospect
	for _, s := range f.sides {
		one := p
		one.To = s.to
		one.see(s)
		all = append(all, one)
	}
	return all
}

func (p *Prospect) see(s side) {
	if s.fixed != nil {
		p.Why = "one binary on both sides"
		return
	}
	p.Seen = s.cmp.Effect.N()
	half := s.cmp.Effect.Foresee(p.Level, p.Blocks)
	switch {
	case !math.IsInf(half, 1):
		p.Detectable = &half
	case s.cmp.Quantity != stat.Share && p.Blocks < stat.FewestAt(1-p.Level):
		p.Why = fmt.Sprintf("%d blocks have no finite interval at %s: needs >= %d", p.Blocks, percent(p.Level), stat.FewestAt(1-p.Level))
	case p.Seen < 2:
		p.Why = fmt.Sprintf("the earlier run has %d blocks: needs >= 2 to tell a spread", p.Seen)
	default:
		p.Why = "the metric's resolution leaves it open"
	}
}

// sameQuestion says whether two plans ask for the same effect. What it is held
// against may differ: the spread does not depend on it.
func sameQuestion(a, b part) bool {
	x, y := a.claim.Compare, b.claim.Compare
	return a.claim.ID.Text == b.claim.ID.Text && a.name == b.name && a.label == b.label && a.rel.Quantity == b.rel.Quantity &&
		x.Metric.Text == y.Metric.Text && x.Benchmark.Text == y.Benchmark.Text && x.Of.String() == y.Of.String() &&
		slices.EqualFunc(x.To, y.To, func(s, t spec.Selection) bool { return s.String() == t.String() })
}

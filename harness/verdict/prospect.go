package verdict

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
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
	Level    float64       `json:"level"`  // 1 - alpha/m: that of the hardest judged
	Blocks   int           `json:"blocks"` // planned

	// Detectable is the smallest effect that about every second such run would
	// detect: a ratio's as a share (0.03), else in the metric's unit; nil where
	// Why says that it is not known.
	Detectable *float64 `json:"detectable"`
	Seen       int      `json:"seen,omitempty"` // blocks of the earlier run that tell the spread
	Why        string   `json:"why,omitempty"`

	// Needed is about how many blocks settle the sub-claim, if the effect is what
	// the earlier run measured: 0 where no number of blocks can be told.
	Needed int `json:"blocks-needed,omitempty"`

	// Settled says that the earlier run settled it with Needed blocks: fewer may do.
	Settled bool `json:"settled,omitempty"`

	// Precise is about how many blocks know the effect as well as the design's
	// precision asks; 0 where it asks for none, or for more than can be had.
	Precise int `json:"blocks-for-precision,omitempty"`

	precision float64
}

// Prospects foresees from an earlier run of an experiment, whose plan may have
// been another, what its claims could detect with a number of blocks.
func Prospects(earlier Input, now plan.Plan, blocks int) []Prospect {
	var all []Prospect
	ps, before := parts(now), parts(earlier.Plan)
	for _, x := range ps {
		base := prospect(x, len(ps), now, blocks)
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
		one.see(s.cmp.Effect, s.fixed != nil)
		if one.Detectable != nil {
			one.Needed, one.Settled = s.needed(one.Level)
		}
		all = append(all, one)
	}
	return all
}

// needed is how many blocks settle a side: those seen, where they did.
func (s side) needed(level float64) (blocks int, settled bool) {
	if s.region.Place(s.cmp.Effect.Interval(level)) != stat.Straddles {
		return s.cmp.Effect.N(), true
	}
	return s.cmp.Effect.Needed(s.region, level), false
}

func (p *Prospect) see(e stat.Effect, fixed bool) {
	if fixed {
		p.Why = "one binary on both sides"
		return
	}
	p.Seen = e.N()
	half := e.Foresee(p.Level, p.Blocks)
	switch {
	case !math.IsInf(half, 1):
		p.Detectable = &half
		p.Precise = blocksFor(e, p.Level, p.precision)
	case p.Quantity != spec.Share && p.Blocks < stat.FewestAt(1-p.Level):
		p.Why = fmt.Sprintf("%s: no finite interval at %s, which needs >= %d", prose.Plural(p.Blocks, "block"), percent(p.Level), stat.FewestAt(1-p.Level))
	case p.Seen < 2:
		p.Why = fmt.Sprintf("the earlier run has %s: needs >= 2 to tell a spread", prose.Plural(p.Seen, "block"))
	default:
		p.Why = "the metric's resolution leaves it open"
	}
}

// mostForeseen bounds the search for a number of blocks: a plan holds no more.
const mostForeseen = 10_000

// blocksFor is the fewest blocks with which a ratio's half-width is to be expected
// within a precision; 0 for none asked or none that suffices.
func blocksFor(e stat.Effect, level, precision float64) int {
	enough := func(n int) bool { return e.Foresee(level, n) <= precision }
	if precision == 0 {
		return 0
	}
	n := stat.FewestAt(1 - level)
	for ; !enough(n); n *= 2 {
		if n > mostForeseen {
			return 0
		}
	}
	return n/2 + sort.Search(n-n/2, func(i int) bool { return n/2+i > 0 && enough(n/2+i) })
}

// ProspectsBy foresees the same where no run of the experiment tells the spread
// of its effects, but something else does: known is the effect between identical
// cells in a metric, of one pair of cells; ok is false where there is none. A
// claim over several pairs is known better than that.
func ProspectsBy(now plan.Plan, blocks int, known func(metric string) (e stat.Effect, ok bool)) []Prospect {
	var all []Prospect
	ps := parts(now)
	for _, x := range ps {
		p := prospect(x, len(ps), now, blocks)
		e, ok := known(p.Metric)
		switch {
		case p.Quantity != spec.Ratio:
			p.Why = "only the spread of ratios is known"
		case !ok:
			p.Why = "no spread of this metric is known"
		default:
			p.see(e, false)
		}
		all = append(all, p)
	}
	return all
}

// prospect is one of m sub-claims before anything is known of it.
func prospect(x part, m int, now plan.Plan, blocks int) Prospect {
	p := Prospect{
		Claim: x.claim.ID.Text, Part: x.name, Case: x.label, Metric: x.claim.Compare.Metric.Text,
		Quantity: x.rel.Quantity, Level: 1 - now.Spec.Design.Alpha()/float64(max(m, 1)), Blocks: blocks,
	}
	if p.Quantity == spec.Ratio {
		p.precision = now.Spec.Design.Precision
	}
	return p
}

// sameQuestion says whether two plans ask for the same effect. What it is held
// against may differ: the spread does not depend on it.
func sameQuestion(a, b part) bool {
	x, y := a.claim.Compare, b.claim.Compare
	return a.claim.ID.Text == b.claim.ID.Text && a.name == b.name && a.label == b.label && a.rel.Quantity == b.rel.Quantity &&
		x.Metric.Text == y.Metric.Text && x.Benchmark.Text == y.Benchmark.Text && x.Of.String() == y.Of.String() &&
		slices.EqualFunc(x.To, y.To, func(s, t spec.Selection) bool { return s.String() == t.String() })
}

package verdict

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
)

// A finding is what one set of samples says of a part, before all parts are
// judged together.
type finding struct {
	word    Word   // "" where statistics must decide
	why     string // of the word
	exact   bool
	remarks []string
	sides   []side

	p     float64 // smallest alpha that decides
	leans Word    // what it then decides
}

// A side is one comparison of a finding.
type side struct {
	to     string
	cmp    stat.Comparison
	region stat.Region
	p      float64
	place  stat.Place

	// fixed is the value of a side that is known without statistics (by repetition
	// that agreed, or because both binaries are one): from the least to the most
	// of its matched pairs.
	fixed *stat.Interval
}

// settled is a finding that needs no statistics.
func settled(w Word, format string, args ...any) finding {
	return finding{word: w, why: fmt.Sprintf(format, args...)}
}

// find goes from what forbids a judgement to what decides it: not testable,
// decided by identity, not in force, exact, and only then by intervals.
func (in Input) find(x part, samples []sample.Sample) finding {
	metric := x.claim.Compare.Metric.Text
	reg, ok := region(x.rel, metric)
	if !ok {
		return settled(Inconclusive, "%q is no unit of %s: the relation cannot be held against it", x.rel.Unit, metric)
	}
	qs, to := in.questions(x)
	if len(qs) == 0 {
		return settled(Inconclusive, "a %s needs something to compare with (name it under to:)", x.rel.Quantity)
	}
	pairs, remarks, word, why := in.paired(qs)
	if why != "" {
		return settled(word, "%s", why)
	}
	if f, ok := in.identical(x, reg, pairs, to); ok {
		f.remarks = append(remarks, f.remarks...)
		return f
	}
	if why := in.uncounted(metric, pairs, samples); why != "" {
		return settled(NotTestable, "%s", why)
	}
	if why := in.outOfForce(x, pairs, samples); why != "" {
		return finding{word: Invalid, why: why, remarks: remarks}
	}
	remarks = append(remarks, in.idle(x, pairs, samples)...)
	remarks = append(remarks, in.unproved(x, pairs, samples)...)
	remarks = append(remarks, in.scaled(metric, pairs, samples)...)

	var f finding
	if m, ok := in.metric(metric); ok && m.Exact && x.rel.Quantity != spec.Share {
		f = in.exactly(qs, to, reg, pairs, samples)
	} else {
		f = in.measured(x, qs, to, reg, pairs, samples)
	}
	f.remarks = append(remarks, f.remarks...)
	return f
}

// paired are the pairs of cells of each question that can be tested here, or why there
// are none.
func (in Input) paired(qs []stat.Question) (pairs [][]stat.Pair, remarks []string, word Word, why string) {
	for _, q := range qs {
		all, err := q.Pairs(in.Plan)
		if err != nil {
			return nil, nil, Inconclusive, err.Error()
		}
		kept, remark, why := in.testable(all)
		if why != "" {
			return nil, nil, NotTestable, why
		}
		pairs = append(pairs, kept)
		if remark != "" && !slices.Contains(remarks, remark) {
			remarks = append(remarks, remark)
		}
	}
	return pairs, remarks, "", ""
}

// measured compares by intervals.
func (in Input) measured(x part, qs []stat.Question, to []string, reg stat.Region, pairs [][]stat.Pair, samples []sample.Sample) finding {
	var f finding
	for i, q := range qs {
		if v, ok := in.same(x, pairs[i]); ok {
			f.sides = append(f.sides, known(to[i], v, reg))
			continue
		}
		c, err := stat.Compare(in.Plan, samples, q)
		if errors.Is(err, stat.ErrNoBlocks) {
			return settled(Inconclusive, "%s", in.unmeasured(pairs[i], err))
		} else if err != nil {
			return settled(Inconclusive, "%v", err)
		}
		s := side{to: to[i], cmp: c, region: reg}
		s.p, s.place = c.Effect.P(reg)
		f.sides = append(f.sides, s)
	}
	f.p, f.leans = combine(f.sides)
	// Of several reasons to leave it open the last one is told.
	for _, why := range []string{in.failures(pairs), in.givenUp(pairs), in.emulated(x.claim.Compare.Metric.Text, pairs, samples)} {
		if why != "" {
			f.word, f.why = Inconclusive, why
		}
	}
	return f
}

// known is a side whose value needs no interval.
func known(to string, v float64, reg stat.Region) side {
	i := stat.Interval{Lo: v, Hi: v}
	return side{to: to, region: reg, fixed: &i, place: reg.Place(i)}
}

// testable leaves out the pairs with a cell that can't be tested here. Why is
// the reason where none is left, the remark says that some are missing.
func (in Input) testable(pairs []stat.Pair) (kept []stat.Pair, remark, why string) {
	var reasons []string
	for _, x := range pairs {
		out := false
		for _, c := range []int{x.Of, x.To} {
			if reason, ok := in.Untestable[c]; ok {
				out = true
				text := in.Plan.Name(in.Plan.Cells[c]) + ": " + reason
				if !slices.Contains(reasons, text) {
					reasons = append(reasons, text)
				}
			}
		}
		if !out {
			kept = append(kept, x)
		}
	}
	switch {
	case len(kept) == 0:
		return nil, "", strings.Join(reasons, "; ")
	case len(kept) < len(pairs):
		return kept, fmt.Sprintf("%d of %d matched pairs are not testable here and left out (%s)",
			len(pairs)-len(kept), len(pairs), strings.Join(reasons, "; ")), ""
	}
	return kept, "", ""
}

// identical decides a part whose sides all run one binary, without any sample.
func (in Input) identical(x part, reg stat.Region, pairs [][]stat.Pair, to []string) (finding, bool) {
	f := finding{exact: true}
	for i := range pairs {
		v, ok := in.same(x, pairs[i])
		if !ok {
			return finding{}, false
		}
		f.sides = append(f.sides, known(to[i], v, reg))
	}
	_, f.word = combine(f.sides)
	sha := in.Binaries[pairs[0][0].Of]
	f.why = fmt.Sprintf("both sides run one binary (sha256 %.12s): the %s is %v by identity, nothing had to run",
		sha, x.rel.Quantity, f.sides[0].fixed.Lo)
	return f, true
}

// same says whether all pairs of a side differ only in build knobs and yet run
// the same binary; then a ratio is 1 and a difference 0. Unequal hashes prove nothing.
func (in Input) same(x part, pairs []stat.Pair) (v float64, ok bool) {
	if x.rel.Quantity.Alone() || len(pairs) == 0 {
		return 0, false
	}
	for _, p := range pairs {
		a, b := in.Binaries[p.Of], in.Binaries[p.To]
		if a == "" || a != b || !in.onlyBuild(in.Plan.Cells[p.Of], in.Plan.Cells[p.To]) {
			return 0, false
		}
	}
	if x.rel.Quantity == spec.Ratio {
		v = 1
	}
	return v, true
}

// onlyBuild says whether two cells differ in build knobs alone.
func (in Input) onlyBuild(a, b plan.Cell) bool {
	if a.Inject != b.Inject {
		return false
	}
	for _, f := range in.Plan.Factors {
		if a.Levels[f.Key] != b.Levels[f.Key] && !slices.Contains(in.Build, f.Key) {
			return false
		}
	}
	return true
}

package profile

import (
	"slices"

	"github.com/assaylab/assay/harness/sample"
)

// A Taint is how often trials of identical cells were tainted for one reason.
type Taint struct {
	Kind string `json:"kind"` // of sample.Rule
	Rate Rate   `json:"rate"` // of the first attempts that hold the evidence
}

// taints are how often first attempts at trials of the identical arms were
// tainted, at all and by kind, in the order of the rules. Attempts that repeat a
// trial are left out: that they were made has to do with taints. A kind whose
// evidence no trial holds has no rate.
func (r *trials) taints() (any Rate, kinds []Taint) {
	hits, of := map[string]int{}, map[string]int{}
	tainted, all := 0, 0
	for _, s := range r.First {
		if s.Block < 0 || !s.Counts() || !slices.Contains(r.arms, s.Cell) {
			continue
		}
		all++
		if len(s.Taints) > 0 {
			tainted++
		}
		for _, rule := range sample.Rules() {
			if looked(s, rule) {
				of[rule.Kind]++
			}
		}
		for _, t := range s.Taints {
			hits[t.Kind]++
		}
	}
	for _, rule := range sample.Rules() {
		if n := of[rule.Kind]; n > 0 {
			kinds = append(kinds, Taint{Kind: rule.Kind, Rate: NewRate(hits[rule.Kind], n)})
		}
	}
	return NewRate(tainted, all), kinds
}

// looked says whether a sample holds what a rule judges.
func looked(s sample.Sample, rule sample.Rule) bool {
	return slices.Contains(s.Looked, rule.Kind) ||
		slices.ContainsFunc(s.Lines, func(l sample.Line) bool { _, ok := l.Get(rule.Unit); return ok }) ||
		slices.ContainsFunc(s.Taints, func(t sample.Taint) bool { return t.Kind == rule.Kind })
}

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
)

// A Health is how the trials went, apart from what they measured.
type Health struct {
	Attempts   int           `json:"attempts"`
	Trials     int           `json:"trials"`            // planned ones that were tried
	Skipped    int           `json:"skipped,omitempty"` // trials of cells that were given up, not started
	Repeats    int           `json:"repeats"`           // attempts beyond the first
	Outcomes   []Outcome     `json:"outcomes"`
	Taints     []TaintCount  `json:"taints,omitempty"`
	Tainted    int           `json:"tainted"` // attempts with at least one taint
	Cells      []CellHealth  `json:"cells"`   // those with anything to say
	Thresholds []sample.Rule `json:"thresholds"`
}

// An Outcome is how many attempts ended so.
type Outcome struct {
	Outcome sample.Outcome `json:"outcome"`
	N       int            `json:"n"`
}

// A TaintCount is how many attempts had a taint, and the worst of them.
type TaintCount struct {
	Kind  string  `json:"kind"`
	N     int     `json:"n"`
	Worst float64 `json:"worst"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
}

// A CellHealth is a cell in which not every attempt was clean.
type CellHealth struct {
	Name     string   `json:"name"`
	Attempts int      `json:"attempts"`
	Tainted  int      `json:"tainted"`
	Failed   int      `json:"failed"`
	Void     int      `json:"void"`
	Errors   []string `json:"errors,omitempty"` // distinct, in order, at most three

	GivenUp string `json:"given-up,omitempty"` // why its trials were not started any more: "given up after 9 failures in a row: ..."
	Skipped int    `json:"skipped,omitempty"`  // trials that were not
}

func healthOf(in Input) Health {
	h := Health{Thresholds: sample.Rules()}
	trials := map[int]bool{}
	outcomes := map[sample.Outcome]int{}
	cells := make([]CellHealth, len(in.Plan.Cells))
	for _, s := range in.All {
		if s.Cell >= 0 && s.Cell < len(cells) {
			cells[s.Cell].add(s)
		}
		if s.Outcome == sample.GivenUp {
			h.Skipped++
			continue
		}
		h.add(s)
		trials[s.N] = true
		outcomes[s.Outcome]++
	}
	h.Trials = len(trials)
	for o, n := range outcomes {
		h.Outcomes = append(h.Outcomes, Outcome{o, n})
	}
	slices.SortFunc(h.Outcomes, func(a, b Outcome) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Outcome, b.Outcome))
	})
	slices.SortFunc(h.Taints, func(a, b TaintCount) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Kind, b.Kind)) })
	for i, c := range cells {
		if c.Tainted+c.Failed+c.Void+c.Skipped > 0 {
			c.Name = cellName(in.Plan, i)
			h.Cells = append(h.Cells, c)
		}
	}
	return h
}

// add takes in an attempt that was made.
func (h *Health) add(s sample.Sample) {
	h.Attempts++
	if s.Attempt > 1 {
		h.Repeats++
	}
	if len(s.Taints) > 0 {
		h.Tainted++
	}
	h.taint(s.Taints)
}

func (h *Health) taint(ts []sample.Taint) {
	for _, t := range ts {
		i := slices.IndexFunc(h.Taints, func(c TaintCount) bool { return c.Kind == t.Kind })
		if i < 0 {
			h.Taints = append(h.Taints, TaintCount{Kind: t.Kind, Worst: t.Value, Limit: t.Limit, Unit: t.Unit})
			i = len(h.Taints) - 1
		}
		h.Taints[i].N++
		h.Taints[i].Worst = max(h.Taints[i].Worst, t.Value)
	}
}

func (c *CellHealth) add(s sample.Sample) {
	if s.Outcome == sample.GivenUp { // not started
		c.Skipped++
		c.GivenUp = s.Error
		return
	}
	c.Attempts++
	switch {
	case s.Outcome == sample.Void:
		c.Void++
	case s.Outcome != sample.OK:
		c.Failed++
	}
	if len(s.Taints) > 0 {
		c.Tainted++
	}
	if s.Error != "" && len(c.Errors) < 3 && !slices.Contains(c.Errors, s.Error) {
		c.Errors = append(c.Errors, s.Error)
	}
}

// said are the errors of a cell. What led to its end is not said twice.
func (c CellHealth) said() []string {
	if c.GivenUp == "" {
		return c.Errors
	}
	end := fmt.Sprintf("%s (%s not started)", c.GivenUp, prose.Plural(c.Skipped, "trial"))
	return append(slices.DeleteFunc(slices.Clone(c.Errors), func(e string) bool { return strings.Contains(c.GivenUp, e) }), end)
}

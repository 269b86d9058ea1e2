package report

import (
	"fmt"
	"slices"

	"github.com/assaylab/assay/harness/compare"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/report/plot"
)

// mostListed bounds a list of names for people; the JSON holds all.
const mostListed = 10

// compareRest is what follows the rows: those without a partner, doubts, the gate.
func compareRest(c compare.Result) []section {
	all := []section{partnerSection(c), doubtSection(c), gateSection(c)}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.items) == 0 && len(s.prose) == 0 })
}

func partnerSection(c compare.Result) section {
	s := section{title: "On one side only"}
	for _, side := range []struct {
		name string
		list []compare.Lone
	}{{"A", c.OnlyA}, {"B", c.OnlyB}} {
		if len(side.list) > 0 {
			s.items = append(s.items, item{head: "only in " + side.name + ", so not compared:", lines: lones(side.list)})
		}
	}
	return s
}

func lones(list []compare.Lone) []string {
	var lines []string
	for i, l := range list {
		if i == mostListed {
			return append(lines, fmt.Sprintf("and %d more (--json holds them)", len(list)-mostListed))
		}
		lines = append(lines, l.String())
	}
	return lines
}

// doubtSection holds the warnings of the sides, then those of rows that people see.
func doubtSection(c compare.Result) section {
	s := section{title: "Warnings"}
	for _, w := range c.Warnings {
		s.items = append(s.items, item{head: w})
	}
	more := 0
	for _, x := range c.Rows {
		if len(x.Warnings) == 0 {
			continue
		}
		if !x.Moved && !x.Primary && len(s.items) >= mostListed {
			more++
			continue
		}
		s.items = append(s.items, item{head: x.Name() + " " + x.Metric, lines: x.Warnings})
	}
	if more > 0 {
		s.items = append(s.items, item{head: prose.Plural(more, "more row") + " with warnings (--json holds them)"})
	}
	return s
}

func gateSection(c compare.Result) section {
	s := section{title: "Gate"}
	g := c.GateResult
	if g == nil {
		return s
	}
	limit := percent(g.Threshold)
	switch g.Word {
	case compare.Passes:
		s.prose = []string{fmt.Sprintf("Passes: none of %s got worse by more than %s.", prose.Plural(g.K, "row"), limit)}
	case compare.Fails:
		s.prose = []string{fmt.Sprintf("FAILS: something got worse by more than %s, its interval at 1 - 0.05/%d wholly beyond it.", limit, g.K)}
	case compare.TooWide:
		if g.Why != "" {
			s.prose = []string{"Can't be told: " + g.Why + "."}
			break
		}
		s.prose = []string{fmt.Sprintf("Can't be told: not every one of %s is known to have got worse by no more than %s. Measure more, or with less noise.", prose.Plural(g.K, "row"), limit)}
	}
	for i, x := range g.Rows {
		if i == mostListed {
			s.items = append(s.items, item{head: fmt.Sprintf("and %d more (--json holds them)", len(g.Rows)-mostListed)})
			break
		}
		interval := plot.Interval(x.Lo, x.Hi, "-∞", plot.Number)
		s.items = append(s.items, item{head: fmt.Sprintf("%s: %s %s: %s at %s, worse from %s on", x.Word, x.Name, x.Metric, interval, percent(x.Level), plot.Number(x.Limit))})
	}
	if len(g.Missing) > 0 {
		s.items = append(s.items, item{head: "in A and missing from B:", lines: lones(g.Missing)})
	}
	return s
}

package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/verdict"
)

func effectSection(r Report) section {
	s := section{title: "Within-block " + kindOf(r.Effects, false), grid: effectGrid(r.Effects, false, "verdict", "claim")}
	for _, e := range r.Effects {
		if !e.Exploratory {
			s.grid.add(append(effectCells(e, r.Effects), orDefault(string(e.Word), "-"), orDefault(e.Claim, "-"))...)
		}
	}
	if len(s.grid.rows) > 0 {
		s.prose = []string{"Each is the pseudo-median of the blocks' own effects with its exact signed-rank interval. Its p is the smallest error at which its interval would decide the claim, by itself. \"Detectable\" is the smallest effect that this many blocks could have shown; \"blocks needed\" would settle the claim."}
	}
	return s
}

func exploratorySection(r Report) section {
	s := section{title: "Exploratory " + kindOf(r.Effects, true), grid: effectGrid(r.Effects, true, ">q")}
	for _, e := range surest(slices.DeleteFunc(slices.Clone(r.Effects), func(e Effect) bool { return !e.Exploratory })) {
		s.grid.add(append(effectCells(e, r.Effects), pvalue(e.Q))...)
	}
	if x := r.Exploratory; x.Compared > 0 {
		alpha := percent(r.Verdicts.Alpha)
		s.prose = []string{fmt.Sprintf("Nobody predicted these: %s beside %s. %d have p at or below %s, where %s would by chance if nothing had an effect; %d have q (Benjamini-Hochberg) at or below %s, of which at most that share is expected to be false. Their p is the smallest error at which their interval would leave out 1. They suggest what to claim next; they decide nothing.",
			prose.Plural(x.Compared, "comparison"), prose.Plural(x.Declared, "declared sub-claim"), x.Below, alpha, strconv.FormatFloat(x.Expected, 'g', 2, 64), x.Found, alpha)}
		if slices.ContainsFunc(r.Effects, func(e Effect) bool { return e.Interaction }) {
			s.prose = append(s.prose, "Where to is \"at\" other levels, a row is an interaction: the ratio at the first levels over the same ratio at those, 1 where the factors do not depend on each other.")
		}
	}
	return s.shortened("those least likely by chance", EffectsFile)
}

// kindOf is what a table of effects holds, for its title.
func kindOf(es []Effect, exploratory bool) string {
	for _, e := range es {
		if e.Exploratory == exploratory && e.Quantity != "ratio" {
			return "effects"
		}
	}
	return "ratios"
}

// effectGrid has a column for the bootstrap where one is shown, and says what its p
// is of: a claim's relation, or a ratio of 1.
func effectGrid(es []Effect, exploratory bool, more ...string) *grid {
	p := ">p of claim"
	if exploratory {
		p = ">p of no effect"
	}
	g := &grid{heads: []string{"metric", "of", "to", ">estimate", "interval", ">level", ">n", p, ">detectable", ">blocks needed"}}
	if bootstrapped(es, exploratory) {
		g.heads = append(g.heads, "BCa bootstrap, "+verdict.BootstrapNote)
	}
	g.heads = append(g.heads, more...)
	return g
}

func effectCells(e Effect, es []Effect) []string {
	cells := []string{column{e.Benchmark, e.Metric}.title(), e.Of, orDefault(e.To, "-"), amount(e, e.Estimate), interval(e), level(e), strconv.Itoa(e.N), pvalue(e.P), smallest(e), count(e.Needed)}
	if bootstrapped(es, e.Exploratory) {
		cells = append(cells, bootstrap(e))
	}
	return cells
}

// bootstrapped says whether some effect of a table has a bootstrap interval.
func bootstrapped(es []Effect, exploratory bool) bool {
	return slices.ContainsFunc(es, func(e Effect) bool { return e.Exploratory == exploratory && e.Bootstrap != nil })
}

func controlSection(r Report) section {
	s := section{title: "Controls", grid: &grid{heads: []string{"arm", "of", "to", "metric", ">ratio", "interval", ">level", ">n", "passed", "why"}}}
	for _, c := range r.Verdicts.Controls {
		e := Effect{Quantity: "ratio", Metric: c.Metric, Estimate: c.Side.Estimate, Lo: c.Side.Lo, Hi: c.Side.Hi}
		passed := "no"
		switch {
		case c.OK:
			passed = "yes"
		case c.Open:
			passed = "not judged"
		}
		s.grid.add(c.Arm, c.Of, orDefault(c.Side.To, "-"), c.Metric, amount(e, e.Estimate), interval(e), percent(c.Level), strconv.Itoa(c.Side.N), passed, c.Why)
	}
	return s
}

func benchstatSection(r Report) section {
	var b strings.Builder
	shown, more := r.Benchstat.shown()
	rows := 0
	for i, t := range shown {
		rows = max(rows, len(t.Rows)-1)
		shown[i] = t.shortened()
	}
	if err := WriteTables(&b, shown); err != nil || b.Len() == 0 {
		return section{}
	}
	if rows > mostRows {
		fmt.Fprintf(&b, "\n%d rows of a table, those least likely to differ by chance, of at most %d, and the geomean of all: %s\n", mostRows, rows, AllTables)
	}
	if more > 0 {
		fmt.Fprintf(&b, "\n... and %s of other units: %s\n", prose.Plural(more, "table"), AllTables)
	}
	return section{title: r.Benchstat.Title, code: "$ " + r.Benchstat.Command + "\n" + b.String()}
}

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/prose"
)

// mostRows is how many rows a table that no claim asked for shows to people. A whole
// package can have a thousand benchmarks: whoever looks for one of them has a file
// with all, and whoever reads the report wants the rest of it too.
const mostRows = 60

// shortened is a section with the first rows of its table, which are the ones that
// says; file has all of them.
func (s section) shortened(ones, file string) section {
	all := len(s.grid.rows)
	if all <= mostRows {
		return s
	}
	s.grid.rows = s.grid.rows[:mostRows]
	s.prose = append(s.prose, fmt.Sprintf("These are %s of %s: %s has all.", ones, prose.Plural(all, "row"), file))
	return s
}

// claimedFirst puts rows of what claims are about before the others. The first cell of
// a row is a metric, or its benchmark.
func (g *grid) claimedFirst(es []Effect) {
	claimed := func(row []string) bool {
		return slices.ContainsFunc(es, func(e Effect) bool {
			return !e.Exploratory && (e.Benchmark == row[0] || column{e.Benchmark, e.Metric}.title() == row[0])
		})
	}
	slices.SortStableFunc(g.rows, func(a, b []string) int { return order(claimed(b), claimed(a)) })
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// surest are effects with those first that are least likely by chance, where they are
// too many to be shown in their own order.
func surest(es []Effect) []Effect {
	if len(es) <= mostRows {
		return es
	}
	p := func(e Effect) float64 {
		if e.P == nil {
			return 1
		}
		return *e.P
	}
	es = slices.Clone(es)
	slices.SortStableFunc(es, func(a, b Effect) int { return cmp.Compare(p(a), p(b)) })
	return es
}

// shortened is a table with the rows that are least likely to differ by chance, in
// their order, and the geomean of all below them.
func (t Table) shortened() Table {
	last := len(t.Rows) - 1 // the geomean
	if last <= mostRows {
		return t
	}
	at := make([]int, last)
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(t.Rows[a].least(), t.Rows[b].least()) })
	at = at[:mostRows]
	slices.Sort(at)
	all := t.Rows
	t.Rows = nil
	for _, i := range append(at, last) {
		t.Rows = append(t.Rows, all[i])
	}
	return t
}

// least is the smallest p of a row, as it is shown; 1 where there is none.
func (r Row) least() float64 {
	least := 1.0
	for _, c := range r.Cells {
		if c == nil {
			continue
		}
		text, _, _ := strings.Cut(strings.TrimPrefix(c.P, "p="), " ")
		if p, err := strconv.ParseFloat(text, 64); err == nil {
			least = min(least, p)
		}
	}
	return least
}

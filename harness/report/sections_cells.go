package report

import (
	"slices"
	"strconv"

	"github.com/assaylab/assay/harness/report/plot"
)

// mostWide is how wide the table of medians may be, in characters: a page of Markdown
// and a usual terminal show that much.
const mostWide = 100

// cellSection lays the medians out: a row a cell and a column a metric as long as
// that is not too wide, then a row more for each benchmark, then for each metric too.
func cellSection(r Report) section {
	s := section{title: "Medians by cell"}
	for _, lay := range []func([]CellRow) *grid{acrossMetrics, downBenchmarks, downMetrics} {
		if s.grid = lay(r.Cells); s.grid.width() <= mostWide {
			break
		}
	}
	if len(s.grid.rows) > mostRows {
		s.grid.claimedFirst(r.Effects)
	}
	return s.shortened("the first, those of claims before others,", MediansFile)
}

// width is that of the grid as text.
func (g *grid) width() int {
	total := 2 * (len(g.heads) - 1)
	for _, w := range g.widths() {
		total += w
	}
	return total
}

// acrossMetrics has one column a metric of a benchmark, in its own human unit.
func acrossMetrics(cells []CellRow) *grid {
	g := &grid{heads: []string{"cell", ">n"}}
	metrics := distinct(cells, func(m Median) string { return m.Metric })
	units := map[string]plot.Unit{}
	for _, m := range metrics {
		units[m] = unitOf(cells, m)
		g.heads = append(g.heads, ">"+units[m].Label)
	}
	for _, c := range cells {
		row := []string{c.Name, strconv.Itoa(c.N)}
		for _, m := range metrics {
			row = append(row, c.shown(m, func(v float64) string { return plot.Number(v / units[m].Divide) }))
		}
		g.add(row...)
	}
	return g
}

// downBenchmarks has a row for each cell of each benchmark, and a column a unit.
func downBenchmarks(cells []CellRow) *grid {
	units := distinct(cells, func(m Median) string { return m.Unit })
	g := &grid{heads: []string{"benchmark", "cell", ">n"}}
	for _, u := range units {
		g.heads = append(g.heads, ">"+u)
	}
	for _, b := range distinct(cells, func(m Median) string { return m.Benchmark }) {
		for _, c := range cells {
			row := []string{orDefault(b, "-"), c.Name, strconv.Itoa(c.N)}
			for _, u := range units {
				metric := column{b, u}.title()
				row = append(row, c.shown(metric, unitOf(cells, metric).Text))
			}
			g.add(row...)
		}
	}
	return g
}

// downMetrics has a row for each cell of each metric.
func downMetrics(cells []CellRow) *grid {
	g := &grid{heads: []string{"metric", "cell", ">n", ">median"}}
	for _, m := range distinct(cells, func(m Median) string { return m.Metric }) {
		for _, c := range cells {
			g.add(m, c.Name, strconv.Itoa(c.N), c.shown(m, unitOf(cells, m).Text))
		}
	}
	return g
}

// distinct are what medians are told apart by, in order of appearance.
func distinct(cells []CellRow, of func(Median) string) []string {
	var all []string
	for _, c := range cells {
		for _, m := range c.Medians {
			if x := of(m); !slices.Contains(all, x) {
				all = append(all, x)
			}
		}
	}
	return all
}

// unitOf is the human unit of a metric over all cells.
func unitOf(cells []CellRow, metric string) plot.Unit {
	unit := metric
	var vs []float64
	for _, c := range cells {
		for _, m := range c.Medians {
			if m.Metric == metric {
				unit, vs = m.Unit, append(vs, m.Value)
			}
		}
	}
	u := plot.Human(unit, vs...)
	if unit != metric {
		u.Label = metric[:len(metric)-len(unit)] + u.Label
	}
	return u
}

// shown is a cell's median of a metric; "-" where there is none.
func (c CellRow) shown(metric string, as func(float64) string) string {
	for _, m := range c.Medians {
		if m.Metric == metric {
			return as(m.Value)
		}
	}
	return "-"
}

package report

import (
	"fmt"
	"strings"

	"golang.org/x/perf/benchproc"
	"golang.org/x/perf/benchunit"

	"github.com/assaylab/assay/harness/stat"
)

// table turns summaries into texts.
func (g *group) table(unit string) Table {
	rows, cols := sorted(g.rows), sorted(g.cols)
	t := Table{Unit: unit, Heads: heads(cols), Cols: len(cols)}
	notes := footnotes{table: &t, seen: map[string]int{}}
	class := benchunit.ClassOf(unit)
	for _, r := range rows {
		scale := benchunit.CommonScale(g.centers(r, cols), class)
		row := Row{Label: r.StringValues(), Cells: make([]*Cell, len(cols))}
		for i, c := range cols {
			if d := g.cells[place{r, c}]; d != nil {
				row.Cells[i] = d.cell(scale, &notes)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if len(rows) > 1 {
		t.Rows = append(t.Rows, g.geomeans(rows, cols, class, &notes))
	}
	return t
}

// centers are the medians of one row, which share a scale.
func (g *group) centers(row benchproc.Key, cols []benchproc.Key) []float64 {
	var vs []float64
	for _, c := range cols {
		if d := g.cells[place{row, c}]; d != nil {
			vs = append(vs, d.summary.Center)
		}
	}
	return vs
}

func heads(cols []benchproc.Key) [][]Head {
	var lines [][]Head
	for nodes := benchproc.NewKeyHeader(cols).Top; len(nodes) > 0; {
		var line []Head
		var below []*benchproc.KeyHeaderNode
		for _, n := range nodes {
			line = append(line, Head{n.Value, n.Start, n.Len})
			below = append(below, n.Children...)
		}
		lines, nodes = append(lines, line), below
	}
	return lines
}

func (d *cellData) cell(scale benchunit.Scaler, notes *footnotes) *Cell {
	s := d.summary
	c := &Cell{
		Center: scale.Format(s.Center), Range: s.PctRangeString(), N: len(d.values),
		Value: stat.Finite(s.Center), Lo: stat.Finite(s.Lo), Hi: stat.Finite(s.Hi),
		Notes: notes.add(d.sample.Warnings, s.Warnings),
	}
	if d.base != nil {
		c.Delta = d.comparison.FormatDelta(d.base.summary.Center, s.Center)
		c.P = d.comparison.String()
		c.DeltaNotes = notes.add(d.comparison.Warnings)
	}
	return c
}

// footnotes number the doubts of one table, each text once.
type footnotes struct {
	table *Table
	seen  map[string]int
}

func (f *footnotes) add(lists ...[]error) []int {
	var ns []int
	for _, list := range lists {
		for _, err := range list {
			text := err.Error()
			if f.seen[text] == 0 {
				f.table.Notes = append(f.table.Notes, text)
				f.seen[text] = len(f.table.Notes)
			}
			ns = append(ns, f.seen[text])
		}
	}
	return ns
}

// superscript is the mark of a footnote.
func superscript(n int) string {
	digits := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")
	var b strings.Builder
	for _, d := range fmt.Sprint(n) {
		b.WriteRune(digits[d-'0'])
	}
	return b.String()
}

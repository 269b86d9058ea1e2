package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// WriteTables prints tables for a fixed-width font, in benchstat's layout but
// for the width of blanks.
func WriteTables(w io.Writer, ts []Table) error {
	var b strings.Builder
	for i, t := range ts {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, c := range t.Config {
			b.WriteString(c + "\n")
		}
		t.layout().print(&b)
		for k, n := range t.Notes {
			fmt.Fprintf(&b, "%s %s\n", superscript(k+1), n)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// A sheet of text: labels at the left, then columns of six parts each (median,
// range, notes, delta, p, notes), of which the first column uses three.
type layout struct {
	table  Table
	label  int     // width of the labels
	widths [][]int // of each column's parts
	groups []int   // of each column as a whole, bars apart
}

func (t Table) layout() layout {
	l := layout{table: t, widths: make([][]int, t.Cols), groups: make([]int, t.Cols)}
	for _, r := range t.Rows {
		l.label = max(l.label, utf8.RuneCountInString(r.Label))
		for i, c := range r.Cells {
			for k, p := range c.parts(i) {
				if k == len(l.widths[i]) {
					l.widths[i] = append(l.widths[i], 0)
				}
				l.widths[i][k] = max(l.widths[i][k], utf8.RuneCountInString(p))
			}
		}
	}
	for i := range l.groups {
		if short := utf8.RuneCountInString(t.Unit) - l.wide(i, 0, 3); short > 0 {
			l.widths[i][0] += short // the unit stands over the medians
		}
		l.groups[i] = max(l.wide(i, 0, len(l.widths[i])), utf8.RuneCountInString(l.unit(i)))
	}
	for _, line := range t.Heads {
		for _, h := range line {
			if short := utf8.RuneCountInString(h.Text) - l.span(h.Start, h.Len); short > 0 {
				l.groups[h.Start+h.Len-1] += short
			}
		}
	}
	return l
}

// parts are the texts of a cell, in the order of a column's parts.
func (c *Cell) parts(col int) []string {
	n := 3
	if col > 0 {
		n = 6
	}
	ps := make([]string, n)
	if c == nil {
		return ps
	}
	ps[0] = c.Center
	if c.Range != "" {
		ps[1] = "± " + c.Range
	}
	ps[2] = marks(c.Notes)
	last := n - 1
	if col > 0 {
		ps[3] = c.Delta
		if c.P != "" {
			ps[4] = "(" + c.P + ")"
		}
	}
	if more := marks(c.DeltaNotes); more != "" {
		ps[last] = strings.TrimSpace(ps[last] + " " + more)
	}
	return ps
}

func marks(notes []int) string {
	ms := make([]string, len(notes))
	for i, n := range notes {
		ms[i] = superscript(n)
	}
	return strings.Join(ms, " ")
}

// wide is the width of some parts of a column, with the blanks between them.
func (l layout) wide(col, from, to int) int {
	w := 0
	for k := from; k < to; k++ {
		if n := l.widths[col][k]; n > 0 {
			if w > 0 {
				w += gap(k)
			}
			w += n
		}
	}
	return w
}

// gap is the blanks before a part: the comparison stands a little apart.
func gap(part int) int {
	if part == 3 {
		return 2
	}
	return 1
}

// span is the width of columns that a head covers, bars between them included.
func (l layout) span(start, n int) int {
	w := 3 * (n - 1)
	for i := start; i < start+n; i++ {
		w += l.groups[i]
	}
	return w
}

func (l layout) unit(col int) string {
	if col == 0 {
		return centred(l.table.Unit, l.groups[0])
	}
	return centred(l.table.Unit, l.wide(col, 0, 3)) + "  vs base"
}

func (l layout) print(b *strings.Builder) {
	for _, line := range l.table.Heads {
		b.WriteString(strings.Repeat(" ", l.label))
		for _, h := range line {
			b.WriteString(" │ " + centred(h.Text, l.span(h.Start, h.Len)))
		}
		b.WriteString(" │\n")
	}
	b.WriteString(strings.Repeat(" ", l.label))
	for i := range l.groups {
		b.WriteString(" │ " + padRight(l.unit(i), l.groups[i]))
	}
	b.WriteString(" │\n")
	for _, r := range l.table.Rows {
		line := padRight(r.Label, l.label)
		for i, c := range r.Cells {
			line += "   " + padRight(l.cell(c, i), l.groups[i])
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// cell lays the parts of a cell out: numbers to the right, p and notes to the left.
func (l layout) cell(c *Cell, col int) string {
	line := ""
	for k, p := range c.parts(col) {
		w := l.widths[col][k]
		if w == 0 {
			continue
		}
		if line != "" {
			line += strings.Repeat(" ", gap(k))
		}
		if k == 0 || k == 1 || k == 3 {
			line += padLeft(p, w)
		} else {
			line += padRight(p, w)
		}
	}
	return line
}

func padRight(s string, w int) string {
	return s + strings.Repeat(" ", max(0, w-utf8.RuneCountInString(s)))
}

func padLeft(s string, w int) string {
	return strings.Repeat(" ", max(0, w-utf8.RuneCountInString(s))) + s
}

func centred(s string, w int) string {
	free := max(0, w-utf8.RuneCountInString(s))
	return strings.Repeat(" ", free/2) + s + strings.Repeat(" ", free-free/2)
}

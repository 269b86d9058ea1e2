package report

import (
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/assaylab/assay/harness/verdict"
)

var _ = register(Renderer{
	Name: "text", File: "report.txt", Render: Text,
	Doc: "plain text for a fixed-width font",
})

// Text writes plain text: no colours, lines as long as they are.
func Text(w io.Writer, r Report) error { return Terminal(0, false)(w, r) }

// Terminal writes for a terminal of a width in characters; 0 is unlimited. A
// table that is too wide becomes a list. colour paints the words of verdicts.
func Terminal(width int, colour bool) func(io.Writer, Report) error {
	return func(w io.Writer, r Report) error {
		t := &terminal{width: width, colour: colour}
		t.head(r)
		for _, s := range sections(r) {
			t.section(s, r.Header.Folder)
		}
		_, err := io.WriteString(w, t.b.String())
		return err
	}
}

type terminal struct {
	b      strings.Builder
	width  int
	colour bool
}

func (t *terminal) head(r Report) {
	if local := localLine(r.Header); local != "" {
		t.wrap("", local)
		t.b.WriteByte('\n')
	}
	t.b.WriteString(r.Header.Experiment + "\n")
	t.wrap("", oneLine(r.Header.Question))
}

// localLine is the report's first line where the folder is not whole, or where one
// machine or one command line changed the experiment.
func localLine(h Header) string {
	var changes []string
	if len(h.Damage) > 0 {
		changes = append(changes, "WARNING: this folder is not whole: "+strings.Join(h.Damage, "; ")+".")
	}
	if len(h.Local) > 0 {
		changes = append(changes, "Changed on this machine by "+h.Experiment+".local.yaml: "+strings.Join(h.Local, ", ")+".")
	}
	if h.Override != "" {
		changes = append(changes, "Changed for this run by "+h.Override+".")
	}
	return strings.Join(changes, " ")
}

func (t *terminal) section(s section, folder string) {
	t.b.WriteString("\n" + s.title + "\n" + strings.Repeat("-", utf8.RuneCountInString(s.title)) + "\n")
	for _, p := range s.prose {
		t.wrap("", p)
	}
	if s.grid != nil && len(s.grid.rows) > 0 {
		if len(s.prose) > 0 {
			t.b.WriteByte('\n')
		}
		t.grid(s.grid)
	}
	for _, it := range s.items {
		t.wrap("- ", it.head)
		for _, l := range it.lines {
			t.wrap("    ", l)
		}
	}
	t.b.WriteString(s.code)
	for i, f := range s.images {
		if i == mostFiles {
			fmt.Fprintf(&t.b, "... and %d more there\n", len(s.images)-i)
			break
		}
		t.b.WriteString(path.Join(folder, f) + "\n")
	}
}

// mostFiles is how many files of plots are listed.
const mostFiles = 24

// wrap writes a paragraph after a prefix, further lines indented as deep.
func (t *terminal) wrap(prefix, text string) {
	line := prefix
	empty := true
	for _, w := range strings.Fields(text) {
		if !empty && t.width > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) > t.width {
			t.b.WriteString(line + "\n")
			line, empty = strings.Repeat(" ", utf8.RuneCountInString(prefix)), true
		}
		if !empty {
			line += " "
		}
		line, empty = line+w, false
	}
	t.b.WriteString(strings.TrimRight(line, " ") + "\n")
}

func (t *terminal) grid(g *grid) {
	ws := g.widths()
	total := 2 * (len(ws) - 1)
	for _, w := range ws {
		total += w
	}
	pairs := len(g.heads) == 2 && g.name(0) == ""
	switch {
	case t.width > 0 && total > t.width && pairs:
		for _, row := range g.rows {
			t.wrap(padRight(row[0], ws[0])+"  ", row[1])
		}
	case t.width > 0 && total > t.width:
		t.list(g)
	default:
		t.columns(g, ws)
	}
}

func (g *grid) widths() []int {
	ws := make([]int, len(g.heads))
	for i := range g.heads {
		ws[i] = utf8.RuneCountInString(g.name(i))
		for _, row := range g.rows {
			ws[i] = max(ws[i], utf8.RuneCountInString(row[i]))
		}
	}
	return ws
}

func (t *terminal) columns(g *grid, ws []int) {
	names := make([]string, len(g.heads))
	for i := range names {
		names[i] = g.name(i)
	}
	if strings.Join(names, "") != "" {
		t.row(g, ws, names)
	}
	for _, row := range g.rows {
		t.row(g, ws, row)
	}
}

func (t *terminal) row(g *grid, ws []int, row []string) {
	cells := make([]string, len(row))
	for i, c := range row {
		pad := padRight
		if g.number(i) {
			pad = padLeft
		}
		cells[i] = strings.Replace(pad(c, ws[i]), c, t.paint(c), 1)
	}
	t.b.WriteString(strings.TrimRight(strings.Join(cells, "  "), " ") + "\n")
}

// list writes each row as a block: its first cell, then a line for each other.
func (t *terminal) list(g *grid) {
	for _, row := range g.rows {
		t.b.WriteString("- " + t.paint(row[0]) + "\n")
		for i, c := range row[1:] {
			if c != "-" && c != "" {
				t.wrap("    "+g.name(i+1)+": ", c)
			}
		}
	}
}

// colours of verdicts, as ANSI codes: words alone say it already.
var colours = map[string]string{
	string(verdict.Supported):    "32",
	string(verdict.Refuted):      "31",
	string(verdict.Inconclusive): "33",
	string(verdict.Invalid):      "35",
	string(verdict.NotTestable):  "2",
}

func (t *terminal) paint(s string) string {
	if code := colours[s]; t.colour && code != "" {
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	return s
}

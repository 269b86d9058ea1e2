package report

import (
	"io"
	"slices"
	"strings"
)

var _ = register(Renderer{
	Name: "latex", File: "tables/report.tex", Render: LaTeX, Tables: true,
	Doc: "the tables of verdicts, effects, controls and medians, for a paper",
})

// LaTeX writes the tables that a paper needs, each a table environment of its
// own to be taken over with \input; it asks for no package. What is no table
// stays in the other formats.
func LaTeX(w io.Writer, r Report) error {
	var b strings.Builder
	b.WriteString("% " + oneLine(r.Header.Experiment+": "+r.Header.Question) + "\n")
	if local := localLine(r.Header); local != "" {
		b.WriteString("% " + oneLine(local) + "\n")
	}
	for _, s := range []section{verdictSection(r), effectSection(r), exploratorySection(r), controlSection(r), cellSection(r)} {
		s.clean()
		if s.grid != nil && len(s.grid.rows) > 0 {
			tabular(&b, s)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func tabular(b *strings.Builder, s section) {
	columns := make([]string, len(s.grid.heads))
	heads := make([]string, len(columns))
	for i := range columns {
		columns[i], heads[i] = "l", s.grid.name(i)
		if s.grid.number(i) {
			columns[i] = "r"
		}
	}
	b.WriteString("\n\\begin{table}\n\\caption{" + tex(s.title) + "}\n\\begin{tabular}{" + strings.Join(columns, "") + "}\n\\hline\n")
	texRow(b, heads)
	b.WriteString("\\hline\n")
	for _, row := range s.grid.rows {
		texRow(b, row)
	}
	b.WriteString("\\hline\n\\end{tabular}\n\\end{table}\n")
}

func texRow(b *strings.Builder, cells []string) {
	cells = slices.Clone(cells)
	for i, c := range cells {
		cells[i] = tex(c)
	}
	// Braces: a first cell that begins with "[" would be read as the row's own option.
	b.WriteString("{}" + strings.Join(cells, " & ") + " \\\\\n")
}

// texer writes what TeX reads as markup, and signs that text fonts lack.
var texer = strings.NewReplacer(
	`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "_", `\_`, "%", `\%`,
	"~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "<", "$<$", ">", "$>$", "|", "$|$", `"`, "''",
	"±", `$\pm$`, "∞", `$\infty$`, "µ", `$\mu$`, "×", `$\times$`, "≥", `$\ge$`, "≤", `$\le$`, "-∞", `$-\infty$`,
)

func tex(s string) string { return texer.Replace(oneLine(s)) }

package report

import (
	"io"
	"net/url"
	"path"
	"strings"
)

var _ = register(Renderer{
	Name: "markdown", File: "report.md", Render: Markdown,
	Doc: "Markdown, with the plots beside it",
})

// Markdown writes for a reader of the results folder: plots are shown by paths
// relative to it.
func Markdown(w io.Writer, r Report) error {
	var b strings.Builder
	if local := localLine(r.Header); local != "" {
		b.WriteString("**" + escape(local) + "**\n\n")
	}
	b.WriteString("# " + escape(r.Header.Experiment) + "\n\n" + escape(r.Header.Question) + "\n")
	for _, s := range sections(r) {
		b.WriteString("\n## " + escape(s.title) + "\n")
		for _, p := range s.prose {
			b.WriteString("\n" + escape(p) + "\n")
		}
		markdownGrid(&b, s.grid)
		markdownItems(&b, s.items)
		if s.code != "" {
			b.WriteString("\n```text\n" + s.code + "```\n")
		}
		markdownImages(&b, s.images)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownGrid(b *strings.Builder, g *grid) {
	if g == nil || len(g.rows) == 0 {
		return
	}
	b.WriteString("\n|")
	for i := range g.heads {
		b.WriteString(" " + escape(g.name(i)) + " |")
	}
	b.WriteString("\n|")
	for i := range g.heads {
		if g.number(i) {
			b.WriteString("---:|")
		} else {
			b.WriteString("---|")
		}
	}
	for _, row := range g.rows {
		b.WriteString("\n|")
		for _, c := range row {
			b.WriteString(" " + escape(c) + " |")
		}
	}
	b.WriteByte('\n')
}

func markdownItems(b *strings.Builder, items []item) {
	if len(items) > 0 {
		b.WriteByte('\n')
	}
	for _, it := range items {
		b.WriteString("- " + escape(it.head) + "\n")
		for _, l := range it.lines {
			b.WriteString("  - " + escape(l) + "\n")
		}
	}
}

// markdownImages embeds each plot once, as PNG where there is one, and links
// the other formats below it.
func markdownImages(b *strings.Builder, files []string) {
	var stems []string
	formats := map[string][]string{}
	for _, f := range files {
		stem := strings.TrimSuffix(f, path.Ext(f))
		if formats[stem] == nil {
			stems = append(stems, stem)
		}
		if path.Ext(f) == ".png" {
			formats[stem] = append([]string{f}, formats[stem]...)
		} else {
			formats[stem] = append(formats[stem], f)
		}
	}
	for _, stem := range stems {
		fs := formats[stem]
		b.WriteString("\n![" + escape(path.Base(stem)) + "](" + link(fs[0]) + ")\n")
		for _, f := range fs[1:] {
			b.WriteString("\n[" + strings.TrimPrefix(path.Ext(f), ".") + "](" + link(f) + ")\n")
		}
	}
}

func link(file string) string { return (&url.URL{Path: file}).EscapedPath() }

var escaper = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "~", `\~`)

// escape keeps Markdown from reading text as markup. A dash or a number at a
// line's start can't occur: texts stand after a mark of our own.
func escape(s string) string { return escaper.Replace(oneLine(s)) }

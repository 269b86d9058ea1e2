package report

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/assaylab/assay/harness/verdict"
)

var _ = register(Renderer{
	Name: "html", File: "report.html", Render: HTML,
	Doc: "one HTML file, the plots in it: no script, no network",
})

// HTML writes one file that stands alone, to be mailed or archived: plots are in
// it as SVG, read from the folder. Its policy lets it fetch and run nothing,
// whatever a claim's words or a level hold.
func HTML(w io.Writer, r Report) error {
	p := page{folder: r.Header.Folder}
	all := sections(r)
	p.head(r, all)
	for i, s := range all {
		if err := p.section(i, s); err != nil {
			return err
		}
	}
	p.b.WriteString("</main>\n</body>\n</html>\n")
	_, err := p.b.WriteTo(w)
	return err
}

type page struct {
	b      bytes.Buffer
	folder string
}

const htmlHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff }
h1 { margin: 0 0 .25rem; font-size: 1.8rem }
h2 { margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 1px solid #ddd; font-size: 1.2rem }
.question { margin: 0 0 1rem; font-size: 1.1rem; color: #555 }
.local { padding: .5rem .8rem; background: #fff3cd; border: 1px solid #e6c200 }
nav { columns: 16rem; font-size: .9rem }
nav a { display: block; color: #0b5394; text-decoration: none }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .85rem }
th, td { padding: .25rem .7rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #eee }
th { border-bottom: 1px solid #888; vertical-align: bottom }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.short { white-space: nowrap }
pre { overflow-x: auto; padding: .8rem; background: #f6f6f6; font: 12px/1.4 ui-monospace, "DejaVu Sans Mono", monospace }
li { margin: .2rem 0 }
figure { margin: 1rem 0 }
figure svg { max-width: 100%%; height: auto }
figcaption { font-size: .8rem; color: #666 }
.supported { color: #0a6b2d; font-weight: 600 }
.refuted { color: #a61b1b; font-weight: 600 }
.inconclusive { color: #8a5a00; font-weight: 600 }
.invalid { color: #7a1f7a; font-weight: 600 }
.not-testable { color: #666; font-weight: 600 }
@media print { body { max-width: none; font-size: 11px } nav { display: none } h2 { break-after: avoid } figure, tr { break-inside: avoid } }
</style>
</head>
<body>
`

func (p *page) head(r Report, all []section) {
	fmt.Fprintf(&p.b, htmlHead, text(r.Header.Experiment))
	p.b.WriteString("<header>\n")
	if local := localLine(r.Header); local != "" {
		p.b.WriteString("<p class=\"local\">" + text(local) + "</p>\n")
	}
	p.b.WriteString("<h1>" + text(r.Header.Experiment) + "</h1>\n<p class=\"question\">" + text(r.Header.Question) + "</p>\n</header>\n<nav>\n")
	for i, s := range all {
		fmt.Fprintf(&p.b, "<a href=\"#s%d\">%s</a>\n", i, text(s.title))
	}
	p.b.WriteString("</nav>\n<main>\n")
}

// text is any text as HTML holds it, in one line.
func text(s string) string { return html.EscapeString(oneLine(s)) }

func (p *page) section(i int, s section) error {
	fmt.Fprintf(&p.b, "<section id=\"s%d\">\n<h2>%s</h2>\n", i, text(s.title))
	for _, line := range s.prose {
		p.b.WriteString("<p>" + text(line) + "</p>\n")
	}
	p.grid(s.grid)
	p.items(s.items)
	if s.code != "" {
		p.b.WriteString("<pre>" + html.EscapeString(s.code) + "</pre>\n")
	}
	err := p.figures(s.images)
	p.b.WriteString("</section>\n")
	return err
}

func (p *page) grid(g *grid) {
	if g == nil || len(g.rows) == 0 {
		return
	}
	p.b.WriteString("<div class=\"wide\"><table>\n")
	names := make([]string, len(g.heads))
	for i := range names {
		names[i] = g.name(i)
	}
	if strings.Join(names, "") != "" {
		p.row(g, "th", names)
	}
	for _, row := range g.rows {
		p.row(g, "td", row)
	}
	p.b.WriteString("</table></div>\n")
}

func (p *page) row(g *grid, tag string, cells []string) {
	p.b.WriteString("<tr>")
	for i, c := range cells {
		class := words[c]
		switch {
		case g.number(i):
			class = "number"
		case class == "" && tag == "td" && utf8.RuneCountInString(c) <= shortCell:
			class = "short" // a metric or an interval reads badly in four lines
		}
		if class != "" {
			class = " class=\"" + class + "\""
		}
		p.b.WriteString("<" + tag + class + ">" + text(c) + "</" + tag + ">")
	}
	p.b.WriteString("</tr>\n")
}

// shortCell is up to how many characters a cell stays in one line.
const shortCell = 32

// words are the classes of verdicts.
var words = map[string]string{
	string(verdict.Supported): "supported", string(verdict.Refuted): "refuted", string(verdict.Inconclusive): "inconclusive",
	string(verdict.Invalid): "invalid", string(verdict.NotTestable): "not-testable",
}

func (p *page) items(items []item) {
	if len(items) == 0 {
		return
	}
	p.b.WriteString("<ul>\n")
	for _, it := range items {
		p.b.WriteString("<li>" + text(it.head))
		if len(it.lines) > 0 {
			p.b.WriteString("\n<ul>\n")
			for _, l := range it.lines {
				p.b.WriteString("<li>" + text(l) + "</li>\n")
			}
			p.b.WriteString("</ul>\n")
		}
		p.b.WriteString("</li>\n")
	}
	p.b.WriteString("</ul>\n")
}

// figures puts the SVG of each plot into the page. The error is of a file that is
// there and can't be read.
func (p *page) figures(files []string) error {
	for _, f := range files {
		if path.Ext(f) != ".svg" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(p.folder, f))
		if errors.Is(err, fs.ErrNotExist) {
			p.b.WriteString("<p>" + text(f) + " is not in the folder any more; assay report draws it again.</p>\n")
			continue
		}
		if err != nil {
			return fmt.Errorf("report: html: %w", err)
		}
		if i := bytes.Index(b, []byte("<svg")); i > 0 {
			b = b[i:] // the head of an XML file has no place in a page
		}
		p.b.WriteString("<figure>\n")
		p.b.Write(bytes.TrimSpace(b))
		p.b.WriteString("\n<figcaption>" + text(f) + "</figcaption>\n</figure>\n")
	}
	return nil
}

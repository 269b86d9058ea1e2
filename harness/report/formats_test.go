package report

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A page that stands alone: its plots are in it, it fetches nothing, it runs
// nothing, whatever the texts of a run hold.
func TestThePageStandsAlone(t *testing.T) {
	r := built(t)
	r.Header.Folder = t.TempDir()
	r.Header.Question = `</title><script>alert(1)</script><img src="http://example.com/x">`
	require.NoError(t, os.Mkdir(filepath.Join(r.Header.Folder, "plots"), 0o755))
	for _, f := range r.Plots {
		svg := "<?xml version=\"1.0\"?>\n<svg width=\"9pt\" height=\"9pt\"><text>" + filepath.Base(f) + "</text></svg>\n"
		require.NoError(t, os.WriteFile(filepath.Join(r.Header.Folder, f), []byte(svg), 0o644))
	}
	var b bytes.Buffer
	require.NoError(t, HTML(&b, r))
	page := b.String()
	for _, f := range r.Plots {
		if in := strings.Contains(page, "<text>"+filepath.Base(f)+"</text>"); in != strings.HasSuffix(f, ".svg") {
			t.Errorf("%s: in the page: %t", f, in)
		}
	}
	if strings.Contains(page, "<?xml") {
		t.Error("the head of an XML file stands within the page")
	}
	if bad := regexp.MustCompile(`<(script|img|link|iframe|object)|(src|href)="[^#]|url\(|@import`).FindString(page); bad != "" {
		t.Errorf("the page holds %q", bad)
	}
	balanced(t, page)
}

// balanced reads the body as XML, which is stricter than HTML.
func balanced(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page[strings.Index(page, "<body>"):strings.Index(page, "</html>")]))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("the body is not well formed: %v", err)
		}
	}
}

func TestAPlotThatIsGoneIsSaid(t *testing.T) {
	r := built(t)
	var b bytes.Buffer
	require.NoError(t, HTML(&b, r))
	if !strings.Contains(b.String(), "plots/claims-forest.svg is not in the folder any more") {
		t.Error("a missing plot is passed over in silence")
	}
}

// Every number of every effect reads back as it was.
func TestCSVReadsBackWhole(t *testing.T) {
	r := built(t)
	var b bytes.Buffer
	require.NoError(t, CSV(&b, r))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+len(r.Effects))
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for i, e := range r.Effects {
		row := rows[i+1]
		check := func(name string, want *float64) {
			t.Helper()
			text := row[column[name]]
			got, err := strconv.ParseFloat(text, 64)
			if want == nil && text != "" || want != nil && (err != nil || got != *want) {
				t.Errorf("effect %d: %s is %q", i, name, text)
			}
		}
		check("estimate", &e.Estimate)
		check("lo", e.Lo)
		check("hi", e.Hi)
		check("p", e.P)
		check("q", e.Q)
		if row[column["of"]] != e.Of || row[column["verdict"]] != string(e.Word) {
			t.Errorf("effect %d: %q", i, row)
		}
	}
}

// Each row has as many cells as the table has columns, and no sign is left that
// TeX would read as markup.
func TestLaTeXTablesAreWhole(t *testing.T) {
	r := built(t)
	r.Effects[0].Of = `a_b & c% #1 $x$ {y} ~ ^ \n`
	var b bytes.Buffer
	require.NoError(t, LaTeX(&b, r))
	columns, rows := 0, 0
	for _, line := range strings.Split(b.String(), "\n") {
		if spec, ok := strings.CutPrefix(line, `\begin{tabular}{`); ok {
			columns = len(strings.TrimSuffix(spec, "}"))
			continue
		}
		if !strings.HasSuffix(line, `\\`) {
			continue
		}
		rows++
		if n := len(regexp.MustCompile(`(^|[^\\])&`).FindAllString(line, -1)) + 1; n != columns {
			t.Errorf("%d cells in a table of %d columns: %s", n, columns, line)
		}
	}
	if rows < len(r.Effects) {
		t.Errorf("%d rows for %d effects", rows, len(r.Effects))
	}
	if !strings.Contains(b.String(), `a\_b \& c\% \#1 \$x\$ \{y\} \textasciitilde{} \textasciicircum{} \textbackslash{}n`) {
		t.Error("markup is not escaped")
	}
}

package report

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/compare"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/report/plot"
	"github.com/assaylab/assay/harness/stat"
)

// CompareJSON writes a comparison itself.
func CompareJSON(w io.Writer, c compare.Result) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(c); err != nil {
		return fmt.Errorf("report: json: %w", err)
	}
	return nil
}

// CompareText writes a comparison for people: its first line says that it is
// unpaired. width is a terminal's in characters, 0 for unlimited. Rows that did
// not move stand there where their metric is a primary one, where none is, or
// where all are asked for.
func CompareText(w io.Writer, c compare.Result, width int, all bool) error {
	t := &terminal{width: width}
	t.wrap("", c.Note)
	for _, s := range compareSections(c, all) {
		s.clean()
		t.section(s, "")
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

func compareSections(c compare.Result, all bool) []section {
	list := append(impossibleSections(c), sidesSection(c), differenceSection(c))
	moved, rest := section{title: "What moved", grid: compareGrid()}, section{title: "What did not", grid: compareGrid()}
	primary := false
	for _, x := range c.Rows {
		primary = primary || x.Primary
	}
	hidden := 0
	for _, x := range c.Rows {
		switch {
		case x.Moved:
			moved.grid.add(compareRow(x)...)
		case all || !primary || x.Primary:
			rest.grid.add(compareRow(x)...)
		default:
			hidden++
		}
	}
	moved.prose = []string{movedProse(c)}
	if hidden > 0 {
		rest.prose = []string{fmt.Sprintf("%s of other metrics did not move (--all shows them, --json holds them).", prose.Plural(hidden, "more row"))}
	}
	list = append(list, moved)
	if len(rest.grid.rows) > 0 || len(rest.prose) > 0 {
		list = append(list, rest)
	}
	return append(list, compareRest(c)...)
}

// impossibleSections hold what can be no measurement, above all else.
func impossibleSections(c compare.Result) []section {
	s := section{title: "Not measurements"}
	for _, x := range c.Rows {
		if len(x.Impossible) > 0 {
			s.items = append(s.items, item{head: "WARNING: " + x.Name() + " " + x.Metric, lines: x.Impossible})
		}
	}
	if len(s.items) == 0 {
		return nil
	}
	return []section{s}
}

func movedProse(c compare.Result) string {
	text := fmt.Sprintf("%d of %s moved: q at or below 5 %%, Benjamini-Hochberg over m = %s.", c.Moved, prose.Plural(len(c.Rows), "row"), prose.Plural(c.M, "comparison"))
	if c.M > 0 {
		text += fmt.Sprintf(" If nothing had changed, up to %.3g of them would have had p below 5 %%.", c.Expected)
	}
	return text + " Each estimate is the Hodges-Lehmann shift of B against A with its exact rank-sum interval, a ratio's on logarithms. \"B above A\" is the share of pairs of values in which B's is the larger."
}

func compareGrid() *grid {
	return &grid{heads: []string{"benchmark", "metric", ">A", ">B", "B against A", "interval", ">n", ">p", ">q", ">B above A", "moved"}}
}

func compareRow(x compare.Row) []string {
	u := plot.Human(x.Metric, x.A.Median, x.B.Median)
	return []string{
		x.Name(), x.Metric, u.Text(x.A.Median), u.Text(x.B.Median), change(x, x.Estimate), between(x, x.Lo, x.Hi),
		strconv.Itoa(x.A.N) + "+" + strconv.Itoa(x.B.N), pvalue(x.P), pvalue(x.Q), percent(x.Superiority), orDefault(string(x.Way), "~"),
	}
}

// change shows an effect: a ratio as such, a difference in the metric's unit.
func change(x compare.Row, v *float64) string {
	switch {
	case v == nil:
		return "-"
	case x.Quantity == stat.Ratio:
		return plot.Ratio(*v)
	}
	return signed(plot.Human(x.Metric, *v).Text(*v))
}

func signed(text string) string {
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "0 ") || text == "0" {
		return text
	}
	return "+" + text
}

func between(x compare.Row, lo, hi *float64) string {
	switch {
	case x.Exact:
		return "exact"
	case x.Quantity == stat.Ratio:
		return plot.Interval(lo, hi, "0", plot.Ratio)
	}
	var ends []float64
	for _, v := range []*float64{lo, hi} {
		if v != nil {
			ends = append(ends, *v)
		}
	}
	u := plot.Human(x.Metric, ends...)
	text := plot.Interval(lo, hi, "-∞", func(v float64) string { return plot.Number(v / u.Divide) })
	if u.Suffix != "" {
		text += " " + u.Suffix
	}
	return text
}

// sidesSection says what A and B are.
func sidesSection(c compare.Result) section {
	s := section{title: "Sides", grid: &grid{heads: []string{"", "", "", ""}}}
	for _, side := range []struct {
		name string
		in   compare.Input
	}{{"A", c.A}, {"B", c.B}} {
		var facts []string
		for _, key := range []string{"experiment", "machine", "arch", "kernel", "go", "assay"} {
			if v := side.in.Facts[key]; v != "" {
				facts = append(facts, key+" "+v)
			}
		}
		s.grid.add(side.name, side.in.Path, side.in.Kind+" of "+prose.Plural(side.in.Values, "value"), strings.Join(facts, ", "))
	}
	return s
}

func differenceSection(c compare.Result) section {
	s := section{title: "Not alike", grid: &grid{heads: []string{"what", "A", "B", "so"}}}
	for _, d := range c.Differences {
		s.grid.add(d.What, shorten(d.A), shorten(d.B), d.Means)
	}
	switch n := len(c.Differences); {
	case n > 0:
		s.prose = []string{fmt.Sprintf("WARNING: the sides differ in %s besides what was measured:", prose.Plural(n, "respect"))}
	case len(c.Unknown) > 0:
		s.prose = []string{"No difference is known, but not all is known of both sides."}
	default:
		s.title, s.prose = "Alike", []string{"The sides agree in all that is recorded of them: " + orDefault(recorded(c.A), "which is nothing") + "."}
	}
	if len(c.Unknown) > 0 {
		s.items = append(s.items, item{head: "only one side says: " + strings.Join(c.Unknown, "; ")})
	}
	return s
}

// recorded names the facts of a side.
func recorded(in compare.Input) string {
	var names []string
	settings := 0
	for _, key := range slices.Sorted(maps.Keys(in.Facts)) {
		if strings.Contains(key, " ") {
			settings++
			continue
		}
		names = append(names, key)
	}
	if settings > 0 {
		names = append(names, prose.Plural(settings, "setting")+" of the host")
	}
	return strings.Join(names, ", ")
}

// shorten cuts hashes to what tells them apart.
func shorten(text string) string {
	words := strings.Split(text, ", ")
	for i, w := range words {
		if len(w) == 64 && strings.Trim(w, "0123456789abcdef") == "" {
			words[i] = w[:12]
		}
	}
	return strings.Join(words, ", ")
}

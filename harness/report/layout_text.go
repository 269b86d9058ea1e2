package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// LayoutJSON writes a layout itself.
func LayoutJSON(w io.Writer, l Layout) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(l); err != nil {
		return fmt.Errorf("report: json: %w", err)
	}
	return nil
}

// LayoutText writes a layout for people: its first line says how its columns are
// compared. width is a terminal's in characters, 0 for unlimited; tables keep
// their own, as benchstat's do.
func LayoutText(w io.Writer, l Layout, width int) error {
	t := &terminal{width: width}
	t.wrap("", l.Note)
	sections := func(list ...section) {
		for _, s := range list {
			s.clean()
			t.section(s, "")
		}
	}
	sections(impossibleSections(l.Result)...)
	if len(l.Differences) > 0 {
		sections(differenceSection(l.Result))
	}
	t.b.WriteByte('\n')
	if err := WriteTables(&t.b, l.Tables); err != nil {
		return err
	}
	sections(layoutRest(l)...)
	_, err := io.WriteString(w, t.b.String())
	return err
}

func layoutRest(l Layout) []section {
	all := []section{withinSection(l), alarmsSection(l), columnSection(l), doubtSection(l.Result), gateSection(l.Result)}
	return slices.DeleteFunc(all, section.empty)
}

// withinSection holds the effects within blocks, where the columns are of one run.
func withinSection(l Layout) section {
	s := section{title: "Within blocks", grid: &grid{heads: []string{"benchmark", "columns", "metric", "effect", "95 % interval", ">blocks", ">p", ">q", ">detectable", "moved"}}}
	for _, x := range l.Rows {
		if !x.Paired {
			continue
		}
		s.grid.add(x.Benchmark, x.Cell, x.Metric, change(x, x.Estimate), between(x, x.Lo, x.Hi), strconv.Itoa(min(x.A.N, x.B.N)),
			pvalue(x.P), pvalue(x.Q), share(x.Smallest), orDefault(string(x.Way), "~"))
	}
	if len(s.grid.rows) > 0 {
		s.prose = []string{fmt.Sprintf("Each is the pseudo-median over the blocks that hold both, with its exact signed-rank interval, each by itself at 95 %%; q is p after Benjamini-Hochberg over all %d. Exploratory: nobody predicted these.", l.M)}
	}
	return s
}

// alarmsSection says what so many comparisons are worth.
func alarmsSection(l Layout) section {
	s := section{title: "How many comparisons"}
	if l.Compared > 1 {
		s.prose = []string{fmt.Sprintf("The tables make %d comparisons, each at 5 %%: if nothing had changed, about %.3g of them would show a difference.", l.Compared, 0.05*float64(l.Compared))}
	}
	return s
}

// columnSection names the cells of the first column that stand alone.
func columnSection(l Layout) section {
	s := section{title: "In the first column only"}
	if len(l.OnlyA) > 0 {
		s.items = []item{{head: "no partner in a later column, so not compared:", lines: lones(l.OnlyA)}}
	}
	return s
}

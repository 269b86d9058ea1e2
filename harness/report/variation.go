package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/report/plot"
)

// A Variation says how much of what a metric did over the whole matrix each
// factor explains: its share of the sum of squares of the logarithms.
type Variation struct {
	Metric  string   `json:"metric"`
	Why     string   `json:"not-allocated,omitempty"` // the reason where there are no shares
	Blocks  int      `json:"blocks,omitempty"`        // that hold the whole matrix
	Cells   int      `json:"cells,omitempty"`
	Left    []string `json:"levels-left-out,omitempty"` // no cell of theirs was measured
	Note    string   `json:"note,omitempty"`
	Sources []Source `json:"sources,omitempty"` // factors, interactions, blocks, noise; shares add up to 1
}

// A Source is one part of the variation.
type Source struct {
	Name  string      `json:"name"` // "thp", "thp x gogc", "noise"
	Kind  string      `json:"kind"`
	Share float64     `json:"share"`
	SS    float64     `json:"sum-of-squares"` // of natural logarithms
	DF    int         `json:"degrees-of-freedom"`
	Axes  []string    `json:"axes,omitempty"`
	Steps [][]string  `json:"steps,omitempty"` // of each axis: "thp=never"
	Means [][]float64 `json:"means,omitempty"` // geometric, rows by the first axis; one row for a factor
}

// span is the widest ratio between the means of a factor: "1.310: thp=always over thp=never";
// "-" where they are one.
func (s Source) span() string {
	if len(s.Steps) != 1 || len(s.Means) != 1 || len(s.Means[0]) != len(s.Steps[0]) || len(s.Means[0]) == 0 {
		return "-"
	}
	means := s.Means[0]
	hi, lo := slices.Index(means, slices.Max(means)), slices.Index(means, slices.Min(means))
	if hi == lo {
		return "-"
	}
	return fmt.Sprintf("%s: %s over %s", plot.Ratio(means[hi]/means[lo]), s.Steps[0][hi], s.Steps[0][lo])
}

// variationSection lists the parts of each metric, the largest first.
func variationSection(r Report) section {
	s := section{title: "Which factor matters (exploratory)", grid: &grid{heads: []string{"metric", "source", ">share", ">sum", ">degrees", "highest over lowest mean"}}}
	for _, v := range r.Variations {
		if v.Why != "" {
			s.items = append(s.items, item{head: v.Metric + ": not allocated: " + v.Why})
			continue
		}
		sum := 0.0
		for _, x := range v.sorted() {
			sum += x.Share
			s.grid.add(v.Metric, x.Name, percent(x.Share), percent(sum), strconv.Itoa(x.DF), x.span())
		}
		var lines []string
		if len(v.Left) > 0 {
			lines = append(lines, "left out, as none of their cells was measured: "+strings.Join(v.Left, ", "))
		}
		if v.Note != "" {
			lines = append(lines, v.Note)
		}
		s.items = append(s.items, item{head: fmt.Sprintf("%s: %s that hold all of %s", v.Metric, prose.Plural(v.Blocks, "block"), prose.Plural(v.Cells, "cell")), lines: lines})
	}
	if len(s.grid.rows) > 0 {
		s.prose = []string{"The share of a metric's variation over the whole matrix (sum of squares of its logarithms) that each factor explains, at the levels that were tried. It describes this run and tests nothing; the exploratory effects have intervals."}
	}
	return s
}

// sorted are the sources, the largest first.
func (v Variation) sorted() []Source {
	all := slices.Clone(v.Sources)
	slices.SortStableFunc(all, func(a, b Source) int { return cmp.Compare(b.Share, a.Share) })
	return all
}

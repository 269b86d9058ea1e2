package report

import (
	"maps"
	"math"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// A CellRow is one cell of the plan and the medians of the metrics that matter.
type CellRow struct {
	Cell    int      `json:"cell"`
	Name    string   `json:"name"`
	N       int      `json:"n"` // trials in the main analysis
	Medians []Median `json:"medians"`
}

// A Median is that of one metric over the trials of a cell.
type Median struct {
	Metric    string  `json:"metric"`              // Unit, after the name of the benchmark where a trial prints several
	Benchmark string  `json:"benchmark,omitempty"` // of several
	Unit      string  `json:"unit"`                // as printed by the workload
	Value     float64 `json:"value"`
	N         int     `json:"n"`
}

// An UntestableCell is one that this host can't test.
type UntestableCell struct {
	Cell   int    `json:"cell"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// A column is one metric of one benchmark line.
type column struct {
	bench  string // a line's name; empty where all lines have one name
	metric string
}

// title names the column in a table or a file.
func (c column) title() string {
	if c.bench == "" {
		return c.metric
	}
	return c.bench + " " + c.metric
}

// columnsOf are the metrics that matter, in order: those of claims, those that
// the workload calls primary, that of the positive control, and those of its own
// that an outside program printed.
func columnsOf(in Input) []column {
	var metrics []string
	note := func(m string) {
		if m != "" && !slices.Contains(metrics, m) {
			metrics = append(metrics, m)
		}
	}
	for _, c := range in.Plan.Spec.Claims {
		note(c.Compare.Metric.Text)
	}
	for _, m := range in.Metrics {
		if m.Primary {
			note(m.Unit)
		}
	}
	if p := in.Plan.Spec.Design.Controls.Positive; p != nil {
		note(p.Metric.Text)
	}
	benches := benchesOf(in.Main)
	own, printed := ownOf(in, len(benches) > 1)
	for _, m := range own {
		note(m)
	}
	var cols []column
	for _, m := range metrics {
		for _, b := range benches {
			if c := (column{b, m}); printed == nil || printed[c] {
				cols = append(cols, c)
			}
		}
	}
	return cols
}

// ownOf are the units of an outside program of which nothing was known before, and
// which of its lines has which unit; nil of a program that says beforehand what it has.
func ownOf(in Input, several bool) (own []string, printed map[column]bool) {
	if !in.Plan.Spec.Workload.Open() {
		return nil, nil
	}
	known := map[string]bool{sample.WholeProcess: several} // which is then of all lines together
	for _, m := range in.Metrics {
		known[m.Unit] = true
	}
	printed = map[column]bool{}
	for _, s := range in.Main {
		for _, l := range s.Lines {
			bench := ""
			if several {
				bench = l.Name
			}
			for _, v := range l.Values {
				printed[column{bench, v.Unit}] = true
				if _, counted := s.Counters[v.Unit]; !counted && !known[v.Unit] {
					known[v.Unit] = true
					own = append(own, v.Unit)
				}
			}
		}
	}
	return own, printed
}

// benchesOf are the names of lines; one empty name where there is but one.
func benchesOf(ss []sample.Sample) []string {
	var names []string
	seen := map[string]bool{}
	for _, s := range ss {
		for _, l := range s.Lines {
			if !seen[l.Name] {
				seen[l.Name] = true
				names = append(names, l.Name)
			}
		}
	}
	if len(names) <= 1 {
		return []string{""}
	}
	return names
}

// value is what a sample says of a column. Several lines of one name are one
// observation: their median. A NaN or an infinity is no observation.
func (c column) value(s sample.Sample) (float64, bool) {
	var vs []float64
	for _, l := range s.Lines {
		if c.bench == "" || c.bench == l.Name {
			if v, ok := l.Get(c.metric); ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
				vs = append(vs, v)
			}
		}
	}
	if len(vs) == 0 {
		return 0, false
	}
	return sample.Median(vs), true
}

func cellsOf(in Input) []CellRow {
	cols := columnsOf(in)
	trials := map[int][]sample.Sample{}
	for _, s := range in.Main {
		trials[s.Cell] = append(trials[s.Cell], s)
	}
	var rows []CellRow
	for _, c := range in.Plan.Cells {
		row := CellRow{Cell: c.Index, Name: in.Plan.Name(c), N: len(trials[c.Index]), Medians: []Median{}}
		for _, col := range cols {
			var vs []float64
			for _, s := range trials[c.Index] {
				if v, ok := col.value(s); ok {
					vs = append(vs, v)
				}
			}
			if len(vs) > 0 {
				row.Medians = append(row.Medians, Median{col.title(), col.bench, col.metric, sample.Median(vs), len(vs)})
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func untestableOf(in Input) []UntestableCell {
	var us []UntestableCell
	for _, i := range slices.Sorted(maps.Keys(in.Untestable)) {
		us = append(us, UntestableCell{i, cellName(in.Plan, i), in.Untestable[i]})
	}
	return us
}

func cellName(p plan.Plan, i int) string {
	if i < 0 || i >= len(p.Cells) {
		return "a cell that is not in the plan"
	}
	return p.Name(p.Cells[i])
}

package report

import (
	"fmt"
	"io"

	"golang.org/x/perf/benchfmt"
)

// confidence is the level of the ranges in the tables, benchstat's default.
const confidence = 0.95

// A Table is one table as benchstat prints it: one unit, one set of file
// configuration. Texts are benchstat's; the numbers behind them stand beside.
type Table struct {
	Config []string `json:"config,omitempty"` // "key: value" lines that differ from the table before
	Unit   string   `json:"unit"`             // tidied: "sec/op"
	Heads  [][]Head `json:"heads"`            // a line of the column header each
	Rows   []Row    `json:"rows"`
	Notes  []string `json:"notes,omitempty"` // footnotes; note k of a cell is Notes[k-1]
	Cols   int      `json:"columns"`
}

// A Head is a label over some columns.
type Head struct {
	Text  string `json:"text"`
	Start int    `json:"start"` // column, from 0
	Len   int    `json:"len"`
}

// A Row is one benchmark, or the geomean below two or more of them.
type Row struct {
	Label string  `json:"label"`
	Cells []*Cell `json:"cells"` // one a column; nil where there is no sample
}

// A Cell is one sample and its comparison with the first column's.
type Cell struct {
	Center     string `json:"center,omitempty"` // "98.61m"
	Range      string `json:"range,omitempty"`  // "2%"
	Notes      []int  `json:"notes,omitempty"`
	Delta      string `json:"delta,omitempty"` // "-15.71%", or "~"
	P          string `json:"p,omitempty"`     // "p=0.000 n=20"
	DeltaNotes []int  `json:"delta-notes,omitempty"`

	Value *float64 `json:"value,omitempty"` // what Center shows; nil where it is no finite number
	Lo    *float64 `json:"lo,omitempty"`
	Hi    *float64 `json:"hi,omitempty"`
	N     int      `json:"n,omitempty"`
}

// Tables reads benchmark lines and builds the tables that benchstat prints for
// them. file is what the tables call the input. Lines that are no benchmark
// lines are passed over and returned as warnings, as benchstat does.
func Tables(r io.Reader, file string, q Query) ([]Table, []string, error) {
	b, err := newBuilder(q)
	if err != nil {
		return nil, nil, err
	}
	reader := new(benchfmt.Reader)
	reader.Reset(r, file, ".file", file)
	warnings := b.read(reader)
	if err := reader.Err(); err != nil {
		return nil, warnings, fmt.Errorf("report: read %s: %w", file, err)
	}
	return b.tables(reader.Units()), warnings, nil
}

// A scanner is benchfmt.Reader for one input, benchfmt.Files for several.
type scanner interface {
	Scan() bool
	Result() benchfmt.Record
}

// mostPassed is how many lines that could not be taken are shown one by one.
const mostPassed = 20

// read takes all lines and returns what was wrong with those passed over.
func (b *builder) read(in scanner) []string {
	var warnings []string
	passed := 0
	warn := func(err error) {
		if passed++; passed <= mostPassed {
			warnings = append(warnings, err.Error())
		}
	}
	for in.Scan() {
		switch rec := in.Result().(type) {
		case *benchfmt.SyntaxError:
			warn(rec)
		case *benchfmt.Result:
			if err := b.add(rec); err != nil {
				warn(err)
			}
		}
	}
	if passed > mostPassed {
		warnings = append(warnings, fmt.Sprintf("lines passed over: %d in all", passed))
	}
	if b.nan > 0 {
		b.prune()
		warnings = append(warnings, fmt.Sprintf("values that are no numbers (NaN) were left out: %d", b.nan))
	}
	return warnings
}

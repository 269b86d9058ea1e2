package compare

import (
	"fmt"
	"maps"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"

	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// WithinNote is the first thing to be said of columns of one run.
const WithinNote = "The tables are benchstat's, unpaired: not used for verdicts. These are columns of one run, whose trials are in blocks: the effects within blocks stand below the tables. Claims are judged by assay report."

// ColumnsNote is the first thing to be said of columns of one file.
const ColumnsNote = "Unpaired: the tables take the lines of a column for independent ones. Where a file holds one column's lines after the other's, whatever drifted between them counts as an effect."

// A Column is the values of one cell of a table, in run order.
type Column struct {
	Name   string // of the column: "always"
	Values []float64
	Trials []Trial // of each value; nil where the input does not say
}

// A Trial is where a value of a run comes from.
type Trial struct {
	Block int
	Rest  string // what else was set in it, beside the keys of the columns
}

// A Beside is a cell of a table and that of the first column, in one row.
type Beside struct {
	Row      string
	Unit     string // tidied, as tables have it: "sec/op"
	Base, Of Column
	Metric   Metric // Resolution.Absolute in Unit
}

// Columns compares cells with those of their first column: within blocks where
// both come from one run, else unpaired.
func Columns(note string, all []Beside) Result {
	r := Result{Version: Version, Note: note}
	var pairs []pair
	bad := 0
	for _, x := range all {
		a, lostA := x.Base.clean()
		b, lostB := x.Of.clean()
		if bad += lostA + lostB; len(a.Values) == 0 || len(b.Values) == 0 {
			continue
		}
		p := pair{
			a:    Series{Benchmark: x.Row, Tidy: x.Unit, Unit: x.Unit, Factor: 1, Values: a.Values},
			b:    Series{Benchmark: x.Row, Tidy: x.Unit, Unit: x.Unit, Factor: 1, Values: b.Values},
			cell: x.Of.Name + " against " + x.Base.Name, metric: x.Metric,
		}
		if a.Trials != nil && b.Trials != nil {
			p.within = func(q stat.Quantity) measured { return stat.Within(q, b.matched(), a.matched(), x.Metric.Resolution) }
		}
		pairs = append(pairs, p)
	}
	if bad > 0 {
		r.Warnings = append(r.Warnings, noNumbers(bad))
	}
	r.Rows = rows(pairs)
	r.adjust()
	return r
}

// clean leaves out values that can't be compared, and says how many.
func (c Column) clean() (Column, int) {
	out := Column{Name: c.Name}
	for i, v := range c.Values {
		if !usable(v) {
			continue
		}
		out.Values = append(out.Values, v)
		if c.Trials != nil {
			out.Trials = append(out.Trials, c.Trials[i])
		}
	}
	return out, len(c.Values) - len(out.Values)
}

func (c Column) matched() []stat.Matched {
	all := make([]stat.Matched, len(c.Values))
	for i, v := range c.Values {
		all[i] = stat.Matched{Block: c.Trials[i].Block, Rest: c.Trials[i].Rest, Value: v}
	}
	return all
}

// Known is what the metadata of a file's units says of a tidied one; for the
// well-known ones benchfmt knows the direction by itself.
func Known(m benchfmt.UnitMetadataMap, tidy string) Metric {
	metric := Metric{Exact: m.GetAssumption(tidy) == benchmath.AssumeExact}
	switch m.GetBetter(tidy) {
	case -1:
		metric.Better = wire.Lower
	case 1:
		metric.Better = wire.Higher
	}
	return metric
}

// Unlike names every known difference between the first of several sides and
// the others. The error is a [Refusal] where they can't be laid side by side at all.
func Unlike(sides []Side) ([]Difference, error) {
	var all []Difference
	for _, s := range sides[min(1, len(sides)):] {
		if a, b := sides[0].Facts["window"], s.Facts["window"]; a != "" && b != "" && a != b {
			return nil, Refusal{fmt.Sprintf("the numbers of %s cover a %q window and those of %s a %q one: these are never compared", sides[0].Path, a, s.Path, b)}
		}
		ds, _ := differences(sides[0], s)
		for _, d := range ds {
			if len(sides) > 2 {
				d.What += " of " + s.Path
			}
			all = append(all, d)
		}
	}
	return all, nil
}

// FileFacts makes a side of the configurations that a file holds: facts only, no
// values. A fact that varies within it has all its values, joined.
func FileFacts(path string, configs []map[string]string) Side {
	s := Side{Path: path, Kind: fileKind, Facts: map[string]string{}}
	values := map[string]map[string]bool{}
	for _, c := range configs {
		for key, v := range c {
			if fact, ok := factKeys[key]; ok {
				if values[fact] == nil {
					values[fact] = map[string]bool{}
				}
				values[fact][v] = true
			}
		}
	}
	for fact, vs := range values {
		s.Facts[fact] = joined(maps.Keys(vs))
	}
	return s
}

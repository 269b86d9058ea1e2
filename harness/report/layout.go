package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"

	"github.com/assaylab/assay/harness/compare"
)

// A Layout is benchstat's tables over one or more inputs, laid out as asked for.
// The Result is of each cell against that of the first column in its row.
type Layout struct {
	compare.Result
	Inputs   []string `json:"inputs"` // labels
	Query    Query    `json:"query"`
	Tables   []Table  `json:"tables"`
	Compared int      `json:"compared"` // cells that have one of the first column beside them
}

// LayOut reads the inputs and builds the tables. Rows of the Result are worked out
// where all is asked for and where the input is one run, whose blocks say more
// than the tables do. The error says what of the query or of an input is wrong.
func LayOut(inputs []compare.Source, q Query, all bool) (Layout, error) {
	b, err := newBuilder(q)
	if err != nil {
		return Layout{}, err
	}
	one := len(inputs) == 1 && inputs[0].Side != nil
	if one {
		b.at = inputs[0].Trials(fields(b.colBy))
	}
	l := Layout{Query: q}
	for _, in := range inputs {
		l.Inputs = append(l.Inputs, in.Label)
	}
	units, warnings, err := b.readAll(inputs)
	if err != nil {
		return l, fmt.Errorf("report: read %s: %w", strings.Join(l.Inputs, ", "), err)
	}
	unlike, err := b.unlike(inputs, q)
	if err != nil {
		return l, err
	}
	var beside []compare.Beside
	if all || one {
		beside = b.beside(func(unit string) compare.Metric { return known(inputs, units, unit) })
	}
	l.Result = compare.Columns(note(inputs), beside)
	l.OnlyA = b.missing()
	l.Differences = unlike
	l.Warnings = append(warnings, l.Warnings...)
	l.Tables = b.tables(units)
	l.count()
	return l, nil
}

// readAll reads the inputs. The warnings name the lines that were passed over.
func (b *builder) readAll(inputs []compare.Source) (benchfmt.UnitMetadataMap, []string, error) {
	files := benchfmt.Files{AllowStdin: true, AllowLabels: true}
	for _, in := range inputs {
		files.Paths = append(files.Paths, in.Path())
	}
	warnings := b.read(&files)
	return files.Units(), warnings, files.Err()
}

// unlike is what tells the inputs apart. The error says that one holds no result, or
// that a key of the query is none of theirs.
func (b *builder) unlike(inputs []compare.Source, q Query) ([]compare.Difference, error) {
	if len(b.routes.all) > 0 { // else sides says what is wrong
		if err := b.known(q); err != nil {
			return nil, err
		}
	}
	sides, err := b.sides(inputs)
	if err != nil {
		return nil, err
	}
	return compare.Unlike(sides)
}

func note(inputs []compare.Source) string {
	switch {
	case len(inputs) > 1:
		return compare.Note
	case inputs[0].Side != nil:
		return compare.WithinNote
	}
	return compare.ColumnsNote
}

// known is what is known of a unit: a run says more of it than a file.
func known(inputs []compare.Source, units benchfmt.UnitMetadataMap, tidy string) compare.Metric {
	for _, in := range inputs {
		if in.Side == nil {
			continue
		}
		if m, ok := in.Side.Metrics[tidy]; ok {
			return m
		}
	}
	return compare.Known(units, tidy)
}

// fields are the keys of a projection.
func fields(p *benchproc.Projection) []string {
	var keys []string
	for _, f := range p.Fields() {
		keys = append(keys, f.Name)
	}
	return keys
}

// sides are the inputs with the facts that they state. Each must hold a result.
func (b *builder) sides(inputs []compare.Source) ([]compare.Side, error) {
	configs := map[string][]map[string]string{}
	for _, c := range b.routes.all {
		label, keys := "", map[string]string{}
		for _, x := range c.list {
			if x.Key == ".file" {
				label = string(x.Value)
			} else if x.File {
				keys[x.Key] = string(x.Value)
			}
		}
		configs[label] = append(configs[label], keys)
	}
	var sides []compare.Side
	for _, in := range inputs {
		switch {
		case configs[in.Label] == nil:
			return nil, fmt.Errorf("report: %s: no benchmark result in it", in.Label)
		case in.Side != nil:
			sides = append(sides, *in.Side)
		default:
			sides = append(sides, compare.FileFacts(in.Label, configs[in.Label]))
		}
	}
	if len(b.groups) == 0 {
		return nil, errors.New("report: no benchmark result passes the filter (a list of levels in a projection is one too)")
	}
	return sides, nil
}

// beside pairs each cell with that of the first column. Values are copied: a
// summary sorts them, and their order tells of drift.
func (b *builder) beside(metric func(unit string) compare.Metric) []compare.Beside {
	var all []compare.Beside
	for _, key := range sorted(b.groups) {
		g, unit := b.groups[key], key.Get(b.unit)
		known := metric(unit)
		rows, cols := sorted(g.rows), sorted(g.cols)
		for _, row := range rows {
			for _, col := range cols[1:] {
				base, c := g.cells[place{row, cols[0]}], g.cells[place{row, col}]
				if base != nil && c != nil {
					all = append(all, compare.Beside{
						Row: row.StringValues(), Unit: unit, Base: base.column(cols[0]), Of: c.column(col), Metric: known,
					})
				}
			}
		}
	}
	return all
}

func (c *cellData) column(col benchproc.Key) compare.Column {
	return compare.Column{Name: col.StringValues(), Values: slices.Clone(c.values), Trials: c.trials}
}

// missing are cells of the first column that a later one has no partner for.
func (b *builder) missing() []compare.Lone {
	var all []compare.Lone
	for _, key := range sorted(b.groups) {
		g := b.groups[key]
		cols := sorted(g.cols)
		for _, row := range sorted(g.rows) {
			for _, col := range cols[1:] {
				if g.cells[place{row, cols[0]}] != nil && g.cells[place{row, col}] == nil {
					all = append(all, compare.Lone{Name: row.StringValues() + " " + col.StringValues(), Metrics: []string{key.Get(b.unit)}})
				}
			}
		}
	}
	return all
}

func (l *Layout) count() {
	for _, t := range l.Tables {
		for _, row := range t.Rows {
			for _, c := range row.Cells {
				if c != nil && c.P != "" {
					l.Compared++
				}
			}
		}
	}
}

package report

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchproc"
)

// A builder gathers values by table, row and column.
type builder struct {
	filter                *benchproc.Filter
	tableBy, rowBy, colBy *benchproc.Projection
	unit                  *benchproc.Field
	groups                map[benchproc.Key]*group
}

// A group is the samples of one table.
type group struct {
	rows, cols map[benchproc.Key]bool
	cells      map[place]*cellData
}

type place struct{ row, col benchproc.Key }

// cellData is one cell on its way from values to texts.
type cellData struct {
	values     []float64
	sample     *benchmath.Sample
	summary    benchmath.Summary
	base       *cellData // of the first column; nil for itself, and where that has none
	comparison benchmath.Comparison
}

func newBuilder(q Query) (*builder, error) {
	b := &builder{groups: map[benchproc.Key]*group{}}
	var parser benchproc.ProjectionParser
	var errs [4]error
	b.filter, errs[0] = benchproc.NewFilter(orDefault(q.Filter, "*"))
	if errs[0] != nil {
		return nil, fmt.Errorf("report: filter of the tables: %w", errs[0])
	}
	b.tableBy, b.unit, errs[1] = parser.ParseWithUnit(".config", b.filter)
	b.rowBy, errs[2] = parser.Parse(orDefault(q.Row, ".fullname"), b.filter)
	b.colBy, errs[3] = parser.Parse(orDefault(q.Col, ".file"), b.filter)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("report: layout of the tables: %w", err)
	}
	return b, nil
}

func orDefault(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (b *builder) add(r *benchfmt.Result) {
	at := place{b.rowBy.Project(r), b.colBy.Project(r)}
	for i, key := range b.tableBy.ProjectValues(r) {
		g := b.groups[key]
		if g == nil {
			g = &group{map[benchproc.Key]bool{}, map[benchproc.Key]bool{}, map[place]*cellData{}}
			b.groups[key] = g
		}
		c := g.cells[at]
		if c == nil {
			c = new(cellData)
			g.cells[at] = c
			g.rows[at.row], g.cols[at.col] = true, true
		}
		c.values = append(c.values, r.Values[i].Value)
	}
}

func (b *builder) tables(units benchfmt.UnitMetadataMap) []Table {
	keys := sorted(b.groups)
	var work []func()
	for _, k := range keys {
		work = append(work, b.groups[k].summaries(units.GetAssumption(k.Get(b.unit)))...)
	}
	together(work)
	tables := make([]Table, len(keys))
	var last benchproc.Key
	for i, k := range keys {
		tables[i] = b.groups[k].table(k.Get(b.unit))
		tables[i].Config = changed(last, k)
		last = k
	}
	return tables
}

func sorted[V any](m map[benchproc.Key]V) []benchproc.Key {
	keys := make([]benchproc.Key, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	benchproc.SortKeys(keys)
	return keys
}

// changed are the configuration lines over a table: those in which it differs
// from the one before, all for the first.
func changed(last, k benchproc.Key) []string {
	var lines []string
	for _, f := range k.Projection().FlattenedFields() {
		if f.Name != ".unit" && (last.IsZero() || k.Get(f) != last.Get(f)) {
			lines = append(lines, f.Name+": "+k.Get(f))
		}
	}
	return lines
}

// summaries is the work on the cells of one table, one piece a cell. Samples
// are made (and their values sorted in place) first: a piece reads the base's.
func (g *group) summaries(a benchmath.Assumption) []func() {
	for _, c := range g.cells {
		c.sample = benchmath.NewSample(c.values, &benchmath.DefaultThresholds)
	}
	first := sorted(g.cols)[0]
	work := make([]func(), 0, len(g.cells))
	for at, c := range g.cells {
		if at.col != first {
			c.base = g.cells[place{at.row, first}]
		}
		work = append(work, func() {
			c.summary = a.Summary(c.sample, confidence)
			if c.base != nil {
				c.comparison = a.Compare(c.base.sample, c.sample)
			}
		})
	}
	return work
}

// together does all work on all processors.
func together(work []func()) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(work)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(work)); i = next.Add(1) - 1 {
				work[i]()
			}
		})
	}
	wg.Wait()
}

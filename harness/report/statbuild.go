package report

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchproc"

	"github.com/assaylab/assay/harness/compare"
)

// A builder gathers values by table, row and column.
type builder struct {
	filter                         *benchproc.Filter
	tableBy, rowBy, colBy, residue *benchproc.Projection
	unit                           *benchproc.Field
	groups                         map[benchproc.Key]*group
	routes                         routes
	at                             func(line int) (compare.Trial, bool) // of a record; nil where no trials are known
	nan                            int                                  // values left out
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
	trials     []compare.Trial // of each value, where trials are known
	residue    map[benchproc.Key]bool
	sample     *benchmath.Sample
	summary    benchmath.Summary
	base       *cellData // of the first column; nil for itself, and where that has none
	comparison benchmath.Comparison
}

func newBuilder(q Query) (*builder, error) {
	b := &builder{groups: map[benchproc.Key]*group{}}
	var parser benchproc.ProjectionParser
	var errs [5]error
	b.filter, errs[0] = benchproc.NewFilter(orDefault(q.Filter, "*"))
	if errs[0] != nil {
		return nil, fmt.Errorf("report: filter of the tables: %w", errs[0])
	}
	b.tableBy, b.unit, errs[1] = parser.ParseWithUnit(orDefault(q.Table, ".config"), b.filter)
	b.rowBy, errs[2] = parser.Parse(orDefault(q.Row, ".fullname"), b.filter)
	b.colBy, errs[3] = parser.Parse(orDefault(q.Col, ".file"), b.filter)
	_, errs[4] = parser.Parse(q.Ignore, b.filter)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("report: layout of the tables: %w", err)
	}
	b.residue = parser.Residue()
	return b, nil
}

func orDefault(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// add enters the values of one line. The error says why a filter rejects it; it
// comes once for lines that are alike.
func (b *builder) add(r *benchfmt.Result) error {
	to, known := b.routes.find(r)
	if !known {
		var err error
		if to, err = b.route(r); err != nil {
			return err
		}
	}
	var trial compare.Trial
	if b.at != nil {
		_, line := r.Pos()
		var ok bool
		if trial, ok = b.at(line); !ok {
			return nil
		}
	}
	for i, c := range to.cells {
		if v := r.Values[i].Value; v != v {
			b.nan++
		} else if c != nil {
			c.values = append(c.values, v)
			if b.at != nil {
				c.trials = append(c.trials, trial)
			}
		}
	}
	return nil
}

// route works out where the values of a line belong, and remembers it for lines
// with the same configuration, name and units.
func (b *builder) route(r *benchfmt.Result) (*route, error) {
	to := b.routes.note(r)
	m, err := b.filter.Match(r)
	if err != nil || !m.Any() {
		return to, err
	}
	var kept []int
	for i := range r.Values {
		if m.Test(i) {
			kept = append(kept, i)
		}
	}
	all := r.Values
	r.Values = make([]benchfmt.Value, len(kept))
	for k, i := range kept {
		r.Values[k] = all[i]
	}
	at, residue := place{b.rowBy.Project(r), b.colBy.Project(r)}, b.residue.Project(r)
	for k, key := range b.tableBy.ProjectValues(r) {
		c := b.cell(key, at)
		c.residue[residue] = true
		to.cells[kept[k]] = c
	}
	r.Values = all
	return to, nil
}

func (b *builder) cell(table benchproc.Key, at place) *cellData {
	g := b.groups[table]
	if g == nil {
		g = &group{map[benchproc.Key]bool{}, map[benchproc.Key]bool{}, map[place]*cellData{}}
		b.groups[table] = g
	}
	c := g.cells[at]
	if c == nil {
		c = &cellData{residue: map[benchproc.Key]bool{}}
		g.cells[at] = c
		g.rows[at.row], g.cols[at.col] = true, true
	}
	return c
}

// prune takes out what holds nothing once values that are no numbers are left
// out: benchstat's rank test never ends on one.
func (b *builder) prune() {
	for key, g := range b.groups {
		g.rows, g.cols = map[benchproc.Key]bool{}, map[benchproc.Key]bool{}
		for at, c := range g.cells {
			if len(c.values) == 0 {
				delete(g.cells, at)
				continue
			}
			g.rows[at.row], g.cols[at.col] = true, true
		}
		if len(g.cells) == 0 {
			delete(b.groups, key)
		}
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
	by := &comparisons{assume: a}
	work := make([]func(), 0, len(g.cells))
	for at, c := range g.cells {
		if at.col != first {
			c.base = g.cells[place{at.row, first}]
		}
		work = append(work, func() {
			c.summary = a.Summary(c.sample, confidence)
			if c.base != nil {
				c.comparison = by.compare(c.base.sample, c.sample)
			}
			c.mixed()
		})
	}
	return work
}

// mixed warns of a cell whose lines differ in what nothing was asked of.
func (c *cellData) mixed() {
	if len(c.residue) < 2 {
		return
	}
	var keys []benchproc.Key
	for k := range c.residue {
		keys = append(keys, k)
	}
	var names []string
	for _, f := range benchproc.NonSingularFields(keys) {
		names = append(names, f.Name)
	}
	if len(names) > 0 {
		c.sample.Warnings = append(c.sample.Warnings, errors.New("benchmarks vary in "+strings.Join(names, ", ")))
	}
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

package stat

import (
	"fmt"
	"math"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// A table holds one reading a cell and block.
type table struct {
	cells    []int                    // ascending: what the columns are
	rows     [][]float64              // by block, then column; NaN for none, nil for an empty block
	distinct map[int]map[float64]bool // cell -> values of all its lines
	inner    map[int]*inner           // cell -> what its trials' own series did
	courses  map[int][][]float64      // cell -> the courses of its windows
	thin     int                      // readings of a quantile from too few events
	spare    []float64                // room for further rows
}

// newTable reads a question's metric from the samples of the cells that its
// pairs name.
func newTable(p plan.Plan, samples []sample.Sample, q Question, pairs []Pair) (table, error) {
	t := table{cells: cells(pairs), distinct: map[int]map[float64]bool{}, inner: map[int]*inner{}, courses: map[int][][]float64{}}
	used := t.usable(samples)
	r, err := newReader(q.Metric, q.Benchmark, used)
	if err != nil {
		return table{}, err
	}
	share, isQuantile := Quantile(q.Metric)
	var vs []float64
	for _, s := range used {
		if s.Window != used[0].Window {
			return table{}, fmt.Errorf("trial %d covers a %q window and trial %d a %q one: these are never compared",
				used[0].N, used[0].Window, s.N, s.Window)
		}
		if vs, err = r.values(vs[:0], s); err != nil {
			return table{}, err
		}
		if len(vs) == 0 {
			continue
		}
		v := sample.Median(vs)
		if q.Quantity == Ratio && v <= 0 {
			return table{}, fmt.Errorf("%s is %v in trial %d (%s, block %d): a ratio needs all values above 0 (claim a difference instead, or the share of trials above 0)",
				q.Metric, v, s.N, p.Name(p.Cells[s.Cell]), s.Block+1)
		}
		if !t.put(s, v) {
			return table{}, fmt.Errorf("two samples of %s in block %d (choose one attempt of a trial)", p.Name(p.Cells[s.Cell]), s.Block+1)
		}
		t.note(s.Cell, vs)
		t.watch(s.Cell, vs)
		if s.Course != nil {
			t.courses[s.Cell] = append(t.courses[s.Cell], s.Course)
		}
		if isQuantile && thin(s, q.Metric, share) {
			t.thin++
		}
	}
	return t, nil
}

// put enters a reading; false where there is one already.
func (t *table) put(s *sample.Sample, v float64) bool {
	for len(t.rows) <= s.Block {
		t.rows = append(t.rows, nil)
	}
	if t.rows[s.Block] == nil {
		t.rows[s.Block] = t.row()
	}
	at := &t.rows[s.Block][t.column(s.Cell)]
	free := math.IsNaN(*at)
	*at = v
	return free
}

// row is one without readings.
func (t *table) row() []float64 {
	n := len(t.cells)
	if len(t.spare) < n {
		t.spare = slices.Repeat([]float64{math.NaN()}, 32*n)
	}
	row := t.spare[:n:n]
	t.spare = t.spare[n:]
	return row
}

func (t table) column(cell int) int {
	i, ok := slices.BinarySearch(t.cells, cell)
	if !ok {
		return -1
	}
	return i
}

// get is the reading of a cell in a block.
func (t table) get(block, cell int) (float64, bool) {
	row, i := t.rows[block], t.column(cell)
	if row == nil || i < 0 || math.IsNaN(row[i]) {
		return 0, false
	}
	return row[i], true
}

func (t table) note(cell int, vs []float64) {
	if t.distinct[cell] == nil {
		t.distinct[cell] = map[float64]bool{}
	}
	for _, v := range vs {
		t.distinct[cell][v] = true
	}
}

// usable are the samples of the table's cells that measured something.
func (t table) usable(samples []sample.Sample) []*sample.Sample {
	var used []*sample.Sample
	for i := range samples {
		if s := &samples[i]; s.Block >= 0 && t.column(s.Cell) >= 0 && s.Outcome == sample.OK {
			used = append(used, s)
		}
	}
	return used
}

// cells are the cells of pairs, in the order of the plan.
func cells(pairs []Pair) []int {
	var list []int
	for _, x := range pairs {
		for _, c := range []int{x.Of, x.To} {
			if c >= 0 && !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
	}
	slices.Sort(list)
	return list
}

func (t table) series(p plan.Plan) []series {
	var all []series
	for _, c := range t.cells {
		s := series{cell: c, name: p.Name(p.Cells[c]), distinct: t.distinct[c], courses: t.courses[c]}
		if t.inner[c] != nil {
			s.inner = *t.inner[c]
		}
		for b := range t.rows {
			if v, ok := t.get(b, c); ok {
				s.blocks, s.values = append(s.blocks, b), append(s.values, v)
			}
		}
		all = append(all, s)
	}
	return all
}

// scale is the median size of the readings compared against.
func (t table) scale(pairs []Pair) float64 {
	var vs []float64
	for b := range t.rows {
		for _, x := range pairs {
			base := x.To
			if base < 0 {
				base = x.Of
			}
			if v, ok := t.get(b, base); ok {
				vs = append(vs, math.Abs(v))
			}
		}
	}
	if len(vs) == 0 {
		return 0
	}
	return sample.Median(vs)
}

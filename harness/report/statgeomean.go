package report

import (
	"errors"
	"fmt"
	"math"

	"golang.org/x/perf/benchproc"
	"golang.org/x/perf/benchunit"

	"github.com/assaylab/assay/harness/stat"
)

// The doubts that benchstat has about its last row.
var (
	errDifferentSets = errors.New("benchmark set differs from baseline; geomeans may not be comparable")
	errNoGeomean     = errors.New("summaries must be >0 to compute geomean")
	errNoRatio       = errors.New("ratios must be >0 to compute geomean")
)

// geomeans is the last row of a table: over all rows the geometric mean of the
// medians, and of their ratios to the first column's, as far as they have both.
func (g *group) geomeans(rows, cols []benchproc.Key, class benchunit.Class, notes *footnotes) Row {
	row := Row{Label: "geomean", Cells: make([]*Cell, len(cols))}
	paired := len(g.column(rows, cols[0]))
	for i, col := range cols {
		c := new(Cell)
		cells := g.column(rows, col)
		var doubts []error
		var centers []float64
		for _, d := range cells {
			centers = append(centers, d.summary.Center)
		}
		ratios, whole := ratiosOf(cells)
		if i > 0 && len(ratios) != paired {
			doubts = append(doubts, errDifferentSets)
		}
		if m := geomean(centers); math.IsNaN(m) {
			doubts = append(doubts, errNoGeomean)
		} else {
			c.Center, c.Value = benchunit.Scale(m, class), stat.Finite(m)
		}
		if i > 0 {
			c.Delta = "?"
			if m := geomean(ratios); whole && math.IsNaN(m) {
				doubts = append(doubts, errNoRatio)
			} else if whole {
				c.Delta = fmt.Sprintf("%+.2f%%", (m-1)*100)
			}
		}
		c.DeltaNotes = notes.add(doubts)
		row.Cells[i] = c
	}
	return row
}

// column are the cells of one column that have a sample, in row order.
func (g *group) column(rows []benchproc.Key, col benchproc.Key) []*cellData {
	var ds []*cellData
	for _, r := range rows {
		if d := g.cells[place{r, col}]; d != nil {
			ds = append(ds, d)
		}
	}
	return ds
}

// ratiosOf are the medians over those of the first column. Nothing over nothing
// is 1; whole is false where something stands over nothing.
func ratiosOf(cells []*cellData) (ratios []float64, whole bool) {
	whole = true
	for _, d := range cells {
		if d.base == nil {
			continue
		}
		switch of, to := d.summary.Center, d.base.summary.Center; {
		case of == to:
			ratios = append(ratios, 1)
		case to == 0:
			whole = false
			ratios = append(ratios, 0)
		default:
			ratios = append(ratios, of/to)
		}
	}
	return ratios, whole
}

// geomean is NaN where a value is not above 0, and of nothing.
func geomean(vs []float64) float64 {
	if len(vs) == 0 {
		return math.NaN()
	}
	mean := 0.0
	for i, v := range vs {
		if v <= 0 {
			return math.NaN()
		}
		mean += (math.Log(v) - mean) / float64(i+1) // running, as its rounding shows in the last digit
	}
	return math.Exp(mean)
}

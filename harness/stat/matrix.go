package stat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
)

// A matrix is every combination of the steps of some axes, with a cell each.
type matrix struct {
	axes  []Axis   // of two steps or more that have cells
	cells []int    // indices of cells, the last axis varying fastest
	left  []string // steps without a cell
	logs  [][]float64
}

// newMatrix lays the measured cells of a plan out along its axes.
func newMatrix(p plan.Plan, q Question) (matrix, error) {
	var present []plan.Cell
	for _, c := range p.Cells {
		if c.Arm == plan.ArmMain && !q.Without[c.Index] && has(p, c, q.Fix) {
			present = append(present, c)
		}
	}
	var m matrix
	for _, a := range Axes(p) {
		whole := a
		a.Steps = slices.DeleteFunc(slices.Clone(a.Steps), func(s Levels) bool {
			return !slices.ContainsFunc(present, func(c plan.Cell) bool { return has(p, c, s) })
		})
		for _, s := range whole.Steps {
			if !slices.ContainsFunc(a.Steps, func(o Levels) bool { return o.String() == s.String() }) {
				m.left = append(m.left, s.String())
			}
		}
		if len(a.Steps) > 1 {
			m.axes = append(m.axes, a)
		}
	}
	if len(m.axes) == 0 {
		return m, fmt.Errorf("no factor varies over the cells measured")
	}
	return m, m.lay(p, present)
}

// lay finds the cell of every combination. The error names one that is missing.
func (m *matrix) lay(p plan.Plan, present []plan.Cell) error {
	byName := map[string]int{}
	for _, c := range present {
		byName[m.name(c.Levels)] = c.Index
	}
	missing, first := 0, ""
	at := make([]int, len(m.axes))
	for {
		levels := map[string]string{}
		for i, a := range m.axes {
			for k, l := range a.Steps[at[i]] {
				levels[k] = l
			}
		}
		cell, ok := byName[m.name(levels)]
		if !ok {
			if missing++; missing == 1 {
				first = Levels(levels).String()
			}
		}
		m.cells = append(m.cells, cell)
		if !m.next(at) {
			break
		}
	}
	if missing > 0 {
		return fmt.Errorf("not in the matrix or not measured: %d of %s (the first is %s): the factors' shares can't be told apart", missing, prose.Plural(len(m.cells), "combination"), first)
	}
	return nil
}

// name tells combinations apart.
func (m *matrix) name(levels map[string]string) string {
	var b strings.Builder
	for _, a := range m.axes {
		for _, key := range a.Keys {
			b.WriteString(levels[key] + "\x00")
		}
	}
	return b.String()
}

// next advances to the next combination; false after the last.
func (m *matrix) next(at []int) bool {
	for i := len(at) - 1; i >= 0; i-- {
		if at[i]++; at[i] < len(m.axes[i].Steps) {
			return true
		}
		at[i] = 0
	}
	return false
}

// means are those of the logarithms by the steps of some axes, the last of them
// varying fastest; by cell for none.
func (m matrix) means(axes []int) []float64 {
	size := 1
	for _, i := range axes {
		size *= len(m.axes[i].Steps)
	}
	if axes == nil {
		size = len(m.cells)
	}
	sums := make([]float64, size)
	for cell := range m.cells {
		at := m.group(cell, axes)
		for _, row := range m.logs {
			sums[at] += row[cell]
		}
	}
	for i := range sums {
		sums[i] /= float64(len(m.logs)*len(m.cells)) / float64(size)
	}
	return sums
}

// group is where a cell stands among the combinations of some axes.
func (m matrix) group(cell int, axes []int) int {
	if axes == nil {
		return cell
	}
	steps := make([]int, len(m.axes))
	for i := len(m.axes) - 1; i >= 0; i-- {
		n := len(m.axes[i].Steps)
		steps[i], cell = cell%n, cell/n
	}
	at := 0
	for _, i := range axes {
		at = at*len(m.axes[i].Steps) + steps[i]
	}
	return at
}

package plot

import "math"

// A Metric is one number of every cell: what Box, ECDF and RunOrder show.
type Metric struct {
	Name     string // the metric as printed, "gc-mark-cpu-ns/cycle": its unit scales the axis
	Stem     string // begins the file names; Name where empty
	Title    string // Name where empty
	Subtitle string // experiment, blocks, host
	Factor   string // what the names of cells are levels of: "thp"; empty where they name it themselves
	Cells    []Cell // in plan order; at most MaxCells are drawn, the rest is said to be left out
	Parts    []Part // of its variation, for Pareto; nil for none
	Pair     *Pair  // the two factors that depend on each other most, for Interaction; nil for none
}

// A Cell is one combination of levels with its trials.
type Cell struct {
	Name   string
	Trials []Trial // in any order
}

// A Trial is one value, in the metric's unit, and when it was measured.
type Trial struct {
	Order int // rank in time over all cells, from 0
	Block int // from 0
	Value float64
}

// MaxCells is how many cells one figure shows: more can't be told apart.
const MaxCells = 24

// Claims are the sub-claims of an experiment, in file order.
type Claims struct {
	Title    string
	Subtitle string
	Rows     []Row
}

// A Row is one side of one sub-claim.
type Row struct {
	Claim    string // its id
	Part     string // direction, magnitude or predict, with the case where there is one
	Of, To   string // "thp=madvise", "thp=never"; To is empty for a value
	Quantity string // ratio, difference, value or share
	Metric   string // scales the axis of a difference or value
	Word     string // the verdict
	Why      string // shown where nothing was measured

	Measured           bool    // Estimate and the interval mean something
	Estimate           float64 // a ratio as such, else in the metric's unit
	Lo, Hi             *float64
	RegionLo, RegionHi *float64 // nil is unbounded
	N                  int      // blocks
}

// clean is m with what can't be drawn taken out, and what to say of it.
func (m Metric) clean() (Metric, string) {
	note := ""
	if len(m.Cells) > MaxCells {
		note = "the first " + itoa(MaxCells) + " of " + itoa(len(m.Cells)) + " cells are shown"
		m.Cells = m.Cells[:MaxCells]
	}
	cells := make([]Cell, len(m.Cells))
	for i, c := range m.Cells {
		cells[i].Name = c.Name
		for _, t := range c.Trials {
			if !math.IsNaN(t.Value) && !math.IsInf(t.Value, 0) {
				cells[i].Trials = append(cells[i].Trials, t)
			}
		}
	}
	m.Cells = cells
	if m.Title == "" {
		m.Title = m.Name
	}
	return m, note
}

// all are the values of every cell.
func (m Metric) all() []float64 {
	var vs []float64
	for _, c := range m.Cells {
		vs = append(vs, c.values()...)
	}
	return vs
}

func (c Cell) values() []float64 {
	vs := make([]float64, len(c.Trials))
	for i, t := range c.Trials {
		vs[i] = t.Value
	}
	return vs
}

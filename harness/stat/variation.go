package stat

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
)

// A Variation says which factors move a metric: how much of the sum of squares
// of its logarithms, about their mean, each explains (allocation of variation,
// as in Jain's textbook). The shares add up to 1. It describes the levels that
// were tried and tests nothing: intervals come from within-block effects.
type Variation struct {
	Metric  string
	Blocks  int      // complete ones, which alone are used
	Cells   int      // of the whole matrix, control arms left out
	Left    []string // levels left out: no cell of theirs was measured
	Total   float64  // sum of squares
	Sources []Source // factors in plan order, pairs of them, more of them, blocks, noise
}

// A Source is one part of the variation.
type Source struct {
	Kind  SourceKind
	Axes  []string // of a factor or an interaction
	SS    float64  // sum of squares
	DF    int      // degrees of freedom
	Share float64  // of the total

	// Steps and Means are of a factor (one row of means) and of a pair (rows by
	// its first axis): geometric means over all other levels and blocks.
	Steps [][]Levels
	Means [][]float64
}

// A SourceKind is what a part of the variation comes from.
type SourceKind string

const (
	OfFactor SourceKind = "factor"
	OfPair   SourceKind = "interaction"
	OfMore   SourceKind = "interactions of three and more"
	OfBlocks SourceKind = "blocks" // what all trials of a block share: time
	OfNoise  SourceKind = "noise"
)

// Name is what a source is called: "thp", "thp x gogc", "noise".
func (s Source) Name() string {
	if len(s.Axes) == 0 {
		return string(s.Kind)
	}
	return strings.Join(s.Axes, " x ")
}

// Allocate divides the variation of a question's metric over the matrix. Of and
// To are ignored, Without leaves cells out. It needs a whole matrix, or shares
// would depend on the order of the factors: a level without any cell is left
// out, and the error names the first combination missing beyond that. A metric
// that does not vary has no shares, which is an error too.
func Allocate(p plan.Plan, samples []sample.Sample, q Question) (Variation, error) {
	q.Quantity = Ratio // logarithms need values above 0
	m, err := newMatrix(p, q)
	if err != nil {
		return Variation{}, err
	}
	pairs := make([]Pair, len(m.cells))
	for i, c := range m.cells {
		pairs[i] = Pair{Of: c, To: -1}
	}
	t, err := newTable(p, samples, q, pairs)
	if err != nil {
		return Variation{}, err
	}
	m.fill(t)
	if len(m.logs) < 2 {
		return Variation{}, fmt.Errorf("blocks that hold the whole matrix of %s: %d, needs >= 2", prose.Plural(len(m.cells), "cell"), len(m.logs))
	}
	if m.flat() {
		return Variation{}, fmt.Errorf("it does not vary over %s and %s", prose.Plural(len(m.cells), "cell"), prose.Plural(len(m.logs), "block"))
	}
	v := Variation{Metric: q.Metric, Blocks: len(m.logs), Cells: len(m.cells), Left: m.left}
	v.Total, v.Sources = m.sources()
	for i := range v.Sources {
		v.Sources[i].Share = v.Sources[i].SS / v.Total
	}
	return v, nil
}

// flat says whether all readings are one but for rounding, whose shares would be
// those of 0/0. A sum of n numbers is off by n roundings at most, and so is their mean.
func (m matrix) flat() bool {
	all := slices.Concat(m.logs...)
	size := max(1, math.Abs(all[0]))
	rounding := float64(len(all)) * size * 0x1p-52
	return slices.Max(all)-slices.Min(all) <= rounding
}

// fill takes the logarithms of the blocks that hold every cell.
func (m *matrix) fill(t table) {
	for b := range t.rows {
		row := make([]float64, len(m.cells))
		whole := true
		for i, c := range m.cells {
			v, ok := t.get(b, c)
			whole = whole && ok
			row[i] = math.Log(v)
		}
		if whole {
			m.logs = append(m.logs, row)
		}
	}
}

// sources are the sums of squares. In a whole matrix they are orthogonal and
// add up to the total.
func (m matrix) sources() (total float64, all []Source) {
	grand := mean(slices.Concat(m.logs...))
	for _, row := range m.logs {
		total += squares(row, grand)
	}
	var explained float64 // by factors and pairs
	add := func(s Source) {
		all = append(all, s)
		explained += s.SS
	}
	for i := range m.axes {
		add(m.factor(i, grand))
	}
	for i := range m.axes {
		for j := range m.axes[i+1:] {
			add(m.pair(i, i+1+j, grand))
		}
	}
	n, k := len(m.logs), len(m.cells)
	cells := float64(n) * squares(m.means(nil), grand)
	if len(m.axes) > 2 {
		all = append(all, Source{Kind: OfMore, SS: max(0, cells-explained), DF: k - 1 - degrees(all)})
	}
	blocks := make([]float64, n)
	for b, row := range m.logs {
		blocks[b] = mean(row)
	}
	between := float64(k) * squares(blocks, grand)
	return total, append(all,
		Source{Kind: OfBlocks, SS: between, DF: n - 1},
		Source{Kind: OfNoise, SS: max(0, total-cells-between), DF: (n - 1) * (k - 1)})
}

func (m matrix) factor(i int, grand float64) Source {
	means := m.means([]int{i})
	weight := float64(len(m.logs)*len(m.cells)) / float64(len(means))
	return Source{Kind: OfFactor, Axes: []string{m.axes[i].Name}, SS: weight * squares(means, grand), DF: len(means) - 1,
		Steps: [][]Levels{m.axes[i].Steps}, Means: [][]float64{exps(means)}}
}

func (m matrix) pair(i, j int, grand float64) Source {
	rows, cols, both := m.means([]int{i}), m.means([]int{j}), m.means([]int{i, j})
	s := Source{Kind: OfPair, Axes: []string{m.axes[i].Name, m.axes[j].Name}, DF: (len(rows) - 1) * (len(cols) - 1),
		Steps: [][]Levels{m.axes[i].Steps, m.axes[j].Steps}}
	weight := float64(len(m.logs)*len(m.cells)) / float64(len(both))
	for a := range rows {
		line := both[a*len(cols) : (a+1)*len(cols)]
		for b, v := range line {
			rest := v - rows[a] - cols[b] + grand
			s.SS += weight * rest * rest
		}
		s.Means = append(s.Means, exps(line))
	}
	return s
}

func degrees(all []Source) int {
	n := 0
	for _, s := range all {
		n += s.DF
	}
	return n
}

func mean(vs []float64) float64 {
	sum := 0.0
	for _, v := range vs {
		sum += v
	}
	return sum / float64(len(vs))
}

// squares is the sum of squares about a centre.
func squares(vs []float64, centre float64) float64 {
	sum := 0.0
	for _, v := range vs {
		sum += (v - centre) * (v - centre)
	}
	return sum
}

func exps(vs []float64) []float64 {
	out := make([]float64, len(vs))
	for i, v := range vs {
		out[i] = math.Exp(v)
	}
	return out
}

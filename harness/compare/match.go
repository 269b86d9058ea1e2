package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// A pair is two series of one benchmark, cell and metric.
type pair struct {
	a, b   Series
	cell   string // "thp=never gogc=100"
	metric Metric
	within func(stat.Quantity) measured // the effect within blocks; nil where there are none
}

type matched struct {
	pairs        []pair
	onlyA, onlyB []Lone
	warnings     []string
}

// match pairs the series of two sides. Cells are told apart by the keys that
// vary within either side: a level that one side holds fixed meets the same
// level where the other varies it.
func match(a, b Side) matched {
	keys := slices.Clone(a.Factors)
	for _, key := range b.Factors {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	partners := make(map[place]int, len(b.Series))
	for i, x := range b.Series {
		partners[b.place(x, keys)] = i
	}
	var m matched
	taken := make([]bool, len(b.Series))
	for _, x := range a.Series {
		i, ok := partners[a.place(x, keys)]
		if !ok {
			m.onlyA = lone(m.onlyA, a.name(x, keys), x.Unit)
			continue
		}
		taken[i] = true
		y := b.Series[i]
		if x.Window != "" && y.Window != "" && x.Window != y.Window {
			text := fmt.Sprintf("the numbers of A cover a %q window and those of B a %q one: these are never compared", x.Window, y.Window)
			if !slices.Contains(m.warnings, text) {
				m.warnings = append(m.warnings, text)
			}
			continue
		}
		m.pairs = append(m.pairs, newPair(a, b, x, y, a.cell(x, keys)))
	}
	for i, y := range b.Series {
		if !taken[i] {
			m.onlyB = lone(m.onlyB, b.name(y, keys), y.Unit)
		}
	}
	return m
}

// lone adds a metric without a partner. The metrics of a cell stand together.
func lone(list []Lone, name, unit string) []Lone {
	if n := len(list); n > 0 && list[n-1].Name == name {
		list[n-1].Metrics = append(list[n-1].Metrics, unit)
		return list
	}
	return append(list, Lone{name, []string{unit}})
}

func (s Side) place(x Series, keys []string) place {
	var cell strings.Builder
	for _, key := range keys {
		cell.WriteString(s.level(x, key))
		cell.WriteByte('\n')
	}
	return place{x.Benchmark, cell.String(), x.Tidy}
}

// newPair brings b's values to a's unit and joins what is known of the metric.
func newPair(a, b Side, x, y Series, cell string) pair {
	if x.Unit != y.Unit {
		y.Values = slices.Clone(y.Values)
		for i := range y.Values {
			y.Values[i] = rescale(y.Values[i], y.Factor, x.Factor)
		}
	}
	m, n := a.Metrics[x.Tidy], b.Metrics[x.Tidy]
	switch {
	case m.Better == "":
		m.Better = n.Better
	case n.Better != "" && n.Better != m.Better:
		m.Better = wire.Better("")
	}
	m.Exact = m.Exact || n.Exact
	m.Primary = m.Primary || n.Primary
	m.Resolution.Relative = math.Max(m.Resolution.Relative, n.Resolution.Relative)
	m.Resolution.Absolute = math.Max(m.Resolution.Absolute, n.Resolution.Absolute) / x.Factor
	return pair{a: x, b: y, cell: cell, metric: m}
}

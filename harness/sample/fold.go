package sample

import (
	"math"
	"slices"
)

// Fold makes one line of all that have one name, in the order of the first: the
// median of each unit, which is no number (NaN) where one of its values is none. So a
// trial has one value of a metric, whatever -count a program was given.
func Fold(lines []Line) []Line {
	var folded []Line
	at := map[string]int{}
	same := map[string][]Line{}
	for _, l := range lines {
		if _, known := at[l.Name]; !known {
			at[l.Name] = len(folded)
			folded = append(folded, l)
		}
		same[l.Name] = append(same[l.Name], l)
	}
	for name, i := range at {
		if len(same[name]) > 1 {
			folded[i] = middle(same[name])
		}
	}
	return folded
}

// middle is the line of medians, units in the order in which they first stand.
func middle(lines []Line) Line {
	m := Line{Name: lines[0].Name}
	var iters []float64
	values := map[string][]float64{}
	for _, l := range lines {
		iters = append(iters, float64(l.Iters))
		for _, v := range l.Values {
			if values[v.Unit] == nil {
				m.Values = append(m.Values, Value{Unit: v.Unit})
			}
			values[v.Unit] = append(values[v.Unit], v.Value)
		}
	}
	m.Iters = int(Median(iters))
	for i, v := range m.Values {
		m.Values[i].Value = Median(values[v.Unit])
		if slices.ContainsFunc(values[v.Unit], math.IsNaN) {
			m.Values[i].Value = math.NaN()
		}
	}
	return m
}

// Median of values, of which there is one at least. Their order is kept.
func Median(vs []float64) float64 {
	if len(vs) == 1 {
		return vs[0]
	}
	s := slices.Clone(vs)
	slices.Sort(s)
	m := len(s) / 2
	if len(s)%2 == 1 {
		return s[m]
	}
	return s[m-1]/2 + s[m]/2 // their sum may be past the largest float
}

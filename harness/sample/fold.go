package sample

import "slices"

// Fold makes one line of all that have one name, in the order of the first: the
// median of each unit. So a trial has one value of a metric, whatever -count a
// program was given.
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
	m.Iters = int(median(iters))
	for i, v := range m.Values {
		m.Values[i].Value = median(values[v.Unit])
	}
	return m
}

func median(vs []float64) float64 {
	slices.Sort(vs)
	n := len(vs)
	return (vs[(n-1)/2] + vs[n/2]) / 2
}

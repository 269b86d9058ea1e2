package stat

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/assaylab/assay/harness/prose"
)

// A tied metric is one of several comparisons, with the cells that these look at.
type tied struct {
	metric string // "ns/op", with the benchmark where a question names one: "ns/op of Sort"
	cells  []series
}

// Ties are the doubts about metrics whose readings repeat another, in the order of
// the comparisons: one a metric, however many of these and of their cells there are.
// A share of trials is passed over: how far above 0 its readings are does not matter.
func Ties(all []Comparison) (w []string) {
	var metrics []tied
	for _, c := range all {
		if c.Quantity == Share {
			continue
		}
		name := c.Metric
		if c.Benchmark != "" {
			name += " of " + c.Benchmark
		}
		i := slices.IndexFunc(metrics, func(m tied) bool { return m.metric == name })
		if i < 0 {
			i, metrics = len(metrics), append(metrics, tied{metric: name})
		}
		metrics[i].add(c.series)
	}
	for _, m := range metrics {
		if text := m.doubt(); text != "" {
			w = append(w, text)
		}
	}
	return w
}

// add takes the cells with readings enough that are not there yet.
func (m *tied) add(more []series) {
	for _, s := range more {
		if len(s.values) >= ties.least && !slices.ContainsFunc(m.cells, func(o series) bool { return o.cell == s.cell }) {
			m.cells = append(m.cells, s)
		}
	}
}

func (m tied) doubt() string {
	var names []string
	least, most := 1.0, 0.0
	var values []float64
	for _, s := range m.cells {
		values = append(values, s.values...)
		if share := repeats(s.values); share > ties.limit {
			names, least, most = append(names, s.name), min(least, share), max(most, share)
		}
	}
	if len(names) == 0 {
		return ""
	}
	if slices.Min(values) == slices.Max(values) {
		return fmt.Sprintf("ties: %s is %s in every trial of %s: it does not vary, and its intervals have no width; measure more work per trial if it should",
			m.metric, strconv.FormatFloat(values[0], 'f', -1, 64), inCells(names))
	}
	share := fmt.Sprintf("%.0f %%", 100*most)
	if low := fmt.Sprintf("%.0f", 100*least); low+" %" != share {
		share = low + " to " + share
	}
	return fmt.Sprintf("ties: %s of the readings of %s repeat another: %s is coarser than its noise and intervals are wider than they need be; measure more work per trial", share, inCells(names), m.metric)
}

// inCells names cells, where they are few.
func inCells(names []string) string {
	if len(names) > 3 {
		return prose.Plural(len(names), "cell")
	}
	return prose.List(names)
}

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/report/plot"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
)

// PlotData picks what is plotted of a run: the metrics that matter, and all
// claims. Control arms are drawn as cells of their own; cells without a sample
// are left out. Of a package with many benchmarks only the first are drawn, those
// of claims before others, unless the experiment names its plots.
func PlotData(in Input) plot.Data {
	d := plot.Data{Claims: claimsOf(in)}
	if kinds := in.Plan.Spec.Report.Plots; len(kinds) > 0 {
		d.Kinds = kinds
	}
	main := slices.Clone(in.Main)
	slices.SortStableFunc(main, func(a, b sample.Sample) int { return a.Start.Compare(b.Start) })
	cols, _ := drawn(in)
	for _, c := range cols {
		d.Metrics = append(d.Metrics, metricOf(in, c, main))
	}
	return d
}

// mostDrawn is how many metrics are drawn that nobody asked for: each takes several
// files and about a second.
const mostDrawn = 12

// drawn are the metrics with plots of their own, and how many there are without.
func drawn(in Input) (cols []column, undrawn int) {
	var others []column
	for _, c := range columnsOf(in) {
		if slices.ContainsFunc(in.Plan.Spec.Claims, c.claimed) {
			cols = append(cols, c)
		} else {
			others = append(others, c)
		}
	}
	all := append(cols, others...)
	if in.Plan.Spec.Report.Plots != nil {
		return all, 0
	}
	n := min(len(all), max(mostDrawn, len(cols)))
	return all[:n], len(all) - n
}

// claimed says whether a claim is about the column.
func (c column) claimed(of spec.Claim) bool {
	bench := strings.TrimPrefix(of.Compare.Benchmark.Text, "Benchmark")
	return of.Compare.Metric.Text == c.metric && (bench == "" || c.bench == "" || bench == c.bench)
}

// metricOf gathers one column. Order is the rank in time of the trials shown,
// so that attempts which were repeated leave no gaps.
func metricOf(in Input, c column, main []sample.Sample) plot.Metric {
	m := plot.Metric{Name: c.metric, Stem: c.title(), Title: c.title(), Factor: soleFactor(in.Plan)}
	trials := map[int][]plot.Trial{}
	for order, s := range main {
		if v, ok := c.value(s); ok {
			trials[s.Cell] = append(trials[s.Cell], plot.Trial{Order: order, Block: s.Block, Value: v})
		}
	}
	for _, cell := range in.Plan.Cells {
		if ts := trials[cell.Index]; len(ts) > 0 {
			m.Cells = append(m.Cells, plot.Cell{Name: shortName(in.Plan, cell), Trials: ts})
		}
	}
	m.Subtitle = subtitle(in, m)
	m.Parts, m.Pair = partsOf(in, c.metric)
	return m
}

// partsOf is what moves a metric, and the two factors that depend on each other most.
func partsOf(in Input, metric string) (parts []plot.Part, pair *plot.Pair) {
	for _, v := range in.Variations {
		if v.Metric != metric {
			continue
		}
		for _, s := range v.Sources {
			parts = append(parts, plot.Part{Name: s.Name, Kind: s.Kind, Share: s.Share})
			if len(s.Axes) == 2 && len(s.Steps) == 2 && (pair == nil || s.Share > pair.Share) {
				pair = &plot.Pair{Names: [2]string{s.Axes[0], s.Axes[1]}, Steps: [2][]string{s.Steps[0], s.Steps[1]}, Means: s.Means, Share: s.Share}
			}
		}
	}
	return parts, pair
}

// soleFactor is the factor where there is but one: its levels then name cells by themselves.
func soleFactor(p plan.Plan) string {
	if len(p.Factors) == 1 {
		return p.Factors[0].Key
	}
	return ""
}

func shortName(p plan.Plan, c plan.Cell) string {
	if soleFactor(p) == "" {
		return p.Name(c)
	}
	name := c.Levels[p.Factors[0].Key]
	if c.Arm != plan.ArmMain {
		name += " (" + c.Arm + ")"
	}
	return name
}

// subtitle says how much stands behind a figure, and from which machine.
func subtitle(in Input, m plot.Metric) string {
	least, most := len(in.Main), 0
	blocks := map[int]bool{}
	for _, c := range m.Cells {
		least, most = min(least, len(c.Trials)), max(most, len(c.Trials))
		for _, t := range c.Trials {
			blocks[t.Block] = true
		}
	}
	n := fmt.Sprintf("n = %d a cell", most)
	if least != most {
		n = fmt.Sprintf("n = %d to %d a cell", least, most)
	}
	return strings.Join(append([]string{in.Plan.Spec.Name + ": " + prose.Plural(len(blocks), "block") + ", " + n}, hostShort(in)...), "; ")
}

// hostShort is the machine in a few words: the figure may travel without its report.
func hostShort(in Input) []string {
	var out []string
	for _, h := range headerOf(in).Hosts {
		x := in.Hosts[h.Env]
		out = append(out, fmt.Sprintf("%s, Linux %s", orDefault(x.CPU.Model, prose.Plural(len(x.CPU.Online), "CPU")), x.Kernel))
	}
	return out
}

func claimsOf(in Input) plot.Claims {
	cs := plot.Claims{
		Title:    "Claims and what the data say",
		Subtitle: fmt.Sprintf("%s: %s; each interval at the level at which its claim was judged", in.Plan.Spec.Name, prose.Plural(in.Verdicts.Blocks, "block")),
	}
	for _, v := range in.Verdicts.Verdicts {
		row := plot.Row{
			Claim: v.Claim, Part: part(v), Of: v.Of, Quantity: quantity(v.Relation), Metric: v.Metric,
			Word: string(v.Word), Why: v.Why,
		}
		if len(v.Sides) == 0 {
			cs.Rows = append(cs.Rows, row)
		}
		for _, s := range v.Sides {
			cs.Rows = append(cs.Rows, sideRow(row, v, s))
		}
	}
	return cs
}

func sideRow(row plot.Row, v verdict.Verdict, s verdict.Side) plot.Row {
	row.To, row.N, row.Measured = s.To, s.N, s.N > 0 || v.Exact
	row.Estimate, row.Lo, row.Hi = s.Estimate, s.Lo, s.Hi
	row.RegionLo, row.RegionHi = s.RegionLo, s.RegionHi
	return row
}

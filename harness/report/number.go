package report

import (
	"math"
	"strconv"

	"github.com/assaylab/assay/harness/report/plot"
)

// amount shows an effect: a ratio with three decimals, a share of trials as a
// percentage, else in a human unit.
func amount(e Effect, v float64) string {
	switch e.Quantity {
	case "ratio":
		return plot.Ratio(v)
	case "share":
		return percent(v)
	}
	return e.unit().Text(v)
}

// unit is common to all numbers of an effect.
func (e Effect) unit() plot.Unit {
	vs := []float64{e.Estimate}
	for _, p := range []*float64{e.Lo, e.Hi} {
		if p != nil {
			vs = append(vs, *p)
		}
	}
	return plot.Human(e.Metric, vs...)
}

// interval shows an effect's: "[0.815, 0.851]", open ends as 0 or infinity.
func interval(e Effect) string {
	switch e.Quantity {
	case "ratio":
		return plot.Interval(e.Lo, e.Hi, "0", plot.Ratio)
	case "share":
		return plot.Interval(e.Lo, e.Hi, "0", percent)
	}
	u := e.unit()
	return plot.Interval(e.Lo, e.Hi, "-∞", func(v float64) string { return plot.Number(v / u.Divide) })
}

// bootstrap shows an effect's bootstrap interval in the unit of its own.
func bootstrap(e Effect) string {
	if e.Bootstrap == nil {
		return "-"
	}
	e.Lo, e.Hi = &e.Bootstrap.Lo, &e.Bootstrap.Hi
	return interval(e)
}

// smallest shows the smallest effect that the data could have told from none.
func smallest(e Effect) string {
	switch {
	case e.Smallest == 0 || math.IsInf(e.Smallest, 0) || math.IsNaN(e.Smallest):
		return "-"
	case e.Quantity == "ratio" || e.Quantity == "share":
		return "±" + percent(e.Smallest)
	}
	return "±" + plot.Human(e.Metric, e.Smallest).Text(e.Smallest)
}

// level shows what an interval is drawn at.
func level(e Effect) string {
	if e.Exact {
		return "exact"
	}
	return percent(e.Level)
}

// percent shows a share: 0.9875 is "98.75 %".
func percent(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e4)/100, 'f', -1, 64) + " %"
}

// pvalue shows a p with two digits; nil where there is none.
func pvalue(p *float64) string {
	switch {
	case p == nil:
		return "-"
	case *p < 1e-4:
		return "<0.0001"
	}
	return strconv.FormatFloat(*p, 'g', 2, 64)
}

// count shows a number that is not known where it is 0.
func count(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

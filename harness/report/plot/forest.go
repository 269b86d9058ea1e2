package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Forest shows each side of each sub-claim as a row: the region it claims as a
// shade, the estimate as a mark, the interval as a bar whose open ends are
// arrows. Ratios have one panel on a log axis; differences, values and shares
// of trials one for each metric.
func Forest(c Claims) Figure {
	groups := group(c.Rows)
	var height vg.Length
	for _, g := range groups {
		height += g.height()
	}
	words := verdictKeys(c.Rows)
	l := legendOf(words, width-2*margin)
	return titled(c.Title, []string{c.Subtitle}, height+l.height()+8, func(s sheet) {
		y := s.Max.Y
		for _, g := range groups {
			g.draw(s, y)
			y -= g.height()
		}
		l.draw(s, s.Min.X, s.Min.Y+l.height())
	})
}

// A forestGroup is the rows of one panel.
type forestGroup struct {
	quantity, metric string
	rows             []Row
}

const (
	forestRow  = 36 * vg.Length(1)
	forestHead = 20 * vg.Length(1)
	forestFoot = 46 * vg.Length(1)
)

func (g forestGroup) height() vg.Length {
	return forestHead + vg.Length(len(g.rows))*forestRow + forestFoot
}

// group keeps the order of claims: a panel stands where its first row does.
func group(rows []Row) []forestGroup {
	var gs []forestGroup
	for _, r := range rows {
		metric := r.Metric
		if r.Quantity == "ratio" {
			metric = ""
		}
		i := slices.IndexFunc(gs, func(g forestGroup) bool { return g.quantity == r.Quantity && g.metric == metric })
		if i < 0 {
			gs = append(gs, forestGroup{quantity: r.Quantity, metric: metric})
			i = len(gs) - 1
		}
		gs[i].rows = append(gs[i].rows, r)
	}
	return gs
}

func (g forestGroup) draw(s sheet, y vg.Length) {
	u := g.unit()
	p := panel{sheet: s, x0: s.Min.X + 226, x1: s.Max.X - 136}
	p.y1 = y - forestHead
	p.y0 = p.y1 - vg.Length(len(g.rows))*forestRow
	p.x = g.axis(u)
	for i, r := range g.rows { // shades first: the grid stays visible on them
		p.region(r, u, p.y1-(vg.Length(i)+0.5)*forestRow)
	}
	p.xgrid(g.name(u))
	if none, ok := g.none(); ok && p.x.at(none) >= 0 && p.x.at(none) <= 1 {
		p.line(ink, 1, p.px(none), p.y0, p.px(none), p.y1)
	}
	p.say(firm, faint, left, bottom, s.Min.X, p.y1+5, "claim")
	p.say(firm, faint, left, bottom, p.x1+12, p.y1+5, "verdict")
	for i, r := range g.rows {
		mid := p.y1 - (vg.Length(i)+0.5)*forestRow
		p.line(rule, 0.6, s.Min.X, mid+forestRow/2, s.Max.X, mid+forestRow/2)
		p.row(r, u, mid)
	}
}

// name is the axis' own: what is shown, in which unit, on which scale.
func (g forestGroup) name(u Unit) string {
	switch g.quantity {
	case "ratio":
		return "ratio of / to (log scale)"
	case "difference":
		return "difference, of − to: " + u.Label
	}
	return u.Label
}

// none is the effect that is no effect.
func (g forestGroup) none() (float64, bool) {
	switch g.quantity {
	case "ratio":
		return 1, true
	case "difference":
		return 0, true
	}
	return 0, false
}

func (g forestGroup) unit() Unit {
	switch g.quantity {
	case "ratio":
		return Unit{Divide: 1}
	case "share":
		return Unit{Label: "trials with " + g.metric + " above 0 (%)", Divide: 0.01}
	}
	var vs []float64
	for _, r := range g.rows {
		vs = append(vs, r.ends()...)
	}
	return Human(g.metric, vs...)
}

// ends are the numbers that a row has.
func (r Row) ends() []float64 {
	vs := r.regionEnds()
	if !r.Measured {
		return vs
	}
	vs = append(vs, r.Estimate)
	for _, p := range []*float64{r.Lo, r.Hi} {
		if p != nil {
			vs = append(vs, *p)
		}
	}
	return vs
}

func (r Row) regionEnds() []float64 {
	var vs []float64
	for _, p := range []*float64{r.RegionLo, r.RegionHi} {
		if p != nil {
			vs = append(vs, *p)
		}
	}
	return vs
}

// axis covers estimates, regions and no effect. An interval far wider than
// those is cut, with an arrow, or it would squeeze all other rows to dots.
func (g forestGroup) axis(u Unit) axis {
	var core, ends []float64
	if none, ok := g.none(); ok {
		core = append(core, none)
	}
	for _, r := range g.rows {
		core = append(core, r.regionEnds()...)
		if r.Measured {
			core = append(core, r.Estimate)
		}
		ends = append(ends, r.ends()...)
	}
	if g.quantity == "ratio" {
		keep := func(v float64) bool { return !(v > 0) || math.IsInf(v, 0) }
		core, ends = slices.DeleteFunc(core, keep), slices.DeleteFunc(ends, keep)
		lo, hi := span(core)
		reach := math.Max(hi/lo, 1.1)
		elo, ehi := span(ends)
		return logarithmic(min(lo, max(elo, lo/reach)), max(hi, min(ehi, hi*reach)), 8)
	}
	if g.quantity == "share" { // all of it fits between 0 and 1
		_, most := span(ends)
		return linear(0, most/u.Divide, 6)
	}
	lo, hi := span(core)
	elo, ehi := span(append(ends, lo))
	reach := hi - lo
	if reach == 0 {
		reach = math.Max(math.Abs(hi), 1)
	}
	return linear(min(lo, max(elo, lo-reach))/u.Divide, max(hi, min(ehi, hi+reach))/u.Divide, 6)
}

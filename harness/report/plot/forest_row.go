package plot

import (
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot/vg"
)

// clamp puts v on the panel; cut says that it lay outside.
func (p panel) clamp(v float64) (x vg.Length, cut bool) {
	f := p.x.at(v)
	switch {
	case math.IsNaN(f) || f < 0:
		return p.x0, true
	case f > 1:
		return p.x1, true
	}
	return p.x0 + vg.Length(f)*(p.x1-p.x0), false
}

func (p panel) region(r Row, u Unit, y vg.Length) {
	if r.RegionLo == nil && r.RegionHi == nil {
		return
	}
	x0, x1 := p.x0, p.x1
	if r.RegionLo != nil {
		x0, _ = p.clamp(*r.RegionLo / u.Divide)
	}
	if r.RegionHi != nil {
		x1, _ = p.clamp(*r.RegionHi / u.Divide)
	}
	if x1-x0 < 3 { // "== 2" is a region too
		mid := (x0 + x1) / 2
		x0, x1 = mid-1.5, mid+1.5
	}
	p.fill(pale(sky, 0.35), x0, y-forestRow*0.42, x1, y+forestRow*0.42)
}

func (p panel) row(r Row, u Unit, y vg.Length) {
	wide := p.x0 - p.Min.X - 12
	p.say(firm, ink, left, centre, p.Min.X, y+7, firm.fit(r.Claim, wide-small.width("  "+r.Part)))
	p.say(small, faint, left, centre, p.Min.X+firm.width(firm.fit(r.Claim, wide-small.width("  "+r.Part)))+5, y+7, r.Part)
	p.say(small, faint, left, centre, p.Min.X, y-7, small.fit(r.sides(), wide))
	l := verdictLook(r.Word)
	p.say(firm, l.color, left, centre, p.x1+12, y+7, r.Word)
	if !r.Measured {
		why := small.fit(orElse(r.Why, "not measured"), p.x1-p.x0-16)
		p.fill(paper, p.x0+5, y-7, p.x0+11+small.width(why), y+7) // the line of no effect must not cross the words
		p.say(small, faint, left, centre, p.x0+8, y, why)
		return
	}
	p.say(small, faint, left, centre, p.x1+12, y-7, small.fit(r.numbers(u), p.Max.X-p.x1-12))
	p.interval(r, u, y, l.color)
	if x, cut := p.clamp(r.Estimate / u.Divide); !cut {
		p.mark(l.mark, l.color, 4.2, x, y)
	}
}

func (r Row) sides() string {
	if r.To == "" {
		return r.Of + ", " + r.Metric
	}
	if r.Quantity == "difference" {
		return r.Of + " − " + r.To + ", " + r.Metric
	}
	return r.Of + " / " + r.To
}

// numbers is the estimate and its interval in the axis' unit. A ratio has
// three decimals, as the thousandth is what regions are written in.
func (r Row) numbers(u Unit) string {
	show, least := func(v float64) string { return Number(v / u.Divide) }, "-∞"
	if r.Quantity == "ratio" {
		show, least = Ratio, "0"
	}
	return show(r.Estimate) + " " + Interval(r.Lo, r.Hi, least, show) + "  n " + itoa(r.N)
}

// Interval shows an interval: "[0.790, 0.830]". A nil end is open: least below, infinity above.
func Interval(lo, hi *float64, least string, show func(float64) string) string {
	from, to := least, "∞"
	if lo != nil {
		from = show(*lo)
	}
	if hi != nil {
		to = show(*hi)
	}
	return "[" + from + ", " + to + "]"
}

// Ratio shows a ratio with three decimals, or four digits where that says nothing.
func Ratio(v float64) string {
	if a := math.Abs(v); a < 0.01 || a >= 10 {
		return Number(v)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}

func (p panel) interval(r Row, u Unit, y vg.Length, c color.Color) {
	end := func(v *float64, edge, dir vg.Length) vg.Length {
		if v != nil {
			if x, cut := p.clamp(*v / u.Divide); !cut {
				p.line(c, 1.6, x, y-4, x, y+4)
				return x
			}
		}
		p.FillPolygon(c, []vg.Point{{X: edge, Y: y}, {X: edge - dir*7, Y: y + 4}, {X: edge - dir*7, Y: y - 4}})
		return edge - dir*5
	}
	x0, x1 := end(r.Lo, p.x0, -1), end(r.Hi, p.x1, 1)
	p.line(c, 1.8, x0, y, x1, y)
}

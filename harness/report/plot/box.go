package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Box shows each cell as a row: its trials as points, the quartiles as a box,
// the median as a bar, whiskers to the last trial within 1.5 box lengths.
// Rows, not columns, so that a cell's name never has to be turned or cut short.
func Box(m Metric) Figure {
	m, note := m.clean()
	u := Human(m.Name, m.all()...)
	row := rowHeight(len(m.Cells))
	body := vg.Length(len(m.Cells)) * row
	const foot, head = 34, 16
	return titled(m.Title, []string{m.Subtitle, note}, head+body+foot, func(s sheet) {
		p := boxPanel(s, m, u, head, foot)
		p.xgrid(u.Label)
		p.say(firm, faint, left, bottom, s.Min.X, p.y1+5, m.Factor)
		p.say(firm, faint, right, bottom, s.Max.X-34, p.y1+5, "median")
		p.say(firm, faint, right, bottom, s.Max.X, p.y1+5, "n")
		for i, c := range m.Cells {
			y := p.y1 - (vg.Length(i)+0.5)*row
			if i > 0 {
				p.line(rule, 0.6, s.Min.X, y+row/2, s.Max.X, y+row/2)
			}
			p.say(plain, ink, left, centre, s.Min.X, y, plain.fit(c.Name, p.x0-s.Min.X-10))
			p.boxRow(c, lookOf(i), u, y, row)
			p.say(plain, ink, right, centre, s.Max.X, y, itoa(len(c.Trials)))
			if len(c.Trials) > 0 {
				p.say(plain, ink, right, centre, s.Max.X-34, y, Number(quantile(c.values(), 0.5)/u.Divide))
			}
		}
	})
}

func rowHeight(cells int) vg.Length {
	switch {
	case cells <= 6:
		return 40
	case cells <= 12:
		return 30
	}
	return 22
}

// boxPanel leaves room for the names at the left (at most 45 %) and the
// numbers at the right.
func boxPanel(s sheet, m Metric, u Unit, head, foot vg.Length) panel {
	names := firm.width(m.Factor)
	for _, c := range m.Cells {
		names = max(names, plain.width(c.Name))
	}
	names = min(names, (s.Max.X-s.Min.X)*0.45)
	lo, hi := span(m.all())
	p := panel{sheet: s, x0: s.Min.X + names + 14, x1: s.Max.X - 88, y0: s.Min.Y + foot, y1: s.Max.Y - head}
	p.x = linear(lo/u.Divide, hi/u.Divide, 6)
	return p
}

func (p panel) boxRow(c Cell, l look, u Unit, y, row vg.Length) {
	vs := c.values()
	if len(vs) == 0 {
		p.say(small, faint, left, centre, p.x0+6, y, "no data")
		return
	}
	half := row * 0.3
	if len(vs) >= 4 { // a box of fewer is no summary
		q1, q3 := quantile(vs, 0.25), quantile(vs, 0.75)
		lo, hi := whiskers(vs, q1, q3)
		x1, x3 := p.px(q1/u.Divide), p.px(q3/u.Divide)
		p.line(l.color, 0.9, p.px(lo/u.Divide), y, x1, y)
		p.line(l.color, 0.9, x3, y, p.px(hi/u.Divide), y)
		p.fill(pale(l.color, 0.18), x1, y-half, x3, y+half)
		p.box(l.color, 0.9, x1, y-half, x3, y+half)
	}
	slices.SortFunc(c.Trials, func(a, b Trial) int { return a.Order - b.Order })
	for i, t := range c.Trials {
		p.mark(l.mark, pale(l.color, 0.75), 2.1, p.px(t.Value/u.Divide), y+jitter(i)*half*0.85)
	}
	med := p.px(quantile(vs, 0.5) / u.Divide)
	p.line(ink, 2.2, med, y-half, med, y+half)
}

// jitter spreads points over (-1, 1) by the golden ratio: even, and the same every time.
func jitter(i int) vg.Length {
	_, f := math.Modf(float64(i)*math.Phi + 0.5)
	return vg.Length(2*f - 1)
}

// whiskers end at the furthest values within 1.5 box lengths of the box.
func whiskers(vs []float64, q1, q3 float64) (lo, hi float64) {
	reach := 1.5 * (q3 - q1)
	lo, hi = q1, q3
	for _, v := range vs {
		if v >= q1-reach {
			lo = math.Min(lo, v)
		}
		if v <= q3+reach {
			hi = math.Max(hi, v)
		}
	}
	return lo, hi
}

// quantile interpolates between order statistics: q = 0.5 is the usual median.
func quantile(vs []float64, q float64) float64 {
	s := slices.Sorted(slices.Values(vs))
	at := q * float64(len(s)-1)
	i := int(at)
	if i+1 >= len(s) {
		return s[len(s)-1]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}

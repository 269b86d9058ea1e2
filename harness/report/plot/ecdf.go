package plot

import (
	"slices"

	"gonum.org/v1/plot/vg"
)

// ECDF shows, for each cell, the share of its trials at or below a value.
// Quartiles carry the cell's mark, so that lines are told apart without colour.
func ECDF(m Metric) Figure {
	m, note := m.clean()
	u := Human(m.Name, m.all()...)
	l := legendOf(m.keys(keyBoth), width-2*margin)
	const foot, head, plotHeight = 44, 20, 260
	return titled(m.Title, []string{m.Subtitle, note}, head+plotHeight+foot+l.height(), func(s sheet) {
		lo, hi := span(m.all())
		p := panel{sheet: s, x1: s.Max.X - 6, y0: s.Min.Y + foot + l.height(), y1: s.Max.Y - head}
		p.x = linear(lo/u.Divide, hi/u.Divide, 8)
		p.y = axis{lo: 0, hi: 1, ticks: []tick{{0, "0 %"}, {0.25, "25 %"}, {0.5, "50 %"}, {0.75, "75 %"}, {1, "100 %"}}}
		p.x0 = s.Min.X + gutter(p.y)
		p.xgrid(u.Label)
		p.ygrid("share of trials at or below")
		for i, c := range m.Cells {
			p.steps(c, lookOf(i), u)
		}
		l.draw(s, s.Min.X, s.Min.Y+l.height())
	})
}

// keys are the legend of the cells.
func (m Metric) keys(kind keyKind) []key {
	ks := make([]key, len(m.Cells))
	for i, c := range m.Cells {
		name := c.Name
		if m.Factor != "" {
			name = m.Factor + "=" + name
		}
		ks[i] = key{lookOf(i), name + " (n " + itoa(len(c.Trials)) + ")", kind}
	}
	return ks
}

func (p panel) steps(c Cell, l look, u Unit) {
	vs := slices.Sorted(slices.Values(c.values()))
	if len(vs) == 0 {
		return
	}
	pts := []vg.Point{{X: p.x0, Y: p.py(0)}}
	share := 0.0
	for i, v := range vs {
		x := p.px(v / u.Divide)
		pts = append(pts, vg.Point{X: x, Y: p.py(share)})
		share = float64(i+1) / float64(len(vs))
		pts = append(pts, vg.Point{X: x, Y: p.py(share)})
	}
	pts = append(pts, vg.Point{X: p.x1, Y: p.py(1)})
	p.path(l.color, 1.4, l.dash, pts)
	for _, q := range []float64{0.25, 0.5, 0.75} {
		k := min(int(q*float64(len(vs))), len(vs)-1)
		p.mark(l.mark, l.color, 3.2, p.px(vs[k]/u.Divide), p.py(q))
	}
}

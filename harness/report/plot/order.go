package plot

import (
	"slices"

	"gonum.org/v1/plot/vg"
)

// RunOrder shows values in the order they were measured. The upper panel has
// every trial with the median of each block; bands are blocks. The lower panel
// has each block's median as a deviation from what its cells usually are, so
// that drift shows however far apart the cells lie.
func RunOrder(m Metric) Figure {
	m, note := m.clean()
	u := Human(m.Name, m.all()...)
	ks := append(m.keys(keyMark), key{look{color: ink}, "median of the block", keyLine})
	l := legendOf(ks, width-2*margin)
	const foot, head, upper, gap, lower = 44, 20, 220, 34, 80
	total := head + upper + gap + lower + foot + l.height()
	return titled(m.Title, []string{m.Subtitle, note}, total, func(s sheet) {
		blocks := m.blocks()
		lo, hi := span(m.all())
		up := panel{sheet: s, x1: s.Max.X - 6, y1: s.Max.Y - head, y0: s.Max.Y - head - upper}
		up.y = linear(lo/u.Divide, hi/u.Divide, 5)
		down := panel{sheet: s, x1: up.x1, y1: up.y0 - gap, y0: up.y0 - gap - lower}
		down.y = deviation(blocks)
		up.x0 = s.Min.X + max(gutter(up.y), gutter(down.y))
		down.x0 = up.x0
		up.x = m.orders()
		down.x = up.x
		each := bandSize(up.x1-up.x0, len(blocks))
		up.bands(blocks, each)
		down.bands(blocks, each)
		up.ygrid(u.Label)
		down.ygrid("median of the block against what its cells usually measure (%)")
		bands := "bands are blocks"
		if each > 1 {
			bands = "bands are " + itoa(each) + " blocks"
		}
		down.xgrid("trial, in the order run; " + bands)
		up.line(faint, 0.8, up.x0, up.y0, up.x1, up.y0)
		up.trials(m, u)
		for _, b := range blocks {
			up.line(ink, 1.8, up.px(b.from), up.py(b.median/u.Divide), up.px(b.to), up.py(b.median/u.Divide))
		}
		down.drift(blocks)
		l.draw(s, s.Min.X, s.Min.Y+l.height())
	})
}

// A span of trials that ran as one block, on the axis of order.
type blockSpan struct {
	block    int
	from, to float64
	median   float64 // of the raw values
	off      float64 // median of value / median of its cell, less 1, in percent
}

func (m Metric) orders() axis {
	lo, hi := 0, 0
	for _, c := range m.Cells {
		for _, t := range c.Trials {
			hi = max(hi, t.Order)
		}
	}
	a := axis{lo: float64(lo) - 0.5, hi: float64(hi) + 0.5}
	for _, t := range even(a.lo, a.hi, 10) {
		if t.at == float64(int(t.at)) && t.at >= 0 {
			a.ticks = append(a.ticks, tick{t.at, itoa(int(t.at))})
		}
	}
	return a
}

// blocks gathers the trials of each block, in run order.
func (m Metric) blocks() []blockSpan {
	type group struct{ values, ratios, orders []float64 }
	groups := map[int]*group{}
	for _, c := range m.Cells {
		if len(c.Trials) == 0 {
			continue
		}
		usual := quantile(c.values(), 0.5)
		for _, t := range c.Trials {
			g := groups[t.Block]
			if g == nil {
				g = &group{}
				groups[t.Block] = g
			}
			g.values = append(g.values, t.Value)
			g.orders = append(g.orders, float64(t.Order))
			if usual != 0 {
				g.ratios = append(g.ratios, t.Value/usual)
			}
		}
	}
	var bs []blockSpan
	for b, g := range groups {
		lo, hi := span(g.orders)
		s := blockSpan{block: b, from: lo - 0.5, to: hi + 0.5, median: quantile(g.values, 0.5)}
		if len(g.ratios) > 0 {
			s.off = (quantile(g.ratios, 0.5) - 1) * 100
		}
		bs = append(bs, s)
	}
	slices.SortFunc(bs, func(a, b blockSpan) int { return a.block - b.block })
	return bs
}

// deviation is symmetric about 0 and never narrower than 1 %, so that noise of
// a still machine is not blown up into drift.
func deviation(bs []blockSpan) axis {
	reach := 1.0
	for _, b := range bs {
		reach = max(reach, b.off, -b.off)
	}
	a := axis{lo: -reach * 1.15, hi: reach * 1.15}
	a.ticks = even(a.lo, a.hi, 4)
	for i, t := range a.ticks {
		if t.at > 0 {
			a.ticks[i].label = "+" + t.label
		}
	}
	return a
}

// bandSize is how many blocks one band holds: 1 until blocks are thinner than
// the eye can count.
func bandSize(wide vg.Length, blocks int) int {
	for _, each := range []int{1, 5, 10, 50, 100, 500} {
		if float64(wide)/float64(max(blocks, 1))*float64(each) >= 4 {
			return each
		}
	}
	return 1000
}

// bands shades every other each blocks.
func (p panel) bands(bs []blockSpan, each int) {
	for _, b := range bs {
		if (b.block/each)%2 == 1 {
			p.fill(band, p.px(b.from), p.y0, p.px(b.to), p.y1)
		}
	}
}

func (p panel) trials(m Metric, u Unit) {
	for i, c := range m.Cells {
		l := lookOf(i)
		for _, t := range c.Trials {
			p.mark(l.mark, l.color, 2.4, p.px(float64(t.Order)), p.py(t.Value/u.Divide))
		}
	}
}

func (p panel) drift(bs []blockSpan) {
	p.line(faint, 0.8, p.x0, p.py(0), p.x1, p.py(0))
	var pts []vg.Point
	for _, b := range bs {
		pts = append(pts, vg.Point{X: p.px((b.from + b.to) / 2), Y: p.py(b.off)})
	}
	p.path(ink, 1, nil, pts)
	for _, pt := range pts {
		p.mark(marks[0], ink, 1.8, pt.X, pt.Y)
	}
}

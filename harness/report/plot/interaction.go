package plot

import (
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
)

// A Pair is two factors and the metric's means at every combination of them.
type Pair struct {
	Names [2]string   // "thp", "gogc"
	Steps [2][]string // "thp=never" ...
	Means [][]float64 // rows by the first factor, in the metric's unit, above 0
	Share float64     // of the variation that their interaction explains
}

const (
	pairPanel = 300 * vg.Length(1)
	pairFoot  = 40 * vg.Length(1)
	pairHead  = 22 * vg.Length(1)
)

// Interaction shows whether two factors depend on each other: a line for each
// step of the second over the steps of the first, on a log axis. Where the lines
// are parallel they do not. Points are means over all else, and no interval: the
// report's table has those.
func Interaction(m Metric) Figure {
	m, _ = m.clean()
	pair := m.Pair.drawable()
	u := Human(m.Name, pair.all()...)
	var keys []key
	for i, name := range pair.Steps[1] {
		keys = append(keys, key{look: lookOf(i), name: name, kind: keyBoth})
	}
	l := legendOf(keys, width-2*margin)
	note := pair.Names[0] + " and " + pair.Names[1] + ": their interaction explains " + inPercent(pair.Share) + "; parallel lines would be none"
	return titled(m.Title, []string{m.Subtitle, note, m.Pair.left(pair)}, pairHead+pairPanel+pairFoot+l.height()+8, func(s sheet) {
		p := pair.panel(s, u, l.height()+8)
		p.ygrid(u.Label + " (log scale)")
		p.named(pair.Steps[0], pair.Names[0])
		for j := range pair.Steps[1] {
			p.meansLine(pair, j, u)
		}
		l.draw(s, s.Min.X, s.Min.Y+l.height())
	})
}

// mostLines is how many steps of the second factor can be told apart.
const mostLines = 9

// drawable keeps what a figure can tell apart.
func (x Pair) drawable() Pair {
	x.Steps[0] = x.Steps[0][:min(len(x.Steps[0]), MaxCells)]
	x.Steps[1] = x.Steps[1][:min(len(x.Steps[1]), mostLines)]
	return x
}

// left says what is not drawn; nothing where all is.
func (x Pair) left(drawn Pair) string {
	if len(x.Steps[0]) == len(drawn.Steps[0]) && len(x.Steps[1]) == len(drawn.Steps[1]) {
		return ""
	}
	return "shown are the first " + itoa(len(drawn.Steps[0])) + " of " + itoa(len(x.Steps[0])) + " levels of " + x.Names[0] +
		", and " + itoa(len(drawn.Steps[1])) + " of " + itoa(len(x.Steps[1])) + " of " + x.Names[1]
}

// all are the means that are drawn.
func (x Pair) all() []float64 {
	var vs []float64
	for i := range x.Steps[0] {
		vs = append(vs, x.Means[i][:len(x.Steps[1])]...)
	}
	return vs
}

func (x Pair) panel(s sheet, u Unit, below vg.Length) panel {
	lo, hi := span(x.all())
	p := panel{sheet: s, y0: s.Min.Y + pairFoot + below, y1: s.Max.Y - pairHead, x1: s.Max.X}
	p.y = logarithmic(lo/u.Divide, hi/u.Divide, 6)
	p.x0 = s.Min.X + gutter(p.y)
	p.x = axis{lo: -0.5, hi: float64(len(x.Steps[0])) - 0.5}
	return p
}

// named writes the steps of the first factor below the panel, every one that fits.
func (p panel) named(names []string, factor string) {
	room := p.px(1) - p.px(0) - 6
	every := max(1, int(math.Ceil(44/float64(room))))
	p.line(faint, 0.8, p.x0, p.y0, p.x1, p.y0)
	for i, name := range names {
		x := p.px(float64(i))
		p.line(faint, 0.6, x, p.y0, x, p.y0-3)
		if i%every == 0 {
			p.say(small, ink, middle, top, x, p.y0-5, small.fit(strings.TrimPrefix(name, factor+"="), room*vg.Length(every)))
		}
	}
	p.say(plain, ink, middle, top, (p.x0+p.x1)/2, p.y0-20, plain.fit(factor, p.x1-p.x0))
}

func (p panel) meansLine(x Pair, j int, u Unit) {
	l := lookOf(j)
	var pts []vg.Point
	for i := range x.Steps[0] {
		pts = append(pts, vg.Point{X: p.px(float64(i)), Y: p.py(x.Means[i][j] / u.Divide)})
	}
	p.path(l.color, 1.6, l.dash, pts)
	for _, at := range pts {
		p.mark(l.mark, l.color, 3.4, at.X, at.Y)
	}
}

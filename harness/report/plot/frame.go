package plot

import (
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A sheet is a canvas with the few strokes that all figures are made of.
type sheet struct{ draw.Canvas }

func (s sheet) line(c color.Color, w vg.Length, x0, y0, x1, y1 vg.Length) {
	s.StrokeLine2(draw.LineStyle{Color: c, Width: w}, x0, y0, x1, y1)
}

func (s sheet) path(c color.Color, w vg.Length, dash []vg.Length, pts []vg.Point) {
	if len(pts) > 1 {
		s.StrokeLines(draw.LineStyle{Color: c, Width: w, Dashes: dash}, pts)
	}
}

func (s sheet) fill(c color.Color, x0, y0, x1, y1 vg.Length) {
	if x1 > x0 && y1 > y0 {
		s.FillPolygon(c, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
	}
}

func (s sheet) box(c color.Color, w vg.Length, x0, y0, x1, y1 vg.Length) {
	s.path(c, w, nil, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}, {X: x0, Y: y0}})
}

func (s sheet) mark(m draw.GlyphDrawer, c color.Color, r, x, y vg.Length) {
	s.DrawGlyphNoClip(draw.GlyphStyle{Color: c, Radius: r, Shape: m}, vg.Point{X: x, Y: y})
}

// The anchors of text.
const (
	left   = text.XLeft
	middle = text.XCenter
	right  = text.XRight

	top    = text.YTop
	centre = text.YCenter
	bottom = text.YBottom
)

func (s sheet) say(v voice, c color.Color, xa text.XAlignment, ya text.YAlignment, x, y vg.Length, txt string) {
	s.FillText(v.style(c, xa, ya), vg.Point{X: x, Y: y}, strings.Map(printable, txt))
}

// printable puts a blank for a control character, which no XML may hold.
func printable(r rune) rune {
	if r < ' ' || 0x7f <= r && r < 0xa0 {
		return ' '
	}
	return r
}

// titled starts a figure of a height: paper, title, subtitles. body gets what is left.
func titled(title string, subtitles []string, height vg.Length, body func(sheet)) Figure {
	head := margin + 18
	for _, t := range subtitles {
		if t != "" {
			head += 13
		}
	}
	head += 8
	total := head + height + margin
	return Figure{Width: width, Height: total, draw: func(c draw.Canvas) {
		s := sheet{c}
		s.fill(paper, 0, 0, width, total)
		y := total - margin
		s.say(loud, ink, left, top, margin, y, loud.fit(title, width-2*margin))
		y -= 19
		for _, t := range subtitles {
			if t != "" {
				s.say(plain, faint, left, top, margin, y, plain.fit(t, width-2*margin))
				y -= 13
			}
		}
		body(sheet{draw.Crop(c, margin, -margin, margin, -head)})
	}}
}

// A panel is the area in which data are drawn, in a sheet's own points.
type panel struct {
	sheet
	x0, x1, y0, y1 vg.Length
	x, y           axis
}

func (p panel) px(v float64) vg.Length { return p.x0 + vg.Length(p.x.at(v))*(p.x1-p.x0) }
func (p panel) py(v float64) vg.Length { return p.y0 + vg.Length(p.y.at(v))*(p.y1-p.y0) }

// xgrid draws the ticks of x, with vertical rules, and the axis' name below.
func (p panel) xgrid(name string) {
	for _, t := range p.x.ticks {
		x := p.px(t.at)
		p.line(rule, 0.6, x, p.y0, x, p.y1)
		p.line(faint, 0.6, x, p.y0, x, p.y0-3)
		p.say(small, ink, middle, top, x, p.y0-5, t.label)
	}
	p.line(faint, 0.8, p.x0, p.y0, p.x1, p.y0)
	if name != "" {
		p.say(plain, ink, middle, top, (p.x0+p.x1)/2, p.y0-18, plain.fit(name, p.x1-p.x0))
	}
}

// ygrid draws the ticks of y, with horizontal rules, and the axis' name above its end.
func (p panel) ygrid(name string) {
	for _, t := range p.y.ticks {
		y := p.py(t.at)
		p.line(rule, 0.6, p.x0, y, p.x1, y)
		p.line(faint, 0.6, p.x0-3, y, p.x0, y)
		p.say(small, ink, right, centre, p.x0-6, y, t.label)
	}
	p.line(faint, 0.8, p.x0, p.y0, p.x0, p.y1)
	if name != "" {
		p.say(plain, ink, left, bottom, p.Min.X, p.y1+6, plain.fit(name, p.x1-p.Min.X))
	}
}

// gutter is the width that the labels of y need.
func gutter(a axis) vg.Length {
	w := vg.Length(0)
	for _, t := range a.ticks {
		w = max(w, small.width(t.label))
	}
	return w + 10
}

// A key is one entry of a legend.
type key struct {
	look
	name string
	kind keyKind
}

type keyKind int

const (
	keyMark keyKind = iota
	keyLine
	keyBoth
)

// A legend lays entries out in columns, below the data and never over them.
type legend struct {
	keys       []key
	cols, rows int
	col        vg.Length // width of one column
}

const legendLine = 14 * vg.Length(1)

func legendOf(keys []key, wide vg.Length) legend {
	l := legend{keys: keys, cols: 1}
	for _, k := range keys {
		l.col = max(l.col, small.width(k.name)+44)
	}
	l.col = min(l.col, wide)
	l.cols = max(1, min(len(keys), int(math.Floor(float64(wide/l.col)))))
	l.rows = (len(keys) + l.cols - 1) / l.cols
	return l
}

func (l legend) height() vg.Length { return vg.Length(l.rows) * legendLine }

// draw puts the legend with its upper left corner at (x, y), down the columns.
func (l legend) draw(s sheet, x, y vg.Length) {
	for i, k := range l.keys {
		kx := x + vg.Length(i/l.rows)*l.col
		ky := y - vg.Length(i%l.rows)*legendLine - legendLine/2
		if k.kind != keyMark {
			s.path(k.color, 1.6, k.dash, []vg.Point{{X: kx, Y: ky}, {X: kx + 22, Y: ky}})
		}
		if k.kind != keyLine {
			s.mark(k.mark, k.color, 3, kx+11, ky)
		}
		s.say(small, ink, left, centre, kx+28, ky, small.fit(k.name, l.col-34))
	}
}

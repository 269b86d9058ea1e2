package plot

import (
	"image/color"

	stdfnt "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Inks of everything that is not data.
var (
	ink   = color.RGBA{0x22, 0x22, 0x22, 0xff}
	faint = color.RGBA{0x66, 0x66, 0x66, 0xff}
	rule  = color.RGBA{0xe4, 0xe4, 0xe4, 0xff}
	band  = color.RGBA{0xf4, 0xf4, 0xf4, 0xff}
	paper = color.RGBA{0xff, 0xff, 0xff, 0xff}
)

// The colours of Okabe and Ito, yellow left out: it is lost on white paper.
var (
	blue       = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	vermillion = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green      = color.RGBA{0x00, 0x9e, 0x73, 0xff}
	purple     = color.RGBA{0xcc, 0x79, 0xa7, 0xff}
	orange     = color.RGBA{0xe6, 0x9f, 0x00, 0xff}
	sky        = color.RGBA{0x56, 0xb4, 0xe9, 0xff}
	black      = color.RGBA{0x00, 0x00, 0x00, 0xff}
)

var palette = []color.RGBA{blue, vermillion, green, purple, orange, sky, black}

var marks = []draw.GlyphDrawer{
	draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, diamond{},
	draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{},
}

var dashes = [][]vg.Length{nil, {6, 2.5}, {1.6, 2}, {8, 2, 1.6, 2}}

// A look sets one cell apart from all others of a figure: 7 colours, 9 marks
// and 4 dashes advance so that no two of MaxCells share colour and mark.
type look struct {
	color color.RGBA
	mark  draw.GlyphDrawer
	dash  []vg.Length
}

func lookOf(i int) look {
	return look{
		color: palette[i%len(palette)],
		mark:  marks[i%len(marks)],
		dash:  dashes[(i/len(palette))%len(dashes)],
	}
}

// pale mixes a colour with the paper: alpha itself would show overlaps as data.
func pale(c color.RGBA, share float64) color.RGBA {
	mix := func(a, b uint8) uint8 { return uint8(float64(a)*share + float64(b)*(1-share) + 0.5) }
	return color.RGBA{mix(c.R, paper.R), mix(c.G, paper.G), mix(c.B, paper.B), 0xff}
}

// diamond is a filled square on its tip.
type diamond struct{}

func (diamond) DrawGlyph(c *draw.Canvas, s draw.GlyphStyle, pt vg.Point) {
	r := s.Radius * 1.2
	var p vg.Path
	p.Move(vg.Point{X: pt.X, Y: pt.Y + r})
	p.Line(vg.Point{X: pt.X + r, Y: pt.Y})
	p.Line(vg.Point{X: pt.X, Y: pt.Y - r})
	p.Line(vg.Point{X: pt.X - r, Y: pt.Y})
	p.Close()
	c.SetColor(s.Color)
	c.Fill(p)
}

// fonts are built into the program, so that text has one size on every host.
var fonts = font.NewCache(liberation.Collection())

// A voice is a size and weight of text.
type voice struct {
	size vg.Length
	bold bool
}

var (
	loud  = voice{13, true}
	plain = voice{9.5, false}
	small = voice{8.5, false}
	firm  = voice{9, true}
)

func (v voice) style(c color.Color, x text.XAlignment, y text.YAlignment) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: v.size}
	if v.bold {
		f.Weight = stdfnt.WeightBold
	}
	return text.Style{Color: c, Font: f, XAlign: x, YAlign: y, Handler: text.Plain{Fonts: fonts}}
}

func (v voice) width(s string) vg.Length {
	return v.style(ink, 0, 0).Width(s)
}

// fit shortens s in its middle until it is no wider than w: the ends of a
// cell's name tell it apart.
func (v voice) fit(s string, w vg.Length) string {
	if v.width(s) <= w {
		return s
	}
	rs := []rune(s)
	for keep := len(rs) - 1; keep > 1; keep-- {
		head := keep / 2
		cut := string(rs[:head]) + "…" + string(rs[len(rs)-(keep-head):])
		if v.width(cut) <= w {
			return cut
		}
	}
	return "…"
}

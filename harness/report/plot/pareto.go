package plot

import (
	"cmp"
	"image/color"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Part is one part of a metric's variation over the whole matrix.
type Part struct {
	Name  string  // "thp", "thp x gogc", "noise"
	Kind  string  // PartFactor, PartInteraction, else what no factor explains
	Share float64 // of all
}

// The kinds of parts that factors explain.
const (
	PartFactor      = "factor"
	PartInteraction = "interaction"
)

// mostParts is how many bars a figure has; the smaller ones are put together.
const mostParts = 16

// Pareto shows which factor matters: the parts of a metric's variation as bars,
// the largest first, each with its share and the sum so far.
func Pareto(m Metric) Figure {
	m, _ = m.clean()
	parts := ranked(m.Parts)
	row := vg.Length(26)
	const foot, head = 34, 16
	keys := partKeys(parts)
	l := legendOf(keys, width-2*margin)
	body := vg.Length(len(parts)) * row
	return titled(m.Title, []string{m.Subtitle}, head+body+foot+l.height()+8, func(s sheet) {
		p := paretoPanel(s, parts, foot+l.height()+8, head)
		p.xgrid("share of the variation over the whole matrix (%)")
		p.say(firm, faint, left, bottom, s.Min.X, p.y1+5, "source")
		p.say(firm, faint, right, bottom, s.Max.X-48, p.y1+5, "share")
		p.say(firm, faint, right, bottom, s.Max.X, p.y1+5, "sum")
		sum := 0.0
		for i, x := range parts {
			y := p.y1 - (vg.Length(i)+0.5)*row
			if i > 0 {
				p.line(rule, 0.6, s.Min.X, y+row/2, s.Max.X, y+row/2)
			}
			sum += x.Share
			p.say(plain, ink, left, centre, s.Min.X, y, plain.fit(x.Name, p.x0-s.Min.X-10))
			p.fill(partColour(x.Kind), p.px(0), y-row*0.3, p.px(100*x.Share), y+row*0.3)
			p.say(plain, ink, right, centre, s.Max.X-48, y, inPercent(x.Share))
			p.say(plain, faint, right, centre, s.Max.X, y, inPercent(sum))
		}
		p.line(faint, 0.8, p.px(0), p.y0, p.px(0), p.y1)
		l.draw(s, s.Min.X, s.Min.Y+l.height())
	})
}

// ranked are the parts by size, those beyond mostParts put together.
func ranked(parts []Part) []Part {
	all := slices.Clone(parts)
	slices.SortStableFunc(all, func(a, b Part) int { return cmp.Compare(b.Share, a.Share) })
	if len(all) <= mostParts {
		return all
	}
	rest := Part{Name: itoa(len(all)-mostParts+1) + " smaller ones"}
	for _, x := range all[mostParts-1:] {
		rest.Share += x.Share
	}
	return append(all[:mostParts-1], rest)
}

func paretoPanel(s sheet, parts []Part, foot, head vg.Length) panel {
	names, most := firm.width("source"), 0.0
	for _, x := range parts {
		names = max(names, plain.width(x.Name))
		most = max(most, x.Share)
	}
	names = min(names, (s.Max.X-s.Min.X)*0.45)
	p := panel{sheet: s, x0: s.Min.X + names + 14, x1: s.Max.X - 104, y0: s.Min.Y + foot, y1: s.Max.Y - head}
	most = max(100*most, 1)
	p.x = axis{lo: 0, hi: most * 1.02, ticks: even(0, most*1.02, 6)}
	return p
}

func inPercent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + " %" }

func partColour(kind string) color.RGBA {
	switch kind {
	case PartFactor:
		return blue
	case PartInteraction:
		return orange
	}
	return pale(faint, 0.6)
}

// partKeys explains the colours that occur.
func partKeys(parts []Part) []key {
	var keys []key
	for _, k := range []struct{ kind, name string }{
		{PartFactor, "a factor by itself"}, {PartInteraction, "two factors that depend on each other"}, {"", "blocks, noise and the rest"},
	} {
		used := slices.ContainsFunc(parts, func(x Part) bool { return partColour(x.Kind) == partColour(k.kind) })
		if used {
			keys = append(keys, key{look: look{color: partColour(k.kind), mark: draw.BoxGlyph{}}, name: k.name})
		}
	}
	return keys
}

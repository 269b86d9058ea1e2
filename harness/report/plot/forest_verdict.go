package plot

import (
	"slices"

	"gonum.org/v1/plot/vg/draw"
)

// The verdicts, in the order of the legend: each has its colour and its mark.
var verdicts = []key{
	{look{color: green, mark: draw.CircleGlyph{}}, "supported", keyMark},
	{look{color: vermillion, mark: draw.BoxGlyph{}}, "refuted", keyMark},
	{look{color: faint, mark: diamond{}}, "inconclusive", keyMark},
	{look{color: purple, mark: draw.PyramidGlyph{}}, "invalid", keyMark},
	{look{color: black, mark: draw.RingGlyph{}}, "not testable here", keyMark},
}

func verdictLook(word string) look {
	for _, k := range verdicts {
		if k.name == word {
			return k.look
		}
	}
	return look{color: faint, mark: draw.CrossGlyph{}}
}

// verdictKeys are the verdicts that occur, and the shade of a region.
func verdictKeys(rows []Row) []key {
	var ks []key
	for _, k := range verdicts {
		if slices.ContainsFunc(rows, func(r Row) bool { return r.Word == k.name }) {
			ks = append(ks, k)
		}
	}
	return append(ks, key{look{color: pale(sky, 0.35), mark: draw.BoxGlyph{}}, "region claimed", keyMark})
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

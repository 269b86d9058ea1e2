package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

// A textBox is where one text of a figure lies.
type textBox struct {
	text           string
	x0, y0, x1, y1 vg.Length
}

// record draws a figure and keeps only its texts. Heights are those of a
// capital letter: ascenders and leading may touch without harm.
func record(f Figure) []textBox {
	var rec recorder.Canvas
	f.draw(draw.NewCanvas(&rec, f.Width, f.Height))
	var boxes []textBox
	for _, a := range rec.Actions {
		s, ok := a.(*recorder.FillString)
		if !ok {
			continue
		}
		face := fonts.Lookup(s.Font, s.Size)
		boxes = append(boxes, textBox{s.String, s.Point.X, s.Point.Y, s.Point.X + face.Width(s.String), s.Point.Y + s.Size*0.7})
	}
	return boxes
}

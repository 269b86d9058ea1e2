package plot

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Figure is a drawing that can be saved in several formats.
type Figure struct {
	Width, Height vg.Length
	draw          func(draw.Canvas)
}

const (
	width  = 680 * vg.Length(1) // of every figure, in points
	margin = 14 * vg.Length(1)
	dpi    = 144
)

// Formats are the extensions that Write knows.
var Formats = []string{"svg", "png"}

// Write draws the figure in a format: the same bytes every time.
//
// Note: no PDF. vgpdf stamps the time it was made into the file and does not
// find the bold face of the built-in fonts; the SVG converts without loss.
func (f Figure) Write(w io.Writer, format string) error {
	switch format {
	case "svg":
		c := vgsvg.New(f.Width, f.Height)
		f.draw(draw.New(c))
		var b bytes.Buffer
		if _, err := c.WriteTo(&b); err != nil {
			return fmt.Errorf("draw svg: %w", err)
		}
		_, err := w.Write(withFallback(b.Bytes()))
		return err
	case "png":
		c := vgimg.NewWith(vgimg.UseWH(f.Width, f.Height), vgimg.UseDPI(dpi))
		f.draw(draw.New(c))
		_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
		return err
	}
	return fmt.Errorf("draw: no format %q (there are %s)", format, strings.Join(Formats, ", "))
}

// Save writes the figure in the format of the path's extension.
func (f Figure) Save(path string) error {
	var b bytes.Buffer
	if err := f.Write(&b, strings.TrimPrefix(filepath.Ext(path), ".")); err != nil {
		return fmt.Errorf("plot %s: %w", path, err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}

// withFallback names fonts of equal widths for viewers that lack Liberation.
func withFallback(svg []byte) []byte {
	return bytes.ReplaceAll(svg, []byte("font-family:Liberation Sans;"),
		[]byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
}

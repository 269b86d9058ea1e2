package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Renderer writes a report in one format.
type Renderer struct {
	Name   string // as --format takes it
	File   string // name of the file in a results folder
	Doc    string // one line
	Tables bool   // the tables alone: reasons and warnings stand in the other formats
	Render func(io.Writer, Report) error
}

var renderers []Renderer

// register adds a renderer; a name that is taken is a mistake in the program.
func register(r Renderer) struct{} {
	for _, x := range renderers {
		if x.Name == r.Name {
			panic("report: two renderers named " + r.Name)
		}
	}
	renderers = append(renderers, r)
	slices.SortFunc(renderers, func(a, b Renderer) int { return cmp.Compare(a.Name, b.Name) })
	return struct{}{}
}

// Renderers lists all formats by name.
func Renderers() []Renderer { return slices.Clone(renderers) }

// RendererOf finds a format. The error lists those there are.
func RendererOf(name string) (Renderer, error) {
	var names []string
	for _, r := range renderers {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Renderer{}, fmt.Errorf("report: no format %q (there are %s)", name, strings.Join(names, ", "))
}

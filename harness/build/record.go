package build

import (
	"fmt"

	"github.com/assaylab/assay/workloads/wire"
)

// A Record is builds.json: what the trials of a run executed.
type Record struct {
	Description wire.Description `json:"description"`
	Binaries    []Binary         `json:"binaries"`
	Cells       map[int]string   `json:"cells"` // cell -> SHA-256 of its binary

	// Layouts are the binaries of blocks that drew a layout: cell -> layout -> SHA-256.
	Layouts map[int]map[uint64]string `json:"layouts,omitempty"`
}

// Add notes the binary of a cell.
func (r *Record) Add(cell int, b Binary) {
	if r.Cells == nil {
		r.Cells = map[int]string{}
	}
	r.Cells[cell] = b.SHA256
	r.know(b)
}

// AddLayout notes the binary of a cell in blocks with that layout.
func (r *Record) AddLayout(cell int, layout uint64, b Binary) {
	if r.Layouts == nil {
		r.Layouts = map[int]map[uint64]string{}
	}
	if r.Layouts[cell] == nil {
		r.Layouts[cell] = map[uint64]string{}
	}
	r.Layouts[cell][layout] = b.SHA256
	r.know(b)
}

func (r *Record) know(b Binary) {
	for _, known := range r.Binaries {
		if known.SHA256 == b.SHA256 {
			return
		}
	}
	r.Binaries = append(r.Binaries, b)
}

// detectors are what a program can be built with to watch itself, by flag of go build.
var detectors = []struct{ flag, name string }{
	{"-race", "the race detector"},
	{"-msan", "the memory sanitizer"},
	{"-asan", "the address sanitizer"},
}

// Doubts says which binaries watch themselves while they are measured.
func (r Record) Doubts() []string {
	var doubts []string
	for _, b := range r.Binaries {
		for _, d := range detectors {
			if b.Settings[d.flag] == "true" {
				doubts = append(doubts, fmt.Sprintf("%s was built with %s (%s): its times and its memory are those of that too (build it without)", b.Program, d.name, d.flag))
			}
		}
	}
	return doubts
}

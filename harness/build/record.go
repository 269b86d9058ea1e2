package build

import "github.com/assaylab/assay/workloads/wire"

// A Record is builds.json: what the trials of a run executed.
type Record struct {
	Description wire.Description `json:"description"`
	Binaries    []Binary         `json:"binaries"`
	Cells       map[int]string   `json:"cells"` // cell -> SHA-256 of its binary
}

// Add notes the binary of a cell.
func (r *Record) Add(cell int, b Binary) {
	if r.Cells == nil {
		r.Cells = map[int]string{}
	}
	r.Cells[cell] = b.SHA256
	for _, known := range r.Binaries {
		if known.SHA256 == b.SHA256 {
			return
		}
	}
	r.Binaries = append(r.Binaries, b)
}

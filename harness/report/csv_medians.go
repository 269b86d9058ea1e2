package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
)

var _ = register(Renderer{
	Name: "medians", File: MediansFile, Render: Medians, Tables: true,
	Doc: "the medians of all cells as CSV",
})

// Medians writes a line a cell and metric: the median over the cell's trials, in the
// metric's own unit, and how many trials have it.
func Medians(w io.Writer, r Report) error {
	c := csv.NewWriter(w)
	c.Write([]string{"experiment", "cell", "benchmark", "unit", "trials", "median"})
	for _, cell := range r.Cells {
		for _, m := range cell.Medians {
			c.Write([]string{r.Header.Experiment, oneLine(cell.Name), m.Benchmark, m.Unit, strconv.Itoa(m.N), plain(&m.Value)})
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("report: medians: %w", err)
	}
	return nil
}

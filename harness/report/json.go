package report

import (
	"encoding/json"
	"fmt"
	"io"
)

var _ = register(Renderer{
	Name: "json", File: "report.json", Render: JSON,
	Doc: "every number of the report, for programs",
})

// JSON writes the report itself.
func JSON(w io.Writer, r Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("report: json: %w", err)
	}
	return nil
}

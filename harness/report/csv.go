package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
)

// EffectsFile is the file below a results folder that holds every effect, and
// MediansFile that with every median.
const (
	EffectsFile = "tables/effects.csv"
	MediansFile = "tables/medians.csv"
)

var _ = register(Renderer{
	Name: "csv", File: EffectsFile, Render: CSV, Tables: true,
	Doc: "the effects with all their numbers, for a spreadsheet or R",
})

// CSV writes a line an effect: those of claims, then the exploratory ones. Numbers
// are whole, ratios and shares as such, all else in the metric's unit; what is not
// known or not bounded is empty.
func CSV(w io.Writer, r Report) error {
	c := csv.NewWriter(w)
	c.Write([]string{
		"experiment", "claim", "verdict", "exploratory", "interaction", "benchmark", "metric", "quantity", "of", "to",
		"estimate", "lo", "hi", "level", "exact", "blocks", "p", "q", "detectable", "blocks-needed",
	})
	for _, e := range r.Effects {
		c.Write([]string{
			r.Header.Experiment, oneLine(e.Claim), string(e.Word), strconv.FormatBool(e.Exploratory), strconv.FormatBool(e.Interaction),
			oneLine(e.Benchmark), e.Metric, e.Quantity, oneLine(e.Of), oneLine(e.To),
			plain(&e.Estimate), plain(e.Lo), plain(e.Hi), plain(&e.Level), strconv.FormatBool(e.Exact), strconv.Itoa(e.N),
			plain(e.P), plain(e.Q), known0(e.Smallest), known0(float64(e.Needed)),
		})
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("report: csv: %w", err)
	}
	return nil
}

// plain is a number that reads back as it was.
func plain(v *float64) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// known0 is a number that is not known where it is 0.
func known0(v float64) string {
	if v == 0 {
		return ""
	}
	return plain(&v)
}

package results

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/assaylab/assay/harness/sample"
)

// Counters gives samples of the run their counters in some units, which [Read]
// leaves in the file.
func (r Run) Counters(samples []sample.Sample, units []string) error {
	at := map[[2]int]*sample.Sample{}
	for i := range samples {
		at[[2]int{samples[i].N, samples[i].Attempt}] = &samples[i]
	}
	path := filepath.Join(r.Dir, TrialsFile)
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	defer f.Close()
	lines := json.NewDecoder(io.LimitReader(f, r.whole[TrialsFile]))
	var head json.RawMessage
	for err = lines.Decode(&head); err == nil && lines.More(); {
		var line struct {
			N, Attempt int
			Counters   map[string]float64
		}
		if err = lines.Decode(&line); err != nil {
			break
		}
		if s := at[[2]int{line.N, line.Attempt}]; s != nil {
			s.Counters = only(line.Counters, units)
		}
	}
	if err != nil {
		return fmt.Errorf("results: %s: %w", path, err)
	}
	return nil
}

// only are the counters in some units; nil for none.
func only(counters map[string]float64, units []string) map[string]float64 {
	var kept map[string]float64
	for unit, v := range counters {
		if !slices.Contains(units, unit) {
			continue
		}
		if kept == nil {
			kept = map[string]float64{}
		}
		kept[unit] = v
	}
	return kept
}

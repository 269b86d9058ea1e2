package results

import (
	"slices"

	"github.com/assaylab/assay/harness/sample"
)

// Chosen are the samples of the main analysis, one a trial: the first clean
// attempt, the first that measured anything where none is clean. In run order.
func (r Run) Chosen() []sample.Sample { return r.each(sample.Chosen) }

// First are the first attempts that measured anything: the sensitivity line.
func (r Run) First() []sample.Sample { return r.each(sample.First) }

func (r Run) each(pick func([]sample.Sample) (sample.Sample, bool)) []sample.Sample {
	var out []sample.Sample
	for _, attempts := range r.trials() {
		if s, ok := pick(attempts); ok {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b sample.Sample) int { return a.Start.Compare(b.Start) })
	return out
}

// trials groups the attempts of blocks by trial, attempts in order.
func (r Run) trials() map[int][]sample.Sample {
	m := map[int][]sample.Sample{}
	for _, a := range r.Attempts {
		if a.Block >= 0 {
			m[a.N] = append(m[a.N], a)
		}
	}
	for _, attempts := range m {
		slices.SortFunc(attempts, func(a, b sample.Sample) int { return a.Attempt - b.Attempt })
	}
	return m
}

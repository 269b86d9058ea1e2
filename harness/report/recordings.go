package report

import (
	"fmt"

	"github.com/assaylab/assay/harness/sample"
)

// Recordings fills in which profiles and traces of a role attempts have left, and warns
// of those that were asked for and are not there.
func (in *Input) Recordings(role string, attempts []sample.Sample) {
	in.Recorded = sample.Recorded(attempts)
	for _, kind := range sample.Recordings(in.Plan.Spec.Measure) {
		for _, c := range in.Plan.Cells {
			_, untestable := in.Untestable[c.Index]
			if !untestable && !kind.Among(in.Recorded, c.Index, role) {
				in.Warnings = append(in.Warnings, fmt.Sprintf("%s: there is no %s: the trial that should have written it failed, or was not made (log.txt says which)",
					in.Plan.Name(c), kind.File(c.Index, role)))
			}
		}
	}
}

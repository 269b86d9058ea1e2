package profile

import (
	"fmt"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/stat"
)

// A Finding is a ratio that a report shows.
type Finding struct {
	What     string // it is of: "faster direction"
	Metric   string
	Estimate float64
	Lo, Hi   *float64 // its interval; nil where there is none
}

// Doubts are the warnings about ratios that are decided, their intervals leaving
// out 1, and yet below the noise floor of the machine that they were measured on.
func (e Entry) Doubts(found []Finding) []string {
	var doubts []string
	for _, f := range found {
		if f.Lo == nil || f.Hi == nil || (stat.Interval{Lo: *f.Lo, Hi: *f.Hi}).Covers(1) {
			continue
		}
		if text := e.below(f.Metric, f.Estimate); text != "" {
			doubts = append(doubts, f.What+": "+text)
		}
	}
	return doubts
}

// below says that a ratio is below the noise floor of a metric, and whose; empty
// where it is not, or where nothing is known of the metric.
func (e Entry) below(metric string, ratio float64) string {
	for _, m := range e.Metrics {
		if _, same := stat.Same(m.Unit, metric); !same || m.Floor == nil || ratio <= 0 {
			continue
		}
		if size := max(ratio, 1/ratio) - 1; size < *m.Floor {
			return fmt.Sprintf("an effect of %.2g %% on %s is below this machine's noise floor of %.2g %% (identical cells of %s with %s, %s, %s): it can't be told from the instrument's own doing",
				100*size, metric, 100**m.Floor, e.Workload, settings(e.Settings), prose.Plural(e.Blocks, "block"), e.Ended.Format("2006-01-02"))
		}
	}
	return ""
}

package main

import (
	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// uncounted are the units of claims on events of the processor that this machine
// can't count, with the reasons. It asks the kernel only where there is such a claim.
func uncounted(p plan.Plan) map[string]string {
	var lacks, found map[string]string
	for _, c := range p.Spec.Claims {
		unit := c.Compare.Metric.Text
		if sample.GroupOf(unit) != sample.Perf || !sample.Asked(p.Spec.Measure, sample.Perf) {
			continue
		}
		if lacks == nil {
			lacks, found = collect.NewPerf(machine).Lacks(), map[string]string{}
		}
		if why, missing := lacks[unit]; missing {
			found[unit] = why
		}
	}
	return found
}

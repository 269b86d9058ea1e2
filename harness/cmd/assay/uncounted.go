package main

import (
	"slices"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// uncounted are the units of claims that this machine can't count, with the reasons:
// events of its processor, of which the kernel is asked where there is such a claim,
// and what a controller counts that a leaf can't have.
// What the workload prints itself, own, is not theirs.
func uncounted(p plan.Plan, own []wire.Metric, reach func(controller string) error) map[string]string {
	var lacks map[string]string
	found := map[string]string{}
	for _, c := range p.Spec.Claims {
		unit := c.Compare.Metric.Text
		group := sample.GroupOf(unit)
		if !sample.Asked(p.Spec.Measure, group) || slices.ContainsFunc(own, func(m wire.Metric) bool { return m.Unit == unit }) {
			continue
		}
		if group == sample.Perf && lacks == nil {
			lacks = collect.NewPerf(machine).Lacks()
		}
		if why, missing := lacks[unit]; missing {
			found[unit] = why
		}
		if controller := cgroup.Counting(unit); controller != "" {
			if err := reach(controller); err != nil {
				found[unit] = err.Error()
			}
		}
	}
	return found
}

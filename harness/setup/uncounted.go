package setup

import (
	"slices"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// uncounted are the units of claims that this machine can't count, with the reasons:
// events of its processor, and what a controller counts that a leaf can't have. What
// the workload prints itself is none of them.
func (s Site) uncounted() map[string]string {
	var events map[string]string
	found := map[string]string{}
	for _, c := range s.Plan.Spec.Claims {
		unit := c.Compare.Metric.Text
		group := sample.GroupOf(unit)
		own := slices.ContainsFunc(s.Description.Metrics, func(m wire.Metric) bool { return m.Unit == unit })
		if own || !sample.Asked(s.Plan.Spec.Measure, group) {
			continue
		}
		if group == sample.Perf && events == nil {
			events = s.Events()
		}
		if why, missing := events[unit]; missing {
			found[unit] = why
		}
		if controller := cgroup.Counting(unit); controller != "" {
			if err := s.Reach(controller); err != nil {
				found[unit] = err.Error()
			}
		}
	}
	return found
}

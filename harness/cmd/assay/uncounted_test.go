package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

func TestWhatThisMachineCantCountIsKnownBeforeAndAfterTheRun(t *testing.T) {
	var p plan.Plan
	for _, metric := range []string{"instructions", "task-clock-ns", "cgroup-peak-bytes"} {
		p.Spec.Claims = append(p.Spec.Claims, spec.Claim{Compare: spec.Compare{Metric: spec.Scalar{Text: metric}}})
	}
	reach := func(string) error { return nil }
	require.Empty(t, uncounted(p, nil, reach), "the run is not asked to count events")
	p.Spec.Measure = []string{"perf"}
	want := map[string]string{}
	for unit, why := range collect.NewPerf(machine).Lacks() {
		if unit == "instructions" || unit == "task-clock-ns" {
			want[unit] = why
		}
	}
	require.Equal(t, want, uncounted(p, nil, reach))
	p.Spec.Measure = []string{"cgroup"}
	require.Equal(t, map[string]string{"cgroup-peak-bytes": "no memory controller"},
		uncounted(p, nil, func(controller string) error { return fmt.Errorf("no %s controller", controller) }))
	require.Empty(t, uncounted(p, []wire.Metric{{Unit: "cgroup-peak-bytes"}}, func(string) error { return os.ErrNotExist }))

	folder := prepared{plan: p, feasible: knob.Feasibility{Uncounted: map[string]string{"instructions": "no PMU"}}}
	require.Equal(t, "no PMU", folder.evidence(results.Run{}).Uncounted["instructions"])
}

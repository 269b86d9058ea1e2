package setup

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

func TestWhatAMachineCantCountIsKnownBeforeTheRun(t *testing.T) {
	var s Site
	for _, metric := range []string{"instructions", "task-clock-ns", "cgroup-peak-bytes"} {
		s.Plan.Spec.Claims = append(s.Plan.Spec.Claims, spec.Claim{Compare: spec.Compare{Metric: spec.Scalar{Text: metric}}})
	}
	asked := 0
	s.Events = func() map[string]string {
		asked++
		return map[string]string{"instructions": "no PMU", "branch-misses": "no PMU"}
	}
	check := func(measure string, missing error, want map[string]string) {
		t.Helper()
		s.Plan.Spec.Measure = []string{measure}
		s.Reach = func(controller string) error {
			require.Equal(t, "memory", controller)
			return missing
		}
		require.Equal(t, want, s.uncounted())
	}
	none := map[string]string{}
	check("cgroup", nil, none)
	check("cgroup", fmt.Errorf("no memory controller"), map[string]string{"cgroup-peak-bytes": "no memory controller"})
	require.Zero(t, asked, "no claim is on an event that is to be counted")
	check("perf", nil, map[string]string{"instructions": "no PMU"})
	require.Equal(t, 1, asked)
	s.Description.Metrics = []wire.Metric{{Unit: "instructions"}, {Unit: "cgroup-peak-bytes"}}
	check("perf", nil, none)
	check("cgroup", fmt.Errorf("no memory controller"), none)
}

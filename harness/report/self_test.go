package report

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/profile"
)

func TestCostsStandWithTheirIntervals(t *testing.T) {
	lo, hi, less, more := 0.998, 1.0042, -12_000.0, 31_000.0
	s := profile.Self{
		Origin: profile.Origin{Machine: "b676f319", Workload: "procs", Settings: map[string]string{"cpus": "1"}},
		Blocks: 40, Window: 2130 * time.Microsecond,
		Costs: []profile.Cost{
			{What: "counters: process", Unit: "ns/op", Ratio: 1.0011, Lo: &lo, Hi: &hi},
			{What: "counters: process", Unit: profile.UnitWall, Differ: 9_000, Lo: &less, Hi: &more},
			{What: "counters: perf", Unit: "ns/op", Ratio: 1.2},
		},
	}
	var b strings.Builder
	require.NoError(t, SelfText(&b, s, 0))
	text := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{
		"procs on machine b676f319: one cell, watched in several manners, in 40 blocks",
		"counters: process ns/op 1.0011 [0.9980, 1.0042] trial-wall-ns +9µs [-12µs, +31µs]",
		"counters: perf ns/op 1.2000 [-, ∞]",
		"Of 3 intervals",
		"median window 2.13ms",
		"warning: the windows are short, 2.13ms in the middle",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

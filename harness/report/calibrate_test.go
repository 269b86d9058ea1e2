package report

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/profile"
)

func TestACalibrationShowsBothWaysSideBySide(t *testing.T) {
	floor, smallest, effect := 0.0021, 0.034, 1.0198
	usual := profile.NewRate(42, 200)
	e := profile.Entry{
		Origin: profile.Origin{Machine: "b676f319", Workload: "gc-churn", Settings: map[string]string{"cpus": "1"}},
		Arms:   2, Blocks: 2000, Group: 10, Block: 120 * time.Millisecond, Any: profile.NewRate(31, 200), NoRatio: []string{"major-faults"},
		Metrics: []profile.Metric{
			{Unit: "rss-bytes", Alarms: profile.NewRate(9, 200), Floor: nil, Smallest: &smallest},
			{Unit: "ns/op", Primary: true, Alarms: profile.NewRate(8, 200), Floor: &floor, Smallest: &smallest, Sequential: &usual},
		},
		Inject:  &profile.Injected{Share: 0.02, Metric: "ns/op", Effect: &effect, Enough: 30, Found: []profile.Recall{{Blocks: 30, Rate: profile.NewRate(60, 66), Time: 3600 * time.Millisecond, Power: 0.915}}},
		Tainted: profile.NewRate(12, 400), Taints: []profile.Taint{{Kind: "steal", Rate: profile.NewRate(12, 400)}, {Kind: "swap", Rate: profile.NewRate(0, 400)}},
	}
	var b strings.Builder
	require.NoError(t, CalibrateText(&b, e, 0))
	text := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{
		"ns/op 8 of 200 (4 %) 1.74 % to 7.73 % 42 of 200 (21 %) 15.57 % to 27.31 %",
		"ns/op 0.21 % 3.4 %",
		"rss-bytes - 3.4 %",
		"A known slowdown of 2 %", "30 blocks are enough", "60 of 66 (90.91 %)", "91.5 % 3.6s", "no ratio, for values of 0: major-faults",
		"12 of 400 (3 %) were tainted (1.56 % to 5.18 %)", "steal 12 of 400 (3 %) 1.56 % to 5.18 % swap 0 of 400 (0 %) 0 % to 0.92 %",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Index(text, "ns/op 8") > strings.Index(text, "rss-bytes 9") {
		t.Error("the primary metric does not stand first")
	}
}

// A report says what is known of the machine that it was measured on.
func TestAReportCitesTheCalibration(t *testing.T) {
	in, _ := synthetic()
	floor := 0.0021
	in.Calibration = &profile.Entry{
		Origin:  profile.Origin{Workload: "gc-churn", Settings: map[string]string{"cpus": "1"}, Ended: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)},
		Blocks:  2000,
		Metrics: []profile.Metric{{Unit: "ns/op", Primary: true, Alarms: profile.NewRate(8, 200), Floor: &floor}, {Unit: "rss-bytes"}},
	}
	r, err := Build(in)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, Text(&b, r))
	want := "calibrated  identical cells of gc-churn with cpus=1, 2000 blocks, 2026-11-20: ns/op: false alarms 8 of 200 (4 %), noise floor 0.21 %\n"
	if !strings.Contains(b.String(), want) {
		t.Errorf("no %q", want)
	}
}

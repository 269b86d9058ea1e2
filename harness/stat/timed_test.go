package stat

import "testing"

func TestWhichUnitsAreOfTime(t *testing.T) {
	for _, unit := range []string{"ns/op", "gc-mark-cpu-ns/cycle", "p99-latency-ns", "MB/s", "requests/s", "throttled-share", "cpu-frequency-hz", "cpu-cycles"} {
		if !Timed(unit) {
			t.Errorf("%s is a timing", unit)
		}
	}
	for _, unit := range []string{"allocs/op", "B/op", "peak-RSS-bytes", "gomaxprocs", "numcpu", "major-faults", "gc-cycles/op", "nr-throttled", "span-waste-ratio"} {
		if Timed(unit) {
			t.Errorf("%s is no timing", unit)
		}
	}
}

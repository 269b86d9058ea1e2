package verdict

import (
	"testing"

	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

func TestAClaimIsSaidInOneLine(t *testing.T) {
	check := func(to, direction, magnitude string, ratio float64, want string) {
		t.Helper()
		in := lab([]spec.Claim{claim("c", "thp=madvise", to, direction, magnitude)})
		in.fill(20, by(0.02, 1e6, 1e6*ratio, 1e6))
		if got := Judge(in).Short; len(got) != 1 || got[0].Text != want || got[0].Claim != "c" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check("thp=never", "ratio < 1", "ratio within 0.75..0.8", 0.95, "faster: supported; by 20 to 25 %: refuted (4.9 %, 4.2 to 5.6)")
	check("thp=never", "ratio > 1", "ratio within 1.2..1.25", 0.95, "slower: refuted; by 20 to 25 %: refuted (-4.9 %, -5.6 to -4.2)")
	check("thp=never", "", "ratio within 0.9..0.98", 0.95, "faster by 2 to 10 %: supported (4.9 %, 4.2 to 5.6)")
	check("thp=never", "", "ratio within 0.9..1.1", 0.95, "changed by -10 to 10 %: supported (-4.9 %, -5.6 to -4.2)")
	check("thp=never", "ratio < 0.9", "", 0.8, "faster by more than 10 %: supported (20 %, 19 to 21)")
	check("thp=never", "ratio < 1.05", "", 0.8, "slower by less than 5 %: supported (-20 %, -21 to -19)")
	check("thp=never", "ratio > 0.97", "", 1, "faster by less than 3 %: supported (-0.14 %, -0.85 to 0.67)")
	check("thp=never", "ratio > 1.1", "", 1.3, "slower by more than 10 %: supported (30 %, 29 to 31)")
	check("thp=never", "ratio == 1", "", 0.95, "equal: refuted (-4.9 %, -5.6 to -4.2)")
	check("thp=never", "ratio == 1.5", "", 1.5, "slower by 50 %: inconclusive (50.2 %, 49 to 51)")
	check("thp=never|thp=always", "ratio < 1", "", 0.95, "faster: supported (over thp=never 4.9 %, 4.2 to 5.6; over thp=always 5.2 %, 4.6 to 5.7)")
	check("thp=never", "difference < 5 ms", "", 0.9, "difference < 5 ms: supported (-98679 gc-mark-cpu-ns/cycle, -106763 to -91751)")
	check("thp=gone", "ratio < 1", "", 0.9, "faster: inconclusive")
}

func TestWordsFitTheMetric(t *testing.T) {
	check := func(unit string, better wire.Better, less, more string) {
		t.Helper()
		c := claim("c", "thp=madvise", "thp=never", "ratio < 1", "")
		c.Compare.Metric = spec.Scalar{Text: unit}
		in := lab([]spec.Claim{c})
		in.Metrics = []wire.Metric{{Unit: unit, Better: better}}
		if d := in.directed(parts(in.Plan)[0]); d.less != less || d.more != more {
			t.Errorf("%s: %s, %s, want %s, %s", unit, d.less, d.more, less, more)
		}
	}
	check("p99-latency-ns", wire.Lower, "faster", "slower")
	check("sec/op", "", "faster", "slower")
	check("lifetime-ns", wire.Higher, "lower", "higher")
	check("B/s", wire.Higher, "slower", "faster")
	check("faults/s", wire.Lower, "lower", "higher")
	check("peak-RSS-bytes", wire.Lower, "lower", "higher")
}

// What is shown lies where it was found: 0.24997 of a region from 0.25 is not "25 %".
func TestPercentagesStandOnTheirSideOfABound(t *testing.T) {
	c := claim("c", "thp=madvise", "thp=never", "ratio < 0.75", "")
	in := lab([]spec.Claim{c})
	in.fill(20, func(_, c int) float64 { return []float64{1e6, 0.75003e6, 1e6}[c] })
	if got, want := Judge(in).Short[0].Text, "faster by more than 25 %: refuted (24.997 %)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

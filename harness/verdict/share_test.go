package verdict

import (
	"math"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/spec"
)

// kills is a run of n blocks in which some blocks of thp=madvise have a reading above 0.
func kills(relation string, n, some int) Input {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "", relation, "")})
	in.fill(n, func(b, c int) float64 {
		if c == 1 && b < some {
			return float64(1 + b)
		}
		return 0
	})
	return in
}

func TestClaimsOnTheShareOfTrialsAboveZero(t *testing.T) {
	check := func(relation string, n, some int, want Word, why string) {
		t.Helper()
		v := only(t, Judge(kills(relation, n, some)))
		checkWord(t, v, want)
		if v.Why != metric+", share of trials above 0 with thp=madvise: "+why {
			t.Errorf("why\n%s\nwant\n%s", v.Why, why)
		}
	}
	check("share < 0.1", 36, 0, Supported, "0 (0 .. 0.09739 at 95 %), 36 blocks; inside share < 0.1")
	check("share < 0.1", 20, 0, Inconclusive, "0 (0 .. 0.168 at 95 %), 20 blocks; smallest detectable effect 0.08422, about 36 blocks would settle it")
	check("share < 0.1", 20, 8, Refuted, "0.400 (0.191 .. 0.639 at 95 %), 20 blocks; outside share < 0.1")
	check("share > 0", 20, 1, Supported, "0.05000 (0.001265 .. 0.249 at 95 %), 20 blocks; inside share > 0")
	check("share within 0.3..0.7", 60, 30, Supported, "0.500 (0.368 .. 0.632 at 95 %), 60 blocks; inside share within 0.3..0.7")
}

// One block is enough for an interval, and it says that it says nothing.
func TestAShareOfFewBlocksIsLeftOpen(t *testing.T) {
	v := only(t, Judge(kills("share < 0.1", 3, 0)))
	checkWord(t, v, Inconclusive)
	if strings.Contains(v.Why, "needs >=") || v.Sides[0].Lo == nil {
		t.Errorf("a share's interval is always finite: %s", v.Why)
	}
}

// A share says that trials may differ, which an exact metric may not.
func TestAShareOfAnExactMetricIsCountedAllTheSame(t *testing.T) {
	in := kills("share > 0.1", 30, 15)
	in.Metrics[0].Exact = true
	v := only(t, Judge(in))
	checkWord(t, v, Supported)
	if v.Exact {
		t.Error("the share was taken for an exact value")
	}
}

func TestSharesAndRatiosAreCorrectedTogether(t *testing.T) {
	in := lab([]spec.Claim{
		claim("a", "thp=madvise", "", "share > 0.5", ""), claim("b", "thp=madvise", "thp=never", "ratio < 1", ""),
	})
	in.fill(20, by(0.02, 1e6, 0.9e6))
	r := Judge(in)
	checkWord(t, r.Verdicts[0], Supported)
	checkWord(t, r.Verdicts[1], Supported)
	// Twenty of twenty against one half is 2/2^20, as is the ratio's p: the order of the file decides.
	if math.Abs(*r.Verdicts[0].P / *r.Verdicts[1].P - 1) > 1e-12 || r.Verdicts[0].Rank != 1 || r.Verdicts[1].Rank != 2 || r.Verdicts[0].Level != 0.975 {
		t.Errorf("share %+v ratio %+v", r.Verdicts[0], r.Verdicts[1])
	}
}

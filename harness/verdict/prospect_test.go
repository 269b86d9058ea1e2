package verdict

import (
	"math"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/spec"
)

func TestProspectsScaleTheSpreadOfAnEarlierRun(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never|thp=always", "ratio < 1", ""), claim("d", "thp=always", "", "", "value < 2 ms")})
	in.fill(20, by(0.02, 1e6, 0.9e6, 1.1e6))
	same := Prospects(in, in.Plan, 20)
	if len(same) != 3 || same[0].To != "thp=never" || same[1].To != "thp=always" || same[2].Claim != "d" || same[0].Level != 0.975 || same[0].Seen != 20 {
		t.Fatalf("prospects %+v", same)
	}
	for i, p := range same {
		if p.Detectable == nil || p.Why != "" {
			t.Fatalf("prospect %d: %+v", i, p)
		}
	}
	if !same[0].Settled || same[0].Needed != 20 {
		t.Errorf("20 blocks settled it: %+v", same[0])
	}
	// 20 blocks as they were: the half-width that the interval at 97.5 % had.
	v := Judge(in).Verdicts[0]
	if v.Level == 0.975 && math.Abs(*same[0].Detectable-v.Sides[0].Smallest) > 1e-9 {
		t.Errorf("foreseen %v, was %v", *same[0].Detectable, v.Sides[0].Smallest)
	}
	more := Prospects(in, in.Plan, 80)
	if r := *more[0].Detectable / *same[0].Detectable; r < 0.45 || r > 0.5 {
		t.Errorf("four times the blocks leave %v of it", r)
	}
}

func TestProspectsSayWhyTheyAreNotKnown(t *testing.T) {
	check := func(in Input, now Input, blocks int, want string) {
		t.Helper()
		ps := Prospects(in, now.Plan, blocks)
		if len(ps) != 1 || ps[0].Detectable != nil || !strings.Contains(ps[0].Why, want) {
			t.Errorf("want %q in %+v", want, ps)
		}
	}
	asked := func(n int, claims ...spec.Claim) Input {
		in := lab(claims)
		in.fill(n, by(0.02, 1e6, 0.9e6))
		return in
	}
	c := claim("c", "thp=madvise", "thp=never", "ratio < 1", "")
	check(asked(20), asked(0, c), 20, "the earlier run did not ask it")
	check(asked(20, claim("c", "thp=always", "thp=never", "ratio < 1", "")), asked(0, c), 20, "did not ask it")
	check(asked(1, c), asked(0, c), 20, "the earlier run has 1 block: needs >= 2")
	check(asked(0, c), asked(0, c), 20, "no samples")
	check(asked(20, c), asked(0, c), 5, "5 blocks: no finite interval at 95 %, which needs >= 6")
	exact := asked(20, c)
	exact.Metrics[0].Exact = true
	check(exact, asked(0, c), 20, "is exact, yet")
	untestable := asked(20, c)
	untestable.Untestable = map[int]string{1: "no such knob"}
	check(untestable, asked(0, c), 20, "no such knob")
	coarse := asked(20, c)
	coarse.Metrics[0].Resolution.Relative = 1
	check(coarse, asked(0, c), 20, "the metric's resolution leaves it open")

	// Another region, the same question.
	if ps := Prospects(asked(20, c), asked(0, claim("c", "thp=madvise", "thp=never", "ratio < 0.9", "")).Plan, 20); ps[0].Detectable == nil {
		t.Errorf("the region changed, and nothing is known: %+v", ps)
	}
}

package verdict

import (
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// unanswering has every other trial of a cell leave a share of its requests without
// an answer, and the others none.
func unanswering(in Input, cell int, share float64) Input {
	for i := range in.Main {
		l := &in.Main[i].Lines[0]
		v := 0.0
		if in.Main[i].Cell == cell && in.Main[i].Block%2 == 0 {
			v = share
		}
		l.Values = append(l.Values[:len(l.Values):len(l.Values)], sample.Value{Value: v, Unit: wire.UnitErrorShare})
	}
	in.First = append(in.First[:0:0], in.Main...)
	return in
}

// checkNot fails where a text of a list holds what it must not.
func checkNot(t *testing.T, list []string, not string) {
	t.Helper()
	for _, text := range list {
		if strings.Contains(text, not) {
			t.Errorf("%q", text)
		}
	}
}

func TestTimingsOfALoadThatWasNotAnsweredAreDoubted(t *testing.T) {
	for cell := range 2 {
		r := Judge(unanswering(sound(), cell, 0.25))
		v := only(t, r)
		checkWord(t, v, Supported)
		checkHas(t, "of the claim", v.Warnings, "more than 0.1 % of the requests got no answer in 10 of 40 trials (25 % at worst)")
		checkHas(t, "of the run", r.Warnings, "unanswered: "+sound().Plan.Name(sound().Plan.Cells[cell])+": more than 0.1 % of the requests got no answer in 10 of 20 trials (25 % at worst)")
	}
	r := Judge(unanswering(sound(), 2, 0.25)) // a cell that the claim is not about
	checkNot(t, only(t, r).Warnings, "got no answer")
	checkHas(t, "of the run", r.Warnings, "got no answer")

	r = Judge(unanswering(sound(), 0, 0.001)) // p99.9 leaves them out
	checkNot(t, only(t, r).Warnings, "got no answer")
	checkNot(t, r.Warnings, "got no answer")
}

func TestAClaimAboutErrorsIsNotDoubtedForThem(t *testing.T) {
	for _, unit := range []string{"timeout-errors", wire.UnitErrorShare} {
		x := unanswering(sound(), 0, 0.25)
		x.Plan.Spec.Claims = append(x.Plan.Spec.Claims[:0:0], x.Plan.Spec.Claims...)
		x.Plan.Spec.Claims[0].Compare.Metric.Text = unit
		for i := range x.Main {
			x.Main[i].Lines[0].Values[0].Unit = "timeout-errors"
		}
		checkNot(t, only(t, Judge(x)).Warnings, "got no answer")
	}
}

// A quantile that leaves out fewer requests than had no answer is a bound from below:
// what would be otherwise if it were larger is not decided.
func TestAQuantileThatIsABoundDecidesOnlyWhatIsSoAllTheMore(t *testing.T) {
	check := func(unit, relation string, cell int, share float64, want Word) {
		t.Helper()
		c := claim("c", "thp=madvise", "thp=never", relation, "")
		c.Compare.Metric.Text = unit
		in := lab([]spec.Claim{c})
		in.fill(20, by(0.02, 1e6, 0.9e6)) // 0.9 of madvise over never
		in.Metrics = []wire.Metric{{Unit: unit}}
		for i := range in.Main {
			in.Main[i].Lines[0].Values[0].Unit = unit
		}
		v := only(t, Judge(unanswering(in, cell, share)))
		checkWord(t, v, want)
		if says := strings.Contains(v.Why, "bound from below"); says != (want == Inconclusive) {
			t.Errorf("%s, %s: %s", unit, relation, v.Why)
		}
	}
	check("p90-latency-ns", "ratio < 1", 1, 0.25, Inconclusive) // madvise may be slower than never
	check("p90-latency-ns", "ratio > 1", 1, 0.25, Inconclusive)
	check("p90-latency-ns", "ratio < 1", 0, 0.25, Supported) // never is slower still
	check("p90-latency-ns", "ratio > 1", 0, 0.25, Refuted)
	check("p90-latency-ns", "ratio > 0.5", 1, 0.25, Supported)
	check("p90-latency-ns", "ratio > 0.5", 0, 0.25, Inconclusive)
	check("p90-latency-ns", "ratio < 1", 1, 0.05, Supported) // all of these lie above it
	check("p99-latency-ns", "ratio < 1", 1, 0.05, Inconclusive)
	check("max-latency-ns", "ratio < 1", 1, 0.0001, Inconclusive)
	check("p99-send-lag-ns", "ratio < 1", 1, 0.25, Supported) // not of answers
	check("ns/op", "ratio < 1", 1, 0.25, Supported)
}

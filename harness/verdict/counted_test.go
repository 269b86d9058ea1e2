package verdict

import (
	"slices"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/spec"
)

// about makes the one claim of an input about another metric, which its trials have
// where counts gives a share of the window in which it was counted.
func about(unit string, counts func(n int) (share float64, ok bool)) Input {
	in := sound()
	in.Plan.Spec.Claims = slices.Clone(in.Plan.Spec.Claims)
	in.Plan.Spec.Claims[0].Compare.Metric = spec.Scalar{Text: unit}
	for i := range in.Main {
		v, _ := in.Main[i].Lines[0].Get(metric)
		in.Main[i].Lines[0].Values[0].Unit = "ns/op"
		if share, ok := counts(i); ok {
			in.Main[i].Lines[0].Values[0].Unit = unit
			in.Main[i].Counters = map[string]float64{unit: v, perfShare: share}
		}
	}
	in.First = in.Main
	return in
}

func TestAClaimOnWhatThisMachineDoesNotCountIsNotTestable(t *testing.T) {
	in := about("instructions", func(int) (float64, bool) { return 0, false })
	v := only(t, Judge(in))
	checkWord(t, v, NotTestable)
	if !strings.HasPrefix(v.Why, "instructions is not counted here: none of 40 trials has it (") {
		t.Error(v.Why)
	}
	in.Uncounted = map[string]string{"instructions": "no PMU"}
	v = only(t, Judge(in))
	checkWord(t, v, NotTestable)
	if v.Why != "instructions is not counted here: no PMU" {
		t.Error(v.Why)
	}
	checkWord(t, only(t, Judge(about("own-count", func(int) (float64, bool) { return 0, false }))), Inconclusive)
	in = about("cgroup-peak-bytes", func(int) (float64, bool) { return 1, true })
	in.Uncounted = map[string]string{"cgroup-peak-bytes": "what was counted all the same is judged"}
	checkWord(t, only(t, Judge(in)), Supported)
}

func TestCountsThatAreScaledUpAreARemark(t *testing.T) {
	always := only(t, Judge(about("instructions", func(int) (float64, bool) { return 1, true })))
	checkWord(t, always, Supported)
	if len(always.Remarks) > 0 {
		t.Errorf("remarks %q", always.Remarks)
	}
	v := only(t, Judge(about("instructions", func(i int) (float64, bool) { return 1 - float64(i%6)/10, true })))
	checkWord(t, v, Supported)
	checkHas(t, "remarks", v.Remarks, "events took turns on the counters of the processor in 30 of 40 trials: some were counted for 60 % of the window only, and scaled up from that (measure fewer at once, or take it for an estimate)")
}

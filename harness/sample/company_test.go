package sample

import "testing"

func TestWhatBefallsOneTrialOfADuetBefallsBoth(t *testing.T) {
	check := func(one, two Sample, wantOne, wantTwo string) {
		t.Helper()
		step := []Sample{one, two}
		InCompany(step)
		for i, want := range []string{wantOne, wantTwo} {
			got := string(step[i].Outcome)
			for _, taint := range step[i].Taints {
				got += " " + taint.Kind
			}
			if got != want {
				t.Errorf("side %d is %q, want %q", i, got, want)
			}
		}
	}
	ok, void, oom := Sample{Outcome: OK}, Sample{Outcome: Void}, Sample{Outcome: OOM}
	stolen := Sample{Outcome: OK, Counters: map[string]float64{"steal-share": 0.5}}
	stolen.Taints = Taints(stolen.Counters, nil)
	check(ok, ok, "ok", "ok")
	check(ok, stolen, "ok company", "ok steal")
	check(stolen, stolen, "ok steal", "ok steal")
	check(oom, ok, string(OOM), "ok company")
	check(ok, void, "void", "void")
	check(oom, void, "void", "void")
}

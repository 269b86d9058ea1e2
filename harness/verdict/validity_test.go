package verdict

import (
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

var faster = []spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")}

// sound is a lab whose claim is supported by twenty blocks.
func sound() Input {
	in := lab(faster)
	in.fill(20, by(0.02, 1e6, 0.9e6))
	return in
}

// stand gives the samples of a cell in some blocks a standing.
func (in *Input) stand(cell int, word, why string, blocks int) {
	for _, samples := range [][]sample.Sample{in.Main, in.First} {
		for i := range samples {
			if samples[i].Cell == cell && samples[i].Block < blocks {
				samples[i].Standings = map[string]sample.Standing{"thp": {Word: word, Why: why}}
			}
		}
	}
}

func TestAnUntestableCellMakesAClaimUntestable(t *testing.T) {
	in := sound()
	in.Untestable = map[int]string{1: "thp needs root"}
	v := only(t, Judge(in))
	checkWord(t, v, NotTestable)
	if v.Why != "thp=madvise: thp needs root" || v.P != nil || v.Rank != 0 {
		t.Errorf("verdict %+v", v)
	}
}

func TestTestablePairsAreJudgedAndTheRestIsNamed(t *testing.T) {
	in := lab(faster, "gomaxprocs=1,2")
	in.fill(20, by(0.02, 1e6, 9e6, 0.9e6, 9e6, 1e6, 1e6))
	in.Untestable = map[int]string{3: "one CPU only"}
	v := only(t, Judge(in))
	checkWord(t, v, Supported)
	checkHas(t, "remarks", v.Remarks, "1 of 2 matched pairs are not testable here and left out (thp=madvise gomaxprocs=2: one CPU only)")
	if e := v.Sides[0].Estimate; e < 0.88 || e > 0.92 {
		t.Errorf("estimate %v, want about 0.9, from the testable pair alone", e)
	}
}

func TestUntestableClaimsStillCount(t *testing.T) {
	in := lab([]spec.Claim{faster[0], claim("u", "thp=always", "thp=never", "ratio > 1", "")})
	in.fill(20, by(0.02, 1e6, 0.9e6))
	in.Untestable = map[int]string{2: "no"}
	r := Judge(in)
	checkWord(t, r.Verdicts[0], Supported)
	checkWord(t, r.Verdicts[1], NotTestable)
	if r.M != 2 || r.Verdicts[0].Rank != 1 || r.Verdicts[0].Level != 0.975 {
		t.Errorf("m %d, rank %d, level %v, want 2, 1, 0.975", r.M, r.Verdicts[0].Rank, r.Verdicts[0].Level)
	}
}

func TestAKnobNotInForceMakesAClaimInvalid(t *testing.T) {
	in := sound()
	in.stand(1, "not in force", "enabled reads never", 2)
	v := only(t, Judge(in))
	checkWord(t, v, Invalid)
	if want := "thp was not in force in 2 of 40 trials, first with thp=madvise: enabled reads never"; v.Why != want {
		t.Errorf("why %q, want %q", v.Why, want)
	}
	in = sound()
	in.stand(2, "not in force", "enabled reads never", 20)
	checkWord(t, only(t, Judge(in)), Supported) // always is no side of this claim
}

func TestIdleIsARemark(t *testing.T) {
	in := sound()
	in.stand(0, "idle", "AnonHugePages 0 B of 71 MiB", 20)
	in.stand(1, "idle", "AnonHugePages 0 B of 72 MiB", 20)
	v := only(t, Judge(in))
	checkWord(t, v, Supported)
	checkHas(t, "remarks", v.Remarks, "mechanism not exercised: thp=madvise: AnonHugePages 0 B of 72 MiB; thp=never: AnonHugePages 0 B of 71 MiB")

	in = sound()
	in.stand(0, "in force", "", 20)
	in.stand(1, "idle", "AnonHugePages 0 B", 20)
	checkHas(t, "remarks", only(t, Judge(in)).Remarks, "mechanism idle on one side: thp=madvise: AnonHugePages 0 B")

	in = sound()
	in.stand(1, "in force", "", 20)
	in.stand(1, "idle", "AnonHugePages 0 B", 19)
	if v := only(t, Judge(in)); len(v.Remarks) != 0 {
		t.Errorf("one trial exercised it, yet remarks %q", v.Remarks)
	}
}

func TestWhatCouldNotBeProvedIsARemark(t *testing.T) {
	in := sound()
	in.stand(1, "in force", "", 20)
	in.stand(1, "could not find out", "no sources", 1)
	in.stand(2, "could not find out", "always is no side of this claim", 20)
	v := only(t, Judge(in))
	checkWord(t, v, Supported)
	checkHas(t, "remarks", v.Remarks, "could not find out whether thp=madvise was in force: no sources")
	if len(v.Remarks) != 1 {
		t.Errorf("remarks %q", v.Remarks)
	}
}

func TestTooManyFailuresLeaveAClaimOpen(t *testing.T) {
	fail := func(in *Input, n int, outcome sample.Outcome) {
		for b := range n {
			s := trial(in.Plan, b, 1, 0)
			s.Outcome = outcome
			in.Failed = append(in.Failed, s)
		}
	}
	in := sound()
	fail(&in, 2, sample.OOM) // 2 of 20 is 10 %, not over it
	r := Judge(in)
	checkWord(t, only(t, r), Supported)
	checkHas(t, "warnings", r.Warnings, "failures: attempts at 2 trials of thp=madvise failed (oom)")

	in = sound()
	fail(&in, 3, sample.OOM)
	v := only(t, Judge(in))
	checkWord(t, v, Inconclusive)
	checkHas(t, "why", []string{v.Why}, "3 of 20 trials of thp=madvise failed (oom first), more than 10 %")

	in = lab(in.Plan.Spec.Claims)
	in.fill(80, by(0.02, 1e6, 0.9e6))
	fail(&in, 7, sample.OOM)
	v = only(t, Judge(in))
	checkWord(t, v, Supported)
	checkHas(t, "warnings", v.Warnings, "failure rates: 7 of 80 trials of thp=madvise failed and 0 of 80 of thp=never (Fisher's exact p 0.014)")

	in = sound()
	fail(&in, 5, sample.Void)
	checkWord(t, only(t, Judge(in)), Supported)
}

func TestFirstAttemptsThatSayOtherwiseLeaveAClaimOpen(t *testing.T) {
	in := sound()
	for i := range in.First {
		if s := &in.First[i]; s.Cell < 2 {
			*s = trial(in.Plan, s.Block, s.Cell, 1e6*(1+wobble(s.Block, s.Cell, 0.02)))
			in.Main[i].Attempt = 2
		}
	}
	v := only(t, Judge(in))
	checkWord(t, v, Inconclusive)
	if v.Sensible != string(Inconclusive) {
		t.Errorf("sensitivity %q, want inconclusive", v.Sensible)
	}
	checkHas(t, "why", []string{v.Why}, "supported on clean attempts, but on first attempts alone it is inconclusive; gc-mark")

	in = sound()
	in.Main[1].Attempt = 2 // repeated once, and the first attempt says the same
	v = only(t, Judge(in))
	checkWord(t, v, Supported)
	if v.Sensible != string(Supported) {
		t.Errorf("sensitivity %q, want supported", v.Sensible)
	}
	if v := only(t, Judge(sound())); v.Sensible != "" {
		t.Errorf("no attempt differs, yet sensitivity %q", v.Sensible)
	}
}

func TestUnequalTaintRatesLeaveAClaimOpen(t *testing.T) {
	taint := func(n int) Input {
		in := sound()
		for i := range in.First {
			if in.First[i].Cell == 1 && in.First[i].Block < n {
				in.First[i].Taints = []sample.Taint{{Kind: "steal"}}
				in.Main[i].Attempt = 2
			}
		}
		return in
	}
	checkWord(t, only(t, Judge(taint(4))), Supported) // Fisher's p is 0.11
	v := only(t, Judge(taint(6)))
	checkWord(t, v, Inconclusive)
	checkHas(t, "why", []string{v.Why}, "6 of 20 trials of thp=madvise were tainted and 0 of 20 of thp=never (steal; Fisher's exact p 0.02)")
}

func TestAnotherScaleThanTheSourcesIsSaid(t *testing.T) {
	in := sound()
	in.Plan.Spec.Claims = []spec.Claim{faster[0]}
	in.Plan.Spec.Claims[0].Source.At = pick("param.live-heap=8GiB go=go1.22.5 arch=amd64 kernel=6.1 thp=madvise cores=8")
	in.Facts = map[string]string{"go": "go1.26.8", "arch": "amd64", "kernel": "6.1.0-18-amd64"}
	v := only(t, Judge(in))
	want := []string{
		"tried with live-heap 64MiB; the source's was 8GiB",
		"tried with go 1.26.8; the source's was 1.22.5",
		"tried with thp never and madvise together; the source's was madvise",
		"the source's cores was 8; it is not known here",
	}
	if strings.Join(v.Remarks, "\n") != strings.Join(want, "\n") {
		t.Errorf("remarks\n%s\nwant\n%s", strings.Join(v.Remarks, "\n"), strings.Join(want, "\n"))
	}
}

func TestOneBinaryDecidesWithoutRunning(t *testing.T) {
	c := claim("c", "goamd64=v3", "goamd64=v1", "ratio < 1", "ratio within 0.97..1.03")
	in := lab([]spec.Claim{c}, "goamd64=v1,v3")
	in.Build = []string{"goamd64"}
	in.Binaries = map[int]string{}
	for i := range in.Plan.Cells {
		in.Binaries[i] = "0123456789abcdef0123"
	}
	r := Judge(in)
	checkWord(t, r.Verdicts[0], Refuted)
	checkWord(t, r.Verdicts[1], Supported)
	if v := r.Verdicts[1]; !v.Exact || v.P != nil || v.Why != "both sides run one binary (sha256 0123456789ab): the ratio is 1 by identity, nothing had to run" {
		t.Errorf("verdict %+v", v)
	}
	in.Binaries[1] = "another"
	checkWord(t, Judge(in).Verdicts[0], Inconclusive)
	// thp is no build knob: one binary says nothing about it.
	in = sound()
	in.Build, in.Binaries = []string{"goamd64"}, map[int]string{0: "a", 1: "a", 2: "a"}
	if v := only(t, Judge(in)); v.Exact {
		t.Errorf("decided by identity: %s", v.Why)
	}
}

func TestExactValuesAreDecidedByRepetition(t *testing.T) {
	check := func(relation string, n int, value func(b, c int) float64, want Word, why string) {
		t.Helper()
		to := "thp=never"
		if strings.HasPrefix(relation, "value") {
			to = ""
		}
		in := lab([]spec.Claim{claim("c", "thp=madvise", to, "", relation)})
		in.Metrics = []wire.Metric{{Unit: metric, Exact: true}}
		in.fill(n, value)
		v := only(t, Judge(in))
		checkWord(t, v, want)
		if v.Why != why || v.P != nil {
			t.Errorf("why %q, want %q; p %v", v.Why, why, v.P)
		}
		if decided := want != Inconclusive; v.Exact != decided {
			t.Errorf("exact %v, want %v", v.Exact, decided)
		}
	}
	const m = "gc-mark-cpu-ns/cycle"
	check("value == 2 ns", 3, by(0, 4, 2), Supported, m+", exact: thp=madvise 2 in 3 trials")
	check("value == 1 ns", 3, by(0, 4, 2), Refuted, m+", exact: thp=madvise 2 in 3 trials")
	check("ratio == 3", 3, by(0, 2, 6), Supported, m+", exact: thp=never 2 in 3 trials; thp=madvise 6 in 3 trials")
	check("difference == -2 ns", 3, by(0, 4, 2), Supported, m+", exact: thp=never 4 in 3 trials; thp=madvise 2 in 3 trials")
	check("value == 2 ns", 2, by(0, 4, 2), Inconclusive, m+" of thp=madvise: needs 3 repetitions that agree, has 2")
	check("value == 2 ns", 4, func(b, _ int) float64 { return float64(2 + b%2) }, Inconclusive,
		m+" is exact, yet 4 trials of thp=madvise gave 2, 3")
}

func TestExactMatchedPairsMustAgree(t *testing.T) {
	judge := func(a, b float64) Verdict {
		in := lab([]spec.Claim{claim("c", "thp=madvise", "", "", "value within 1..2 ns")}, "gomaxprocs=1,2")
		in.Metrics = []wire.Metric{{Unit: metric, Exact: true}}
		in.fill(3, by(0, 7, 7, a, b, 7, 7))
		return only(t, Judge(in))
	}
	v := judge(1, 2)
	checkWord(t, v, Supported)
	if s := v.Sides[0]; *s.Lo != 1 || *s.Hi != 2 {
		t.Errorf("side from %v to %v, want 1 to 2", *s.Lo, *s.Hi)
	}
	checkWord(t, judge(3, 4), Refuted)
	v = judge(1, 4)
	checkWord(t, v, Inconclusive)
	checkHas(t, "why", []string{v.Why}, "split the claim with each:")
}

func TestExactClaimsCountButTakeNoRank(t *testing.T) {
	exact := claim("e", "thp=madvise", "", "", "value == 1")
	exact.Compare.Metric.Text, exact.Magnitude.Unit = "procs", "procs"
	in := lab([]spec.Claim{exact, faster[0]})
	in.Metrics = append(in.Metrics, wire.Metric{Unit: "procs", Exact: true})
	in.fill(20, by(0.02, 1e6, 0.9e6))
	for i := range in.Main {
		in.Main[i].Lines[0].Values = append(in.Main[i].Lines[0].Values, sample.Value{Value: 1, Unit: "procs"})
	}
	r := Judge(in)
	checkWord(t, r.Verdicts[0], Supported)
	if r.M != 2 || r.Verdicts[0].Rank != 0 || r.Verdicts[1].Rank != 1 || r.Verdicts[1].Level != 0.975 {
		t.Errorf("m %d, ranks %d and %d, level %v", r.M, r.Verdicts[0].Rank, r.Verdicts[1].Rank, r.Verdicts[1].Level)
	}
}

func TestControlsTestTheInstrument(t *testing.T) {
	judge := func(n int, aa, slow float64) Results {
		in := lab(faster)
		in.arm(plan.ArmAA, 0)
		in.arm(plan.ArmPositive, 0.2)
		in.fill(n, by(0.02, 1e6, 0.9e6, 1e6, aa, slow))
		return Judge(in)
	}
	check := func(c Control, ok bool, why string) {
		t.Helper()
		if c.OK != ok || !strings.HasSuffix(c.Why, why) {
			t.Errorf("%s: ok %v, %q, want %v, %q", c.Arm, c.OK, c.Why, ok, why)
		}
	}
	r := judge(20, 1e6, 1.2e6)
	check(r.Controls[0], true, "20 blocks; covers 1")
	check(r.Controls[1], true, "20 blocks; leaves out 1 and covers the injected 1.2")
	if len(r.Warnings) != 0 || len(r.Verdicts[0].Warnings) != 0 {
		t.Errorf("warnings %q %q", r.Warnings, r.Verdicts[0].Warnings)
	}
	r = judge(20, 1.1e6, 1e6)
	check(r.Controls[0], false, "leaves out 1")
	check(r.Controls[1], false, "covers 1: the injected 1.2 was not found")
	checkHas(t, "warnings of the claim", r.Verdicts[0].Warnings, "a failing aa arm: gc-mark-cpu-ns/cycle, arm=aa over thp=never: 1.")
	checkHas(t, "warnings", r.Warnings, "the positive arm fails")
	check(judge(20, 1e6, 1.3e6).Controls[1], false, "leaves out the injected 1.2")
	r = judge(5, 1e6, 1.2e6)
	check(r.Controls[0], false, "5 blocks; needs >= 6 blocks, has 5")
	check(r.Controls[1], false, "5 blocks; needs >= 6 blocks, has 5")
	checkHas(t, "warnings", r.Warnings, "the aa arm could not be judged: gc-mark-cpu-ns/cycle, arm=aa over thp=never")
	for _, w := range append(r.Warnings, r.Verdicts[0].Warnings...) {
		if strings.Contains(w, "fail") || !r.Controls[0].Open || !r.Controls[1].Open {
			t.Errorf("%q: an arm that could not be judged did not fail", w)
		}
	}
}

func TestThePositiveControlOfAThroughputGoesDown(t *testing.T) {
	in := lab(faster)
	in.Metrics[0].Better = wire.Higher
	in.arm(plan.ArmPositive, 0.25)
	in.fill(20, by(0.02, 1e6, 1e6, 1e6, 0.8e6))
	if c := Judge(in).Controls[0]; !c.OK {
		t.Errorf("control %+v", c)
	}
}

func TestAnAAArmOfExactValuesMustBeEqual(t *testing.T) {
	judge := func(aa float64) Control {
		in := lab(nil)
		in.Metrics = []wire.Metric{{Unit: metric, Exact: true, Primary: true}}
		in.arm(plan.ArmAA, 0)
		in.fill(3, by(0, 2, 2, 2, aa))
		return Judge(in).Controls[0]
	}
	if c := judge(2); !c.OK {
		t.Errorf("equal: %+v", c)
	}
	if c := judge(3); c.OK {
		t.Errorf("unequal: %+v", c)
	}
}

func TestAnEffectUnderTheFloorOfTheAAArmIsDoubted(t *testing.T) {
	in := lab(faster)
	in.arm(plan.ArmAA, 0)
	in.fill(20, func(b, c int) float64 {
		if c == 3 {
			return 1e6 * (1 + wobble(b, c, 0.3)) // the repeat is far noisier than the claim's arms
		}
		return []float64{1e6, 0.98e6, 1e6}[c] * (1 + wobble(b, c, 0.005))
	})
	v := Judge(in).Verdicts[0]
	checkWord(t, v, Supported)
	checkHas(t, "warnings", v.Warnings, "the effect is below what the aa arm can tell from none")
}

func TestTaintedTrialsThatStandAreSaid(t *testing.T) {
	in := sound()
	for i := range in.Main {
		if in.Main[i].Block == 3 {
			in.Main[i].Taints = []sample.Taint{{Kind: "clock-step"}}
			in.First[i].Taints = in.Main[i].Taints
		}
	}
	const said = " trials without a clean attempt in the analysis all the same (clock-step)"
	checkHas(t, "warnings", only(t, Judge(in)).Warnings, "taints: 2"+said)
	in.Plan.Spec.Claims = nil
	checkHas(t, "warnings without a claim", Judge(in).Warnings, "taints: 3"+said) // of every cell
}

package verdict

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// The numbers were worked out a second time, by listing all Walsh averages.
func TestAClaimIsSupportedRefutedOrLeftOpen(t *testing.T) {
	check := func(direction string, madvise float64, want Word, why string) {
		t.Helper()
		in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", direction, "")})
		in.fill(20, by(0.02, 1e6, 1e6*madvise))
		v := only(t, Judge(in))
		checkWord(t, v, want)
		if v.Why != why {
			t.Errorf("why\n%s\nwant\n%s", v.Why, why)
		}
	}
	check("ratio < 1", 0.9, Supported,
		"gc-mark-cpu-ns/cycle, thp=madvise over thp=never: 0.901 (0.894 .. 0.908 at 95 %), 20 blocks; inside ratio < 1")
	check("ratio > 1", 0.9, Refuted,
		"gc-mark-cpu-ns/cycle, thp=madvise over thp=never: 0.901 (0.894 .. 0.908 at 95 %), 20 blocks; outside ratio > 1")
	check("ratio < 1", 0.995, Inconclusive,
		"gc-mark-cpu-ns/cycle, thp=madvise over thp=never: 0.996 (0.988 .. 1.003 at 95 %), 20 blocks; smallest detectable effect 0.7618 %, about 77 blocks would settle it")
	check("ratio within 0.75..0.85", 0.8, Supported,
		"gc-mark-cpu-ns/cycle, thp=madvise over thp=never: 0.801 (0.795 .. 0.807 at 95 %), 20 blocks; inside ratio within 0.75..0.85")
	check("difference < 5 ms", 0.9, Supported,
		"gc-mark-cpu-ns/cycle, thp=madvise minus thp=never: -98679 (-106763 .. -91751 at 95 %), 20 blocks; inside difference < 5 ms")
	check("difference > 2 us", 1.1, Supported,
		"gc-mark-cpu-ns/cycle, thp=madvise minus thp=never: 101191 (93316 .. 108486 at 95 %), 20 blocks; inside difference > 2 us")
	check("value < 2 ms", 0.9, Supported,
		"gc-mark-cpu-ns/cycle, thp=madvise: 899343 (895176 .. 903972 at 95 %), 20 blocks; inside value < 2 ms")
}

func TestDirectionAndMagnitudeAreJudgedApart(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "ratio within 0.75..0.85")})
	in.fill(20, by(0.02, 1e6, 0.95e6))
	r := Judge(in)
	if r.M != 2 || len(r.Verdicts) != 2 || r.Version != Version || r.Alpha != 0.05 || r.Blocks != 20 {
		t.Fatalf("results %+v", r)
	}
	checkWord(t, r.Verdicts[0], Supported)
	checkWord(t, r.Verdicts[1], Refuted)
	if v := r.Verdicts[0]; v.Part != "direction" || v.Source != "Paper, 3.2" || v.Of != "thp=madvise" || v.Sides[0].To != "thp=never" {
		t.Errorf("verdict %+v", v)
	}
	// Both ps are the smallest possible; ties keep the order of the file.
	for i, want := range []float64{0.975, 0.95} {
		if v := r.Verdicts[i]; v.Rank != i+1 || v.Level != want {
			t.Errorf("%s: rank %d level %v, want %d and %v", v.Part, v.Rank, v.Level, i+1, want)
		}
	}
}

func TestEachSplitsAClaim(t *testing.T) {
	c := claim("c", "thp=madvise", "thp=never", "ratio < 1", "")
	c.Compare.Each = []spec.Scalar{{Text: "gomaxprocs"}}
	in := lab([]spec.Claim{c}, "gomaxprocs=1,2")
	in.fill(20, by(0.02, 1e6, 1e6, 0.9e6, 1.1e6, 1e6, 1e6))
	r := Judge(in)
	if r.M != 2 || Count(in.Plan) != 2 || r.Verdicts[0].Case != "gomaxprocs=1" || r.Verdicts[1].Case != "gomaxprocs=2" {
		t.Fatalf("m %d, verdicts %+v", r.M, r.Verdicts)
	}
	checkWord(t, r.Verdicts[0], Supported)
	checkWord(t, r.Verdicts[1], Refuted)
	if want := "thp=madvise over thp=never (gomaxprocs=2): 1."; !strings.Contains(r.Verdicts[1].Why, want) {
		t.Errorf("why %q, want %q in it", r.Verdicts[1].Why, want)
	}
	if u := Judge(Input{Plan: in.Plan, Untestable: map[int]string{1: "no"}}); u.M != 2 {
		t.Errorf("m without gomaxprocs=2: %d, want 2", u.M)
	}
}

func TestAllDenominatorsMustHold(t *testing.T) {
	check := func(never, always float64, want Word, level float64) {
		t.Helper()
		in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never|thp=always", "ratio < 1", "")})
		in.fill(20, by(0.02, never, 1e6, always))
		v := only(t, Judge(in))
		checkWord(t, v, want)
		if v.Level != level || len(v.Sides) != 2 {
			t.Errorf("level %v, %d sides, want %v and 2", v.Level, len(v.Sides), level)
		}
	}
	check(1.1e6, 1.1e6, Supported, 0.95)
	check(1.1e6, 0.9e6, Refuted, 0.975)
	check(0.9e6, 1.1e6, Refuted, 0.975)
	check(1.1e6, 1e6, Inconclusive, 0.975)
}

func TestSidesCombine(t *testing.T) {
	check := func(wantP float64, want Word, sides ...side) {
		t.Helper()
		if p, word := combine(sides); p != wantP || word != want {
			t.Errorf("p %v %s, want %v %s", p, word, wantP, want)
		}
	}
	in := func(p float64) side { return side{p: p, place: stat.Inside} }
	out := func(p float64) side { return side{p: p, place: stat.Outside} }
	check(0.04, Supported, in(0.01), in(0.04))
	check(0.02, Refuted, in(0.001), out(0.01))
	check(0.02, Refuted, out(0.01), out(0.03))
	check(1, Refuted, in(0.01), out(0.7))
	check(1, Inconclusive, in(0.01), side{p: 1})
}

// Whatever the data: what is supported is drawn inside, what is refuted has a
// side drawn outside, and what is open is drawn so.
func TestNumberAndPictureAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	words := map[Word]int{}
	for range 150 {
		in := lab([]spec.Claim{
			claim("a", "thp=madvise", "thp=never|thp=always", "ratio < 1", "ratio within 0.9..0.98"),
			claim("b", "thp=always", "thp=never", "ratio > 1", "difference > 20 us"),
			claim("c", "thp=never", "", "value > 1 ms", ""),
		})
		in.Metrics[0].Resolution.Relative = []float64{0, 0.005}[rng.IntN(2)]
		levels := []float64{1e6, 1e6 * (1 + 0.05*rng.NormFloat64()), 1e6 * (1 + 0.05*rng.NormFloat64())}
		in.fill(6+rng.IntN(20), func(_, c int) float64 { return levels[c] * math.Exp(0.03*rng.NormFloat64()) })
		for i, v := range Judge(in).Verdicts {
			reg, _ := region(parts(in.Plan)[i].rel, metric)
			outside, inside := 0, 0
			for _, s := range v.Sides {
				drawn := stat.Interval{Lo: math.Inf(-1), Hi: math.Inf(1)}
				if s.Lo != nil {
					drawn.Lo = *s.Lo
				}
				if s.Hi != nil {
					drawn.Hi = *s.Hi
				}
				switch reg.Place(drawn) {
				case stat.Inside:
					inside++
				case stat.Outside:
					outside++
				}
			}
			picture := Inconclusive
			if inside == len(v.Sides) {
				picture = Supported
			} else if outside > 0 {
				picture = Refuted
			}
			if picture != v.Word {
				t.Fatalf("%s %s: the word is %s, the picture says %s: %s", v.Claim, v.Part, v.Word, picture, v.Why)
			}
			words[v.Word]++
		}
	}
	for _, w := range []Word{Supported, Refuted, Inconclusive} {
		if words[w] < 50 {
			t.Errorf("%s came up %d times only: the test says little", w, words[w])
		}
	}
}

func TestTooFewBlocksAreSaid(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "ratio within 0.75..0.85")})
	in.fill(6, by(0.02, 1e6, 0.8e6))
	for _, v := range Judge(in).Verdicts {
		checkWord(t, v, Inconclusive)
		checkHas(t, "why", []string{v.Why}, "(no finite interval at 97.5 %), 6 blocks; needs >= 7 blocks at this level")
		if s := v.Sides[0]; s.Lo != nil || s.Hi != nil || s.Smallest != 0 || s.N != 6 || s.Needed != 7 {
			t.Errorf("side %+v", s)
		}
	}
}

func TestNoSamplesIsInconclusive(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")})
	v := only(t, Judge(in))
	checkWord(t, v, Inconclusive)
	checkHas(t, "why", []string{v.Why}, "no samples")
}

func TestTwoCellsThatAreTheSameSupportNothing(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=never", "thp=never", "ratio < 1", "ratio within 0.97..1.03")})
	in.fill(20, by(0, 1e6))
	for _, v := range Judge(in).Verdicts {
		checkWord(t, v, Inconclusive)
		checkHas(t, "why", []string{v.Why}, "of and to are the same cell, thp=never")
	}
}

func TestARatioOfZeroSaysWhatToClaim(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")})
	in.fill(20, by(0.02, 0, 1e6))
	v := only(t, Judge(in))
	checkWord(t, v, Inconclusive)
	checkHas(t, "why", []string{v.Why}, "claim a difference instead")
}

func TestEquivalentIsARemark(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")})
	in.fill(20, by(0.02, 1e6))
	v := only(t, Judge(in))
	checkWord(t, v, Inconclusive)
	checkHas(t, "remarks", v.Remarks, "equivalent: the interval over thp=never lies in 0.97..1.03")
}

func TestResolutionKeepsAClaimOpen(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")})
	in.Metrics[0].Resolution = wire.Resolution{Relative: 0.1}
	in.fill(20, by(0.02, 1e6, 0.9e6))
	checkWord(t, only(t, Judge(in)), Inconclusive)
}

func TestResultsAreTheSameTwiceAndSurviveJSON(t *testing.T) {
	in := lab([]spec.Claim{
		claim("a", "thp=madvise", "thp=never|thp=always", "ratio < 1", "ratio within 0.75..0.85"),
		claim("b", "thp=always", "thp=never", "difference < 1 ms", ""),
		claim("c", "thp=always", "thp=gone", "ratio < 1", ""),
	}, "gogc=50,100")
	in.arm(plan.ArmAA, 0)
	in.Untestable = map[int]string{0: "no root"}
	in.fill(5, by(0.02, 1e6, 2e6)) // too few for any finite interval
	a, b := Judge(in), Judge(in)
	first, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	second, _ := json.Marshal(b)
	if string(first) != string(second) {
		t.Errorf("two judgements differ:\n%s\n%s", first, second)
	}
	var back Results
	if err := json.Unmarshal(first, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, back) {
		t.Errorf("after JSON\n%+v\nwant\n%+v", back, a)
	}
}

func TestNoClaimsNoVerdictsButControlsAndWarnings(t *testing.T) {
	in := lab(nil)
	in.arm(plan.ArmAA, 0)
	in.fill(20, func(b, c int) float64 { return 1e6 * (1 + 0.01*float64(b)) * (1 + wobble(b, c, 0.02)) })
	r := Judge(in)
	if r.M != 0 || r.Verdicts == nil || len(r.Verdicts) != 0 || len(r.Controls) != 1 || !r.Controls[0].OK {
		t.Errorf("results %+v", r)
	}
	checkHas(t, "warnings", r.Warnings, "gc-mark-cpu-ns/cycle: drift: thp=never rises over 20 blocks")
}

func TestGate(t *testing.T) {
	check := func(want int, words ...Word) {
		t.Helper()
		var r Results
		for _, w := range words {
			r.Verdicts = append(r.Verdicts, Verdict{Word: w})
		}
		if got := r.Gate(); got != want {
			t.Errorf("%v: %d, want %d", words, got, want)
		}
	}
	check(0)
	check(0, Supported)
	check(0, Supported, NotTestable)
	check(3, Supported, Inconclusive, Refuted, Invalid, NotTestable)
	check(4, Supported, Inconclusive)
	check(4, Invalid, NotTestable)
	check(5, NotTestable, NotTestable)
}

func TestPrecisionIsOfTheWidestInterval(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "difference < 5 ms")})
	if _, ok := Precision(in); ok {
		t.Error("precision of nothing")
	}
	in.fill(6, by(0.02, 1e6, 0.9e6))
	if share, ok := Precision(in); !ok || !math.IsInf(share, 1) {
		t.Errorf("six blocks at 97.5 %%: %v %v, want +Inf", share, ok)
	}
	in = lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")})
	in.fill(20, by(0.02, 1e6, 0.9e6))
	share, ok := Precision(in)
	if s := only(t, Judge(in)).Sides[0]; !ok || math.Abs(share-s.Smallest) > 1e-12 || math.Abs(share-0.007618) > 1e-6 {
		t.Errorf("precision %v %v, want the half-width %v", share, ok, s.Smallest)
	}
	in.Metrics[0].Exact = true
	if _, ok := Precision(in); ok {
		t.Error("an exact claim has a precision")
	}
}

// Experiments whose cells are all alike, through the whole of Judge: no more
// than one in twenty may decide anything wrongly.
func TestEqualCellsAreRarelyToldApart(t *testing.T) {
	const reps = 300
	rng := rand.New(rand.NewPCG(32, 1))
	wrong := 0
	for range reps {
		in := lab([]spec.Claim{
			claim("a", "thp=madvise", "thp=never|thp=always", "ratio < 1", "ratio within 0.75..0.85"),
			claim("b", "thp=always", "thp=never", "ratio > 1", ""),
		})
		in.fill(10, func(int, int) float64 { return 1e6 * math.Exp(0.05*rng.NormFloat64()) })
		if slices.ContainsFunc(Judge(in).Verdicts, func(v Verdict) bool { return v.Word == Supported }) {
			wrong++
		}
	}
	// 5 % of 300 with an exact upper bound (99.5 %) under it: at most 5.
	if wrong > 5 {
		t.Errorf("%d of %d runs of equal cells support a claim", wrong, reps)
	}
}

func TestFailedTrialsDoNotReachTheAnalysis(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "")})
	in.fill(20, by(0.02, 1e6, 0.9e6))
	bad := trial(in.Plan, 20, 0, 5e6)
	bad.Outcome = sample.OOM
	before := only(t, Judge(in))
	in.Main = append(in.Main, bad)
	if after := only(t, Judge(in)); after.Why != before.Why {
		t.Errorf("a failed trial changed %q into %q", before.Why, after.Why)
	}
}

func TestARunThatStopsOnPrecisionIsJudgedMoreStrictly(t *testing.T) {
	in := lab([]spec.Claim{claim("c", "thp=madvise", "thp=never", "ratio < 1", "ratio within 0.75..0.85")})
	in.fill(20, by(0.02, 1e6, 0.95e6))
	in.Plan.Spec.Design.Precision = 0.03
	r := Judge(in)
	if r.Alpha != 0.0375 || r.Verdicts[0].Level != 1-0.0375/2 || r.Verdicts[1].Level != 1-0.0375 {
		t.Errorf("alpha %v, levels %v and %v", r.Alpha, r.Verdicts[0].Level, r.Verdicts[1].Level)
	}
}

func TestAnotherAnalysisThanPlannedIsSaid(t *testing.T) {
	check := func(planned int, want string) {
		t.Helper()
		in := sound()
		in.Plan.Analysis = planned
		got := strings.Join(Judge(in).Warnings, "\n")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("planned for %d: warnings %q, want %q", planned, got, want)
		}
	}
	check(Version, "")
	check(Version+1, "planned for analysis version 4 and is judged by version 3")
	check(0, "the plan notes no analysis version")
}

func TestTheAdjustedPDecides(t *testing.T) {
	in := lab([]spec.Claim{
		claim("a", "thp=madvise", "thp=never", "ratio < 1", "ratio within 0.75..0.85"), claim("b", "thp=always", "thp=never", "ratio > 1", ""),
	})
	in.fill(9, by(0.02, 1e6, 0.99e6))
	for _, v := range Judge(in).Verdicts {
		if decided := v.Word == Supported || v.Word == Refuted; decided != (*v.Fair <= 0.05) || *v.Fair < *v.P {
			t.Errorf("%s %s: %s with p %v, adjusted %v", v.Claim, v.Part, v.Word, *v.P, *v.Fair)
		}
	}
}

// What a verdict rests on besides the main analysis stands beside it.
func TestFirstAttemptsStandBesideTheMainAnalysis(t *testing.T) {
	in := sound()
	for i := range in.First {
		if s := &in.First[i]; s.Cell == 1 && s.Block < 3 {
			*s = trial(in.Plan, s.Block, s.Cell, 2e6)
			s.Taints = []sample.Taint{{Kind: "steal"}}
		}
	}
	for i := range in.Main {
		if s := &in.Main[i]; s.Cell == 1 && s.Block < 3 {
			s.Attempt = 2
		}
	}
	v := only(t, Judge(in))
	f := v.Sides[0].First
	if f == nil || f.N != 20 || f.Estimate <= v.Sides[0].Estimate || v.Sensible == "" {
		t.Errorf("first attempts %+v, main %+v, %q", f, v.Sides[0], v.Sensible)
	}
	if only(t, Judge(sound())).Sides[0].First != nil {
		t.Error("attempts that are the same are shown twice")
	}
}

// Where all readings are equal, a claim's p is what so many equal blocks carry: a
// ratio that is truly below 1 shows n blocks at 1 or above with 2^-n, and p is two-sided.
func TestClaimsOnReadingsThatAreAllEqual(t *testing.T) {
	check := func(relation string, blocks int, want Word, p float64) {
		t.Helper()
		in := lab([]spec.Claim{claim("a", "thp=madvise", "thp=never", relation, "")})
		in.fill(blocks, func(int, int) float64 { return 12.5e6 })
		v := only(t, Judge(in))
		checkWord(t, v, want)
		if math.Abs(*v.P-p) > 1e-15 {
			t.Errorf("%s over %d blocks: p %v, want %v", relation, blocks, *v.P, p)
		}
	}
	check("ratio < 1", 8, Refuted, 0.0078125)
	check("ratio < 1", 5, Inconclusive, 0.0625)
	check("ratio > 1", 8, Refuted, 0.0078125)
	check("ratio within 0.98..1.02", 8, Supported, 0.0078125)
	check("ratio within 0.98..1.02", 5, Inconclusive, 0.0625)
	check("ratio < 0.9", 8, Refuted, 0.0078125)
}

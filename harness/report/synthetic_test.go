package report

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
	"github.com/assaylab/assay/workloads/wire"
)

const metric = "gc-mark-cpu-ns/cycle"

// synthetic is a whole run that never was: all five verdicts, both controls, a
// cell that can't be tested, taints, a failure, a void, a local override.
func synthetic() (Input, string) {
	p := syntheticPlan()
	in := Input{
		Folder:  "results/thp-gc/20261120T183000Z-0a1b2c",
		Samples: filepath.Join("testdata", "samples.txt"),
		Plan:    p,
		Hosts: map[string]host.Host{"host": {
			Machine: "9f3a51c0", Arch: "amd64", Kernel: "6.1.0-18-amd64", Cgroup: host.CgroupHybrid, Virtual: "kvm", GoVersion: "go1.26.8",
			CPU:    host.CPU{Model: "Example Xeon 8481C", Online: []int{0, 1}, Cores: [][]int{{0, 1}}, Nodes: [][]int{{0, 1}}},
			Memory: host.Memory{Total: 8 << 30, PageSize: 4096},
		}},
		Metrics: []wire.Metric{
			{Unit: metric, Better: wire.Lower, Primary: true}, {Unit: "ns/op", Better: wire.Lower}, {Unit: "gomaxprocs", Exact: true},
		},
		Untestable: map[int]string{3: "thp=default: the per-size file of this host is not \"inherit\" (echo inherit > .../hugepages-2048kB/enabled, or drop the level)"},
		Started:    time.Date(2026, 11, 20, 18, 30, 5, 0, time.UTC), Ended: time.Date(2026, 11, 20, 18, 34, 49, 0, time.UTC),
		Sessions: 2, Stopped: "budget of 5m0s: the longest block so far (35s) did not fit any more",
		Restored: "2 settings, all back to what they were",
		Plots:    []string{"plots/claims-forest.svg", "plots/claims-forest.png", "plots/gc-mark-cpu-ns-per-cycle-box.svg", "plots/gc-mark-cpu-ns-per-cycle-box.png"},
		Warnings: []string{"host.frequency: 2.1 to 2.9 GHz over the run (nobody asked for it to vary)"},
		Verdicts: syntheticVerdicts(),
		Effects:  syntheticEffects(), Variations: syntheticVariations(),
	}
	text := fill(&in)
	return in, text
}

func syntheticPlan() plan.Plan {
	thp := plan.Factor{Key: "thp", Levels: []string{"never", "madvise", "always", "default"}}
	p := withAA(factors(thp))
	p.Version, p.Analysis, p.Seed, p.SpecSHA256 = 1, 1, 7, strings.Repeat("ab", 32)
	p.Fixed = map[string]string{"memory.max": "2GiB", "param.live-heap": "64MiB"}
	p.Spec = spec.Experiment{
		Name: "thp-gc", Question: "Do transparent huge pages change what a GC cycle costs?", Local: []string{"design.budget", "param.live-heap"},
		Workload: spec.Workload{Program: spec.Scalar{Text: "gc-churn"}},
		Claims:   []spec.Claim{{ID: spec.Scalar{Text: "thp-madvise-marks-faster"}, Compare: spec.Compare{Metric: spec.Scalar{Text: metric}}}},
		Design:   spec.Design{Controls: spec.Controls{Positive: &spec.Positive{Inject: 0.2, Metric: spec.Scalar{Text: "ns/op"}}}},
	}
	p.Blocks = make([]plan.Block, 12)
	return p
}

// fill runs 8 blocks of the five cells that this host can test.
func fill(in *Input) string {
	rng := rand.New(rand.NewPCG(3, 9))
	var text strings.Builder
	text.WriteString("goos: linux\ngoarch: amd64\nprogram: gc-churn\n\nUnit gc-mark-cpu-ns/cycle better=lower\nUnit gomaxprocs assume=exact\n\n")
	base := []float64{98.6e6, 82.1e6, 124e6, 0, 98.6e6, 118.3e6}
	n := 0
	for b := range 8 {
		for _, i := range rng.Perm(len(in.Plan.Cells)) {
			if _, no := in.Untestable[i]; no {
				continue
			}
			v := base[i] * math.Exp(0.02*rng.NormFloat64())
			s := sample.Sample{
				N: n, Block: b, Cell: i, Attempt: 1, Env: "host", Session: 1, Outcome: sample.OK, Start: in.Started.Add(time.Duration(n) * 7 * time.Second),
				Standings: map[string]sample.Standing{"thp": standing(in.Plan.Cells[i])},
				Lines:     []sample.Line{{Name: "GCChurn", Iters: 1, Values: []sample.Value{{Value: math.Round(v), Unit: metric}, {Value: math.Round(v/2e5) / 10, Unit: "ns/op"}, {Value: 2, Unit: "gomaxprocs"}}}},
			}
			in.attempts(&s, n)
			in.Main = append(in.Main, s)
			c := in.Plan.Cells[i]
			text.WriteString(sample.Text([]sample.Config{{Key: plan.ArmKey, Value: c.Arm}, {Key: "thp", Value: c.Levels["thp"]}}, s.Lines))
			n++
		}
	}
	return text.String()
}

// attempts puts a taint, a failure and a void before some trials.
func (in *Input) attempts(s *sample.Sample, n int) {
	bad := *s
	bad.Lines = nil
	switch n {
	case 4:
		bad.Taints = []sample.Taint{{Kind: "steal", Value: 0.034, Limit: 0.01, Unit: "steal-share"}}
	case 11:
		bad.Outcome, bad.Exit, bad.Error = sample.Exited, 2, "exit status 2: wrong answer:\n\x1b[31mtree of 17 nodes\x1b[0m"
	case 20:
		bad.Outcome, bad.Error = sample.Void, "thp: found \"always\" after the window, wrote \"never\""
	default:
		in.All = append(in.All, *s)
		return
	}
	s.Attempt = 2
	in.All = append(in.All, bad, *s)
}

func standing(c plan.Cell) sample.Standing {
	if c.Levels["thp"] == "madvise" {
		return sample.Standing{Word: "idle", Why: "AnonHugePages 0 B of 71 MiB: nothing was advised"}
	}
	if c.Levels["thp"] == "always" {
		return sample.Standing{Word: "in force", Why: "AnonHugePages 68 MiB of 71 MiB"}
	}
	return sample.Standing{Word: "in force", Why: "AnonHugePages 0 B of 71 MiB"}
}

func ptr[T any](v T) *T { return &v }

func syntheticVerdicts() verdict.Results {
	faster := verdict.Side{To: "thp=never", Estimate: 0.8331, Lo: ptr(0.8109), Hi: ptr(0.8562), RegionHi: ptr(1.0), N: 8, P: 0.0078, Smallest: 0.027}
	within := faster
	within.Estimate, within.Lo, within.Hi, within.RegionLo, within.RegionHi, within.P, within.Needed = 0.8331, ptr(0.8001), ptr(0.8672), ptr(0.75), ptr(0.85), 0.19, 23
	overFirst := &verdict.First{Estimate: 1.1021, Lo: ptr(0.9871), Hi: ptr(1.2204), Level: 0.9917, N: 8}
	slower := verdict.Side{First: overFirst, To: "thp=never", Estimate: 1.2575, Lo: ptr(1.2204), RegionHi: ptr(1.0), N: 8, P: 0.0078, Smallest: 0.031}
	source := "Go performance anomalies on Linux, 3.2"
	return verdict.Results{
		Version: 1, M: 6, Alpha: 0.05, Blocks: 8,
		Warnings: []string{"block 3 was split over two sessions"},
		Short: []verdict.Saying{
			{Claim: "thp-madvise-marks-faster", Text: "faster: supported; by 15 to 25 %: inconclusive (17 %, 13 to 20)"},
			{Claim: "procs-is-two", Case: "thp=never", Text: "value == 2: invalid (2 gomaxprocs)"},
		},
		Verdicts: []verdict.Verdict{
			{Claim: "thp-madvise-marks-faster", Part: "direction", Source: source, Says: "The mark phase takes 98.6 ms with madvise and 124.3 ms with never (8 GB heap).",
				Relation: "ratio < 1", Metric: metric, Of: "thp=madvise", Word: verdict.Supported, Why: "the interval [0.811, 0.856] lies below 1",
				Remarks: []string{"the mechanism of thp was idle in both arms: AnonHugePages 0 B", "tried at param.live-heap=64MiB, the source at 8GiB"},
				P:       ptr(0.0078), Fair: ptr(0.0468), Rank: 1, Level: 1 - 0.05/6, Sides: []verdict.Side{faster}},
			{Claim: "thp-madvise-marks-faster", Part: "magnitude", Source: source, Says: "The mark phase takes 98.6 ms with madvise and 124.3 ms with never (8 GB heap).",
				Relation: "ratio within 0.75..0.85", Metric: metric, Of: "thp=madvise", Word: verdict.Inconclusive, Why: "the interval [0.800, 0.867] crosses 0.85; about 23 blocks would settle it",
				Warnings: []string{"drift: blocks 5 to 8 are 2.1 % above blocks 1 to 4"}, P: ptr(0.19), Rank: 4, Level: 1 - 0.05/3, Sides: []verdict.Side{within}},
			{Claim: "thp-always-fastest", Part: "direction", Source: source, Says: "always is never slower", Relation: "ratio < 1", Metric: metric, Of: "thp=always",
				Word: verdict.Refuted, Why: "the interval [1.220, ∞] lies above 1", P: ptr(0.00004), Rank: 2, Level: 0.99, Sides: []verdict.Side{slower}, Sensible: "inconclusive"},
			{Claim: "procs-is-two", Part: "predict", Case: "thp=never", Source: source, Says: "GOMAXPROCS follows the quota", Relation: "value == 2", Metric: "gomaxprocs", Of: "all cells",
				Word: verdict.Invalid, Why: "cpu.max was not in force in 3 of 8 trials", Exact: true, Level: 0.95,
				Sides: []verdict.Side{{Estimate: 2, Lo: ptr(2.0), Hi: ptr(2.0), RegionLo: ptr(2.0), RegionHi: ptr(2.0), N: 8}}},
			{Claim: "thp-default-is-madvise", Part: "direction", Source: source, Says: "default behaves as madvise", Relation: "ratio within 0.97..1.03", Metric: metric,
				Of: "thp=default", Word: verdict.NotTestable, Why: "thp=default: the per-size file of this host is not \"inherit\""},
			{Claim: "marks-within-a-tick", Part: "predict", Source: source, Says: "madvise saves at least 10 ms", Relation: "difference < -10 ms", Metric: metric, Of: "thp=madvise",
				Word: verdict.Supported, Why: "the interval [-19.1 ms, -13.8 ms] lies below -10 ms", P: ptr(0.0078), Rank: 3, Level: 0.9875,
				Sides: []verdict.Side{{To: "thp=never", Estimate: -16.4e6, Lo: ptr(-19.1e6), Hi: ptr(-13.8e6), RegionHi: ptr(-10e6), N: 8, P: 0.0078, Smallest: 2.6e6}}},
		},
		Controls: []verdict.Control{
			{Arm: "aa", Metric: metric, Of: "arm=aa thp=never", OK: true, Why: "the interval covers 1", Level: 0.95,
				Side: verdict.Side{To: "thp=never", Estimate: 1.004, Lo: ptr(0.981), Hi: ptr(1.027), N: 8}},
			{Arm: "positive", Metric: "ns/op", Of: "arm=positive thp=never", OK: false, Why: "the interval [0.98, 1.31] does not leave out 1: 20 % was injected and not found", Level: 0.95,
				Side: verdict.Side{To: "thp=never", Estimate: 1.17, Lo: ptr(0.98), Hi: ptr(1.31), N: 8}},
		},
	}
}

func syntheticEffects() []Effect {
	e := func(m, of string, est, lo, hi, p, q float64) Effect {
		return Effect{Exploratory: true, Metric: m, Of: of, To: "thp=never", Quantity: "ratio", Estimate: est, Lo: &lo, Hi: &hi, Level: 0.95, N: 8, P: &p, Q: &q, Smallest: 0.021}
	}
	between := e(metric, "thp=madvise over thp=never at gogc=200", 0.93, 0.9012, 0.9597, 0.0156, 0.0234)
	between.Interaction, between.To, between.Bootstrap = true, "at gogc=50", &verdict.Bootstrap{Lo: 0.9031, Hi: 0.9574, Note: verdict.BootstrapNote}
	return []Effect{
		between,
		e("ns/op", "thp=madvise", 0.8334, 0.8155, 0.8501, 0.0078, 0.0156),
		e("peak-RSS-bytes", "thp=always", 1.012, 0.994, 1.031, 0.25, 0.25),
	}
}

// syntheticVariations are of a matrix that was whole, and of one that was not.
func syntheticVariations() []Variation {
	thp := [][]string{{"thp=never", "thp=madvise", "thp=always"}}
	return []Variation{
		{Metric: metric, Blocks: 8, Cells: 6, Left: []string{"thp=default"}, Note: "288 two-way contrasts are not listed one by one (more than 200): claim those that matter", Sources: []Source{
			{Name: "gogc", Kind: "factor", Share: 0.09, SS: 0.09, DF: 1, Axes: []string{"gogc"}, Steps: [][]string{{"gogc=50", "gogc=200"}}, Means: [][]float64{{104e6, 91e6}}},
			{Name: "thp", Kind: "factor", Share: 0.61, SS: 0.61, DF: 2, Axes: []string{"thp"}, Steps: thp, Means: [][]float64{{98.6e6, 82.1e6, 124e6}}},
			{Name: "gogc x thp", Kind: "interaction", Share: 0.225, SS: 0.225, DF: 2, Axes: []string{"gogc", "thp"},
				Steps: [][]string{{"gogc=50", "gogc=200"}, thp[0]}, Means: [][]float64{{105e6, 90e6, 119e6}, {92e6, 75e6, 129e6}}},
			{Name: "blocks", Kind: "blocks", Share: 0.015, SS: 0.015, DF: 7},
			{Name: "noise", Kind: "noise", Share: 0.06, SS: 0.06, DF: 35},
		}},
		{Metric: "ns/op", Why: "1 of 6 combinations are not in the matrix or were not measured (the first is gogc=50 thp=always): the factors' shares can't be told apart"},
	}
}

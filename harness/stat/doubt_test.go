package stat

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/sample"
)

// run is a comparison of n blocks; value gives a cell's reading in a block.
func run(t *testing.T, n int, value func(block, cell int) float64) Comparison {
	t.Helper()
	var samples []sample.Sample
	for b := range n {
		for cell := range 2 {
			samples = append(samples, trial(b, cell, value(b, cell), "ns/op"))
		}
	}
	c, err := Compare(grid(thp), samples, madviseOverNever)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDoubtsAreRaised(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	check := func(want string, value func(b, cell int) float64) {
		t.Helper()
		if got := strings.Join(run(t, 40, value).Warnings(), "\n"); !strings.Contains(got, want) {
			t.Errorf("want %q in the warnings, got %q", want, got)
		}
	}
	check("drift: thp=never rises over 40 blocks", func(b, _ int) float64 { return 100 + float64(b)*0.2 + rng.NormFloat64() })
	check("drift: the effect falls over 40 blocks", func(b, c int) float64 { return 100 - float64(b*c)*0.2 + rng.NormFloat64() })
	check("step: thp=never falls after about 24 of 40 blocks", func(b, _ int) float64 { return 100 - 9*float64(b/25) + rng.NormFloat64() })
	check("step: the effect rises after about 15 of 40 blocks", func(b, c int) float64 { return 100 + 4*float64(c)*float64(min(1, b/15)) + rng.NormFloat64() })
	check("heavy tails: 5 of 40 readings of thp=madvise beyond", func(b, c int) float64 {
		return 100 + 40*float64(c)*float64(b%8/7) + rng.NormFloat64()
	})
	// Six blocks up, six down: no trend, but neighbours are alike.
	check("autocorrelation: thp=never is like its neighbours", func(b, _ int) float64 {
		return 100 + 8*float64(b/6%2) + rng.NormFloat64()
	})
	check("several modes: no reading of thp=madvise lies between 10", func(b, c int) float64 {
		return 100 + float64(c)*8*float64(b*7%3/2) + rng.NormFloat64()
	})
}

// A metric has one line, not one for each claim and cell.
func TestTiesAreToldOnceAMetric(t *testing.T) {
	check := func(want string, values ...func(b, cell int) float64) {
		t.Helper()
		var all []Comparison
		for _, v := range values {
			all = append(all, run(t, 40, v), run(t, 40, v))
		}
		if got := strings.Join(Ties(all), "\n"); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	}
	const coarse = " repeat another: ns/op is coarser than its noise and intervals are wider than they need be; measure more work per trial"
	check("ties: 95 % of the readings of thp=never"+coarse, func(b, c int) float64 { return 100 + float64(b%2*(1-c)) + float64(b*c) })
	check("ties: 90 to 95 % of the readings of thp=never and thp=madvise"+coarse, func(b, c int) float64 { return 100 + float64(b%(2+2*c)) })
	check("ties: 98 % of the readings of thp=never and thp=madvise"+coarse, func(_, c int) float64 { return 2 + float64(c) })
	check("ties: ns/op is 12500000 in every trial of thp=never and thp=madvise: it does not vary, and its intervals have no width; measure more work per trial if it should",
		func(int, int) float64 { return 12.5e6 })
	check("", func(b, _ int) float64 { return 100 + float64(b) })
	five := run(t, 5, func(int, int) float64 { return 2 })
	if w := Ties([]Comparison{five}); len(w) > 0 {
		t.Errorf("five blocks can't tell: %q", w)
	}
}

func TestSoundDataRaisesNoDoubt(t *testing.T) {
	if w := run(t, 5, func(b, _ int) float64 { return float64(1 + b) }).Warnings(); len(w) != 0 {
		t.Errorf("five blocks cannot tell: %q", w)
	}
	var samples []sample.Sample
	rng := rand.New(rand.NewPCG(22, 1))
	for b := range 20 {
		for cell := range 2 {
			samples = append(samples, trial(b, cell, 100+rng.NormFloat64(), "ns/op"))
		}
	}
	c, err := Compare(grid(thp), samples, madviseOverNever)
	if err != nil {
		t.Fatal(err)
	}
	if w := c.Warnings(); len(w) != 0 {
		t.Errorf("independent normal readings: %q", w)
	}
}

func TestFalseAlarmsStayUnderWhatTheRulesSay(t *testing.T) {
	shapes := map[string]func(*rand.Rand) float64{
		"normal": func(r *rand.Rand) float64 { return 100 + r.NormFloat64() },
		"skewed": func(r *rand.Rand) float64 { return 100 * math.Exp(0.3*r.NormFloat64()) },
		"tailed": func(r *rand.Rand) float64 { return 100 + math.Abs(r.NormFloat64()) + r.ExpFloat64() },
	}
	const reps = 2000
	for name, draw := range shapes {
		rng := rand.New(rand.NewPCG(23, 1))
		alarms := map[string]int{}
		for range reps {
			n := 10 + rng.IntN(31)
			c := Comparison{Question: madviseOverNever, series: []series{{name: "a"}, {name: "b"}}}
			for b := range n {
				v, w := draw(rng), draw(rng)
				c.Points = append(c.Points, Point{Block: b, Effect: w / v})
				c.series[0].values = append(c.series[0].values, v)
				c.series[1].values = append(c.series[1].values, w)
			}
			seen := map[string]bool{}
			for _, w := range c.Warnings() {
				kind, _, _ := strings.Cut(w, ":")
				seen[kind] = true
			}
			for kind := range seen {
				alarms[kind]++
			}
		}
		for _, r := range []rule{drift, step, autocorrelation, tails, modes, ties} {
			if r.alarm == 0 && alarms[r.name] > 0 {
				t.Errorf("%s: %s raised %d times, want never", name, r.name, alarms[r.name])
			}
			if r.alarm > 0 {
				atMost(t, name+": "+r.name, alarms[r.name], reps, r.alarm)
			}
		}
	}
}

// lines are trials that print many lines each; value gives one of them.
func lines(t *testing.T, trials, each int, value func(line int) float64) Comparison {
	t.Helper()
	var samples []sample.Sample
	for b := range trials {
		for cell := range 2 {
			s := trial(b, cell, value(0), "ns/op")
			for i := 1; i < each; i++ {
				s.Lines = append(s.Lines, sample.Line{Name: "X", Iters: 1, Values: []sample.Value{{Value: value(i), Unit: "ns/op"}}})
			}
			samples = append(samples, s)
		}
	}
	c, err := Compare(grid(thp), samples, madviseOverNever)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAProcessThatWarmsUpWhileItIsMeasuredIsDoubted(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 1))
	check := func(want string, trials, each int, value func(line int) float64) {
		t.Helper()
		got := strings.Join(lines(t, trials, each, value).Warnings(), "\n")
		if want == "" && strings.Contains(got, "steady state") || !strings.Contains(got, want) {
			t.Errorf("want %q in the warnings, got %q", want, got)
		}
	}
	warming := func(line int) float64 { return 100 + 5*float64(1-min(1, line/12)) + rng.NormFloat64() }
	check("steady state: in 8 of 8 trials of thp=never the process changes its level while it is measured, after 30 % of its lines", 8, 40, warming)
	check("steady state: in 2 of 2 trials of thp=never", 2, 40, warming)
	check("", 8, 9, warming) // too few lines to tell
	check("", 8, 40, func(int) float64 { return 100 + rng.NormFloat64() })
	check("", 8, 40, func(int) float64 { return 100 })
}

func TestSteadyProcessesAreRarelyDoubted(t *testing.T) {
	rng := rand.New(rand.NewPCG(26, 1))
	const reps = 2000
	alarms := 0
	for range reps {
		for range 2 {
			table := table{inner: map[int]*inner{}}
			for range 10 {
				vs := make([]float64, 10+rng.IntN(21))
				for i := range vs {
					vs[i] = math.Exp(0.3 * rng.NormFloat64())
				}
				table.watch(0, vs)
			}
			if (series{inner: *table.inner[0]}).within(2) != nil {
				alarms++
				break
			}
		}
	}
	atMost(t, steady.name, alarms, reps, steady.alarm)
}

func TestAChangeOfLevelIsFoundWhereItIs(t *testing.T) {
	check := func(vs []float64, wantAt int, wantUp bool, wantP float64) {
		t.Helper()
		at, up, _, p := breakpoint(vs)
		if at != wantAt || up != wantUp || math.Abs(p-wantP) > 1e-6 {
			t.Errorf("%v: after %d, up %v, p %v, want %d, %v, %v", vs, at, up, p, wantAt, wantUp, wantP)
		}
	}
	// Ranks 1 2 3 | 4 5 6 7: U after 3 is 2*6 - 3*8 = -12, p = 2 exp(-6*144/(343+49)).
	check([]float64{1, 2, 3, 14, 15, 16, 17}, 3, true, 2*math.Exp(-864.0/392))
	check([]float64{7, 6, 5, 1, 2}, 2, false, 2*math.Exp(-6*36.0/150))
	check([]float64{3, 3, 3, 3}, 0, false, 1)
	check([]float64{3}, 0, false, 1)
	check(nil, 0, false, 1)
	if _, _, share, _ := breakpoint([]float64{1, 1, 1, 2, 2, 2}); math.Abs(share-1) > 1e-12 {
		t.Errorf("two levels explain a share of %v, want all", share)
	}
}

func TestResolutionCoarserThanNoiseIsSaid(t *testing.T) {
	samples := []sample.Sample{}
	rng := rand.New(rand.NewPCG(24, 1))
	for b := range 10 {
		samples = append(samples, trial(b, 0, 100+rng.NormFloat64(), "ns/op"), trial(b, 1, 100+rng.NormFloat64(), "ns/op"))
	}
	q := madviseOverNever
	q.Resolution.Relative = 0.14
	c, err := Compare(grid(thp), samples, q)
	if err != nil {
		t.Fatal(err)
	}
	if w := strings.Join(c.Warnings(), "\n"); !strings.Contains(w, "resolution: the resolution of ns/op is coarser than its noise") {
		t.Errorf("warnings %q", w)
	}
}

func TestQuantileNeedsEvents(t *testing.T) {
	check := func(metric string, want bool, values ...any) {
		t.Helper()
		var samples []sample.Sample
		for b := range 6 {
			for cell := range 2 {
				samples = append(samples, trial(b, cell, append(values, 5.0, metric)...))
			}
		}
		q := madviseOverNever
		q.Metric = metric
		c, err := Compare(grid(thp), samples, q)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Contains(strings.Join(c.Warnings(), "\n"), "few events: 12 trials with fewer than 5 events above "+metric)
		if said != want {
			t.Errorf("%s of %v: said %v, want %v", metric, values, said, want)
		}
	}
	check("p99-latency-ns", true, 499.0, "events")
	check("p99-latency-ns", false, 500.0, "events")
	check("p99.9-latency-ns", true, 4999.0, "events")
	check("p99.9-latency-ns", false, 5000.0, "events")
	check("p50-latency-ns", false, 10.0, "events")
	check("max-latency-ns", false, 1.0, "events")
	check("pause-ns", false, 1.0, "events")
	check("p99-sched-latency-ns", true, 499.0, "sched-events")
	check("p99-sched-latency-ns", false, 500.0, "sched-events", 9.0, "events")
	check("p99-latency-ns", true, 9.0, "events", 500.0, "sched-events")
	check("load-p99-latency-ns", true, 499.0, "load-events", 1000.0, "events")
	check("p90-stopping-ns", true, 49.0, "stop-events", 1000.0, "events")
	check("p90-gc-pause-ns", true, 49.0, "gc-pauses", 1000.0, "events")
	check("p90-gc-pause-ns", false, 50.0, "gc-pauses", 1.0, "gs")
	check("p99-latency-ns", false) // without a count beside it nothing is said
}

func TestResidueNamesWhatVaried(t *testing.T) {
	p := grid(thp)
	with := func(s sample.Sample, change func(*sample.Sample)) sample.Sample {
		change(&s)
		return s
	}
	samples := []sample.Sample{
		with(trial(0, 0, 1.0, "ns/op"), func(s *sample.Sample) { s.Effective = map[string]string{"swappiness": "60"} }),
		with(trial(1, 0, 1.0, "ns/op"), func(s *sample.Sample) { s.Effective = map[string]string{"swappiness": "10"} }),
		// Another cell may differ: a level can follow from what was asked.
		with(trial(0, 1, 1.0, "ns/op"), func(s *sample.Sample) { s.Effective = map[string]string{"swappiness": "0"} }),
		with(trial(1, 1, 1.0, "ns/op"), func(s *sample.Sample) {
			s.Effective = map[string]string{"swappiness": "0"}
			s.Session = 2
		}),
	}
	want := []string{
		"swappiness in thp=never varied without being asked for: 10 in 1 trial and 60 in 1 trial (hold it fixed under knobs: or isolation:, or make it a factor)",
		"block 2 ran over two sessions: the machine may have changed between its trials (a run made in one go has no such block)",
	}
	got := Residue(p, samples)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := Residue(p, []sample.Sample{trial(0, 0, 1.0, "ns/op"), trial(0, 1, 1.0, "ns/op")}); got != nil {
		t.Errorf("nothing varied, got %q", got)
	}
}

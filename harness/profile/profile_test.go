package profile

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// A machine is a fake executor whose speed wanders as real ones do: a random
// walk that lasts over many trials, and noise of each.
type machine struct {
	rng   *rand.Rand
	walk  float64 // standard deviation of a step
	noise float64

	episodes bool // of four times the noise, one trial in five
	drift    float64
	clock    time.Time
	order    []int // cells as they ran
}

func (m *machine) try(_ context.Context, a run.Attempt) (sample.Sample, error) {
	m.order = append(m.order, a.Cell.Index)
	m.drift += m.walk * m.rng.NormFloat64()
	noise := m.noise
	if m.episodes && len(m.order)%1000 < 200 {
		noise *= 4
	}
	v := 100 * (1 + a.Cell.Inject) * math.Exp(m.drift+noise*m.rng.NormFloat64())
	m.clock = m.clock.Add(time.Second)
	return sample.Sample{
		Outcome: sample.OK, Window: sample.Measured, Start: m.clock, Wall: int64(time.Second),
		Lines: []sample.Line{{Name: "X", Iters: 1, Values: []sample.Value{{Value: v, Unit: "ns/op"}, {Value: 7, Unit: "cycles"}, {Value: float64(m.rng.IntN(2)), Unit: "events"}}}},
	}, nil
}

type kept struct{ samples []sample.Sample }

func (k *kept) Append(s *sample.Sample) error { k.samples = append(k.samples, *s); return nil }
func (k *kept) Adopt(*sample.Sample) error    { return nil }
func (k *kept) Progress(run.Progress)         {}

var units = []wire.Metric{{Unit: "ns/op", Primary: true}, {Unit: "cycles"}, {Unit: "events"}, {Unit: "procs", Exact: true}}

// lab is a plan of identical arms, and with inject above 0 a slowed-down one.
func lab(t *testing.T, arms, blocks int, inject float64) plan.Plan {
	t.Helper()
	e := spec.Experiment{Name: "x", Design: spec.Design{Blocks: blocks, MaxBlocks: blocks}}
	f := spec.Factor{Key: spec.Scalar{Text: "env.ASSAY_ARM"}}
	for i := range arms {
		f.Levels = append(f.Levels, spec.Scalar{Text: string(rune('a' + i))})
	}
	e.Knobs = []spec.Factor{f}
	if inject > 0 {
		at := spec.Selection{{Key: f.Key, Level: f.Levels[0]}}
		e.Design.Controls.Positive = &spec.Positive{Inject: inject, At: at}
	}
	p, err := plan.New(e, 3)
	require.NoError(t, err)
	return p
}

func measured(t *testing.T, p plan.Plan, m *machine) Input {
	t.Helper()
	var k kept
	m.clock = noon
	_, err := run.Run(t.Context(), run.Config{Plan: p, Session: 1, Executor: run.Single(m.try), Sink: &k, Now: func() time.Time { return m.clock }})
	require.NoError(t, err)
	return Input{Plan: p, Samples: k.samples, Metrics: units, Group: 10}
}

func of(t *testing.T, e Entry, unit string) Metric {
	t.Helper()
	i := slices.IndexFunc(e.Metrics, func(m Metric) bool { return m.Unit == unit })
	require.GreaterOrEqual(t, i, 0, unit)
	return e.Metrics[i]
}

// The speed of the machine wanders: the usual way calls equals different in a
// large share of the cases, interleaved blocks in no more than they say.
func TestInterleavingHoldsWhereSeriesDoNot(t *testing.T) {
	p := Series(lab(t, 2, 2000, 0), 10)
	in := measured(t, p, &machine{rng: rand.New(rand.NewPCG(1, 1)), walk: 0.004, noise: 0.01})
	e, err := Calibrate(in)
	require.NoError(t, err)
	x := of(t, e, "ns/op")
	if x.Alarms.Of != 200 || x.Alarms.Lo > 0.05 || x.Alarms.Hi > 0.15 {
		t.Errorf("interleaved: %+v", x.Alarms)
	}
	if x.Sequential.Of != 200 || x.Sequential.Lo < 0.10 {
		t.Errorf("in series: %+v; a wandering machine fools it more often", *x.Sequential)
	}
	if x.Floor == nil || *x.Floor > 0.01 || *x.Smallest < *x.Floor {
		t.Errorf("floor %v, detectable %v", x.Floor, x.Smallest)
	}
	if e.Blocks != 2000 || e.Block != 2*time.Second || e.Any.Of != 200 {
		t.Errorf("%d blocks of %v, any %+v", e.Blocks, e.Block, e.Any)
	}
	if !slices.Equal(e.NoRatio, []string{"events"}) || len(e.Metrics) != 1 {
		t.Errorf("no ratio: %v, metrics %d; what never varies is no comparison", e.NoRatio, len(e.Metrics))
	}
}

func TestAKnownSlowdownIsFoundFromEnoughBlocksOn(t *testing.T) {
	in := measured(t, lab(t, 2, 300, 0.02), &machine{rng: rand.New(rand.NewPCG(2, 1)), noise: 0.01})
	e, err := Calibrate(in)
	require.NoError(t, err)
	if x := e.Inject; x == nil || math.Abs(*x.Effect-1.02) > 0.003 || *x.Lo > 1.02 || *x.Hi < 1.02 || x.Enough < 10 || x.Enough > 30 {
		t.Errorf("%+v", x)
	}
	first, last := e.Inject.Found[0], e.Inject.Found[len(e.Inject.Found)-1]
	if first.Blocks != 6 || first.Rate.Of != 50 || last.Blocks != 100 || last.Rate.Hits != 3 || last.Time != 200*time.Second {
		t.Errorf("first %+v, last %+v", first, last)
	}
	if lo := of(t, e, "ns/op").Alarms.Lo; lo > 0.05 {
		t.Errorf("the identical arms alarm: %v", lo)
	}
}

func TestComparisonsShareNoTrial(t *testing.T) {
	in := measured(t, lab(t, 5, 40, 0), &machine{rng: rand.New(rand.NewPCG(3, 1)), noise: 0.01})
	e, err := Calibrate(in)
	require.NoError(t, err)
	// 5 arms are 2 disjoint pairs, 40 blocks 4 disjoint groups.
	if x := of(t, e, "ns/op"); x.Alarms.Of != 8 || e.Any.Of != 8 || e.Arms != 5 {
		t.Errorf("%+v", x)
	}
}

func TestSeriesStandBetweenTheBlocks(t *testing.T) {
	p := lab(t, 2, 5, 0)
	s := Series(p, 2)
	m := &machine{rng: rand.New(rand.NewPCG(4, 1))}
	measured(t, s, m)
	var want []int
	for i, b := range p.Blocks {
		want = append(want, b.Trials[0].Cell, b.Trials[1].Cell) // as they were drawn
		if i == 1 || i == 3 {
			want = append(want, 0, 0, 1, 1)
		}
	}
	if !slices.Equal(m.order, want) {
		t.Errorf("ran %v, want %v", m.order, want)
	}
	if len(p.Blocks) != 5 || p.Blocks[4].Trials[0].N != 8 {
		t.Error("the plan given was changed")
	}
}

func TestTooLittleIsAnError(t *testing.T) {
	check := func(want string, in Input) {
		t.Helper()
		if _, err := Calibrate(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	in := measured(t, lab(t, 2, 9, 0), &machine{rng: rand.New(rand.NewPCG(5, 1)), noise: 0.01})
	check("run longer", in)
	in.Group = 5
	check("have 6 at least", in)
	check("two arms", Input{Plan: plan.Plan{Cells: []plan.Cell{{Arm: plan.ArmMain}}}, Group: 10})
	in.Group, in.Samples = 6, nil
	check("0 whole blocks", in)
}

func TestAFailedTrialCostsItsBlockOnly(t *testing.T) {
	in := measured(t, lab(t, 2, 21, 0), &machine{rng: rand.New(rand.NewPCG(6, 1)), noise: 0.01})
	in.Samples[7].Outcome = sample.OOM
	e, err := Calibrate(in)
	require.NoError(t, err)
	if e.Blocks != 20 || of(t, e, "ns/op").Alarms.Of != 2 {
		t.Errorf("%d blocks, %+v", e.Blocks, e.Metrics)
	}
}

func TestRatesAreThePublishedOnes(t *testing.T) {
	check := func(x, n int, lo, hi float64) {
		t.Helper()
		if r := NewRate(x, n); math.Abs(r.Lo-lo) > 5e-6 || math.Abs(r.Hi-hi) > 5e-6 {
			t.Errorf("%d of %d: %v to %v, want %v to %v", x, n, r.Lo, r.Hi, lo, hi)
		}
	}
	check(0, 10, 0, 0.3084971)           // 1 - 0.025^(1/10)
	check(10, 10, 1-0.3084971, 1)        // its mirror
	check(5, 100, 0.01643188, 0.1128349) // R: binom.test(5, 100)$conf.int
	if r := NewRate(0, 0); r.Lo != 0 || r.Hi != 1 {
		t.Errorf("of nothing: %+v", r)
	}
}

func TestAProfileKeepsTheLatestOfEachKind(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profiles")
	p, err := Load(dir, "b676f319")
	require.NoError(t, err)
	floor := 0.01
	small, large := map[string]string{"param.live-heap": "1MiB"}, map[string]string{"param.live-heap": "64MiB"}
	of := func(settings map[string]string, ended time.Time) Origin {
		return Origin{Workload: "gc-churn", Settings: settings, Ended: ended}
	}
	p.Put(Entry{Origin: of(small, noon), Blocks: 1})
	p.Put(Entry{Origin: of(large, noon.Add(time.Hour)), Blocks: 2})
	p.Put(Entry{Origin: of(small, noon), Blocks: 3, Metrics: []Metric{{Unit: "ns/op", Floor: &floor}}})
	path, err := p.Save(dir)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	if info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v: others cite it too", info.Mode())
	}
	p, err = Load(dir, "b676f319")
	require.NoError(t, err)
	check := func(workload string, settings map[string]string, blocks int) {
		t.Helper()
		if e, _ := p.For(workload, settings); e.Blocks != blocks {
			t.Errorf("%s %v: the entry of %d blocks, want %d", workload, settings, e.Blocks, blocks)
		}
	}
	check("gc-churn", small, 3)
	check("gc-churn", large, 2)
	check("gc-churn", nil, 2) // none agrees: the latest
	check("procs", nil, 0)
	e, _ := p.For("gc-churn", small)
	if text := e.below("sec/op", 1/1.005); !strings.Contains(text, "0.5 %") || !strings.Contains(text, "noise floor of 1 %") {
		t.Errorf("below the floor: %q", text)
	}
	for _, above := range []string{e.below("ns/op", 1.02), e.below("ns/op", 0.98), e.below("B/op", 1.001)} {
		if above != "" {
			t.Errorf("above the floor, or unknown: %q", above)
		}
	}
}

func TestAProfileThatCantBeReadIsAnError(t *testing.T) {
	for _, text := range []string{"{", `{"version": 99}`} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(file(dir, "x"), []byte(text), 0o644))
		if _, err := Load(dir, "x"); err == nil || !strings.Contains(err.Error(), "calibrate again") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What is computed from the identical arms is what the slowed-down one shows, where
// noise comes in episodes too.
func TestTheComputedPowerIsTheRecall(t *testing.T) {
	check := func(m *machine) {
		t.Helper()
		e, err := Calibrate(measured(t, lab(t, 2, 2000, 0.02), m))
		require.NoError(t, err)
		checked := 0
		for _, f := range e.Inject.Found {
			if f.Rate.Of < 20 {
				continue
			}
			checked++
			if f.Power < f.Rate.Lo-0.02 || f.Power > f.Rate.Hi+0.02 {
				t.Errorf("%d blocks: computed %.3f, found %d of %d (%.3f to %.3f)", f.Blocks, f.Power, f.Rate.Hits, f.Rate.Of, f.Rate.Lo, f.Rate.Hi)
			}
			if f.Power >= 0.97 && f.Rate.Share() < 0.9 {
				t.Errorf("%d blocks: a power of %.3f, and found in %d of %d", f.Blocks, f.Power, f.Rate.Hits, f.Rate.Of)
			}
		}
		if checked < 7 {
			t.Errorf("%d numbers of blocks were looked at", checked)
		}
	}
	check(&machine{rng: rand.New(rand.NewPCG(5, 1)), walk: 0.0005, noise: 0.015})
	check(&machine{rng: rand.New(rand.NewPCG(5, 2)), noise: 0.01, episodes: true})
}

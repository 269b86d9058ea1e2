package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

// A machine is an executor and a sink that write down what they are asked for.
type machine struct {
	t     *testing.T
	clock time.Time
	wall  time.Duration
	log   []string // "b0 cell1 #1"
	fate  func(a Attempt) sample.Sample
	said  func(Progress)
	kept  []sample.Sample
	sink  []string // "append 3 #1", "adopt 3 #1"
	left  []time.Duration
	limit []time.Duration
}

func (m *machine) Try(ctx context.Context, step []Attempt) ([]sample.Sample, error) {
	var samples []sample.Sample
	m.clock = m.clock.Add(m.wall)
	for i, a := range step {
		m.log = append(m.log, fmt.Sprintf("b%d cell%d #%d", a.Block, a.Cell.Index, a.Number))
		if i > 0 {
			m.log[len(m.log)-2] += " with"
		}
		samples = append(samples, m.one(a))
	}
	return samples, nil
}

func (m *machine) one(a Attempt) sample.Sample {
	m.limit = append(m.limit, a.Timeout)
	s := sample.Sample{Outcome: sample.OK}
	if m.fate != nil {
		s = m.fate(a)
	}
	s.Wall = int64(m.wall)
	return s
}

func (m *machine) Append(s *sample.Sample) error {
	m.sink = append(m.sink, fmt.Sprintf("append %d #%d", s.N, s.Attempt))
	m.kept = append(m.kept, *s)
	return nil
}

func (m *machine) Adopt(s *sample.Sample) error {
	m.sink = append(m.sink, fmt.Sprintf("adopt %d #%d", s.N, s.Attempt))
	return nil
}

func (m *machine) Progress(p Progress) {
	m.left = append(m.left, p.Left)
	if m.said != nil {
		m.said(p)
	}
}

// testPlan has blocks of cells whose order is drawn from seed 1.
func testPlan(blocks, cells int, d spec.Design) plan.Plan {
	p := plan.Plan{Spec: spec.Experiment{Name: "x", Design: d}}
	for i := range cells {
		p.Cells = append(p.Cells, plan.Cell{Index: i, Arm: plan.ArmMain, Levels: map[string]string{"k": fmt.Sprint(i)}})
	}
	for b := range blocks {
		var block plan.Block
		for i := range cells {
			block.Trials = append(block.Trials, plan.Trial{N: b*cells + i, Step: i, Cell: (i + b) % cells})
		}
		p.Blocks = append(p.Blocks, block)
	}
	return p
}

func newMachine(t *testing.T) *machine {
	return &machine{t: t, clock: time.Unix(1e9, 0), wall: time.Second}
}

func (m *machine) run(c Config) (string, error) {
	c.Executor, c.Sink, c.Session = m, m, 1
	c.Now = func() time.Time { return m.clock }
	return Run(m.t.Context(), c)
}

func (m *machine) ran(want ...string) {
	m.t.Helper()
	if !slices.Equal(m.log, want) {
		m.t.Errorf("attempts:\n got %q\nwant %q", m.log, want)
	}
}

func TestWarmUpsComeFirstThenBlocksInDrawnOrder(t *testing.T) {
	m := newMachine(t)
	stopped, err := m.run(Config{Plan: testPlan(2, 2, spec.Design{Warmup: 1})})
	if err != nil || stopped != "2 of 2 blocks" {
		t.Fatalf("stopped %q, error %v", stopped, err)
	}
	m.ran("b-1 cell0 #1", "b-1 cell1 #1", "b0 cell0 #1", "b0 cell1 #1", "b1 cell1 #1", "b1 cell0 #1")
	if m.kept[0].N != -1 || m.kept[1].N != -2 {
		t.Errorf("warm-ups are numbered %d, %d; want -1, -2", m.kept[0].N, m.kept[1].N)
	}
}

func TestUntestableCellsAreSkippedAndTheRestKeepsItsOrder(t *testing.T) {
	m := newMachine(t)
	if _, err := m.run(Config{Plan: testPlan(2, 3, spec.Design{}), Untestable: map[int]string{1: "no swap"}}); err != nil {
		t.Fatal(err)
	}
	m.ran("b0 cell0 #1", "b0 cell2 #1", "b1 cell2 #1", "b1 cell0 #1")
}

func TestNothingTestableRunsNothing(t *testing.T) {
	m := newMachine(t)
	stopped, err := m.run(Config{Plan: testPlan(2, 1, spec.Design{Warmup: 1}), Untestable: map[int]string{0: "no root"}})
	if err != nil || stopped != "nothing is testable here" {
		t.Errorf("stopped %q, error %v", stopped, err)
	}
	m.ran()
}

func TestTaintedTrialIsRepeatedAtTheEndOfItsBlockAtMostTwice(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample {
		s := sample.Sample{Outcome: sample.OK}
		if a.Cell.Index == 0 && a.Block == 0 {
			s.Taints = []sample.Taint{{Kind: "steal"}}
		}
		return s
	}
	if _, err := m.run(Config{Plan: testPlan(2, 2, spec.Design{})}); err != nil {
		t.Fatal(err)
	}
	m.ran("b0 cell0 #1", "b0 cell1 #1", "b0 cell0 #2", "b0 cell0 #3", "b1 cell1 #1", "b1 cell0 #1")
	// None was clean: the first attempt is the trial's.
	if !slices.Contains(m.sink, "adopt 0 #1") || len(m.sink) != 7 {
		t.Errorf("sink: %q", m.sink)
	}
}

func TestAllAreRepeatedOnceBeforeOneIsRepeatedTwice(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample {
		if a.Cell.Index == 1 {
			return sample.Sample{Outcome: sample.OK}
		}
		return sample.Sample{Outcome: sample.OK, Taints: []sample.Taint{{Kind: "steal"}}}
	}
	if _, err := m.run(Config{Plan: testPlan(1, 3, spec.Design{})}); err != nil {
		t.Fatal(err)
	}
	m.ran("b0 cell0 #1", "b0 cell1 #1", "b0 cell2 #1", "b0 cell0 #2", "b0 cell2 #2", "b0 cell0 #3", "b0 cell2 #3")
}

func TestCleanRepeatNeedsNoAdoption(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample {
		s := sample.Sample{Outcome: sample.OK}
		if a.Number == 1 {
			s.Taints = []sample.Taint{{Kind: "steal"}}
		}
		return s
	}
	if _, err := m.run(Config{Plan: testPlan(1, 1, spec.Design{})}); err != nil {
		t.Fatal(err)
	}
	m.ran("b0 cell0 #1", "b0 cell0 #2")
	if len(m.sink) != 2 {
		t.Errorf("sink: %q", m.sink)
	}
}

func TestFailedTrialIsRetriedWithinABound(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample { return sample.Sample{Outcome: sample.OOM} }
	if _, err := m.run(Config{Plan: testPlan(1, 1, spec.Design{})}); err != nil {
		t.Fatal(err)
	}
	m.ran("b0 cell0 #1", "b0 cell0 #2", "b0 cell0 #3")
}

func TestVoidTrialIsAlwaysRepeated(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample {
		if a.Number <= 5 {
			return sample.Sample{Outcome: sample.Void}
		}
		return sample.Sample{Outcome: sample.OK}
	}
	if _, err := m.run(Config{Plan: testPlan(1, 1, spec.Design{})}); err != nil {
		t.Fatal(err)
	}
	if len(m.log) != 6 {
		t.Errorf("%d attempts, want 6", len(m.log))
	}
}

func TestAFightOverAKnobEndsTheRun(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample { return sample.Sample{Outcome: sample.Void, Error: "thp is never"} }
	_, err := m.run(Config{Plan: testPlan(1, 1, spec.Design{})})
	if err == nil || len(m.log) != sample.MaxVoids+1 {
		t.Errorf("%d attempts, error %v", len(m.log), err)
	}
}

func TestBudgetStopsBetweenBlocksOnly(t *testing.T) {
	m := newMachine(t)
	// A block takes 2 s; 5 s hold two of them, the third would end at 6 s.
	stopped, err := m.run(Config{Plan: testPlan(9, 2, spec.Design{Budget: spec.Duration(5 * time.Second)})})
	if err != nil || stopped != "the budget of 5s holds no further block, after 2 of 9" {
		t.Errorf("stopped %q, error %v", stopped, err)
	}
	if len(m.log) != 4 {
		t.Errorf("%d attempts, want 4", len(m.log))
	}
}

func TestPrecisionIsLookedAtFromBlockTenOnAfterWholeBlocks(t *testing.T) {
	m := newMachine(t)
	var looks []int
	stopped, err := m.run(Config{Plan: testPlan(30, 1, spec.Design{}), Precise: func(blocks int) (string, bool) {
		looks = append(looks, blocks)
		return "precise", blocks == 12
	}})
	if err != nil || stopped != "precise" || !slices.Equal(looks, []int{10, 11, 12}) || len(m.log) != 12 {
		t.Errorf("stopped %q after %d trials, looked at %v, error %v", stopped, len(m.log), looks, err)
	}
}

func TestResumeAtEveryPointGivesTheSameTrials(t *testing.T) {
	fate := func(a Attempt) sample.Sample {
		s := sample.Sample{Outcome: sample.OK}
		switch n := a.Trial.N; {
		case n == 1 && a.Number < 3:
			s.Taints = []sample.Taint{{Kind: "steal"}}
		case n == 2 && a.Number == 1:
			s.Outcome = sample.Timeout
		}
		return s
	}
	whole := newMachine(t)
	whole.fate = fate
	if _, err := whole.run(Config{Plan: testPlan(3, 2, spec.Design{})}); err != nil {
		t.Fatal(err)
	}
	for cut := range whole.kept {
		m := newMachine(t)
		m.fate = fate
		if _, err := m.run(Config{Plan: testPlan(3, 2, spec.Design{}), Done: whole.kept[:cut]}); err != nil {
			t.Fatal(err)
		}
		if got := append(slices.Clone(whole.log[:cut]), m.log...); !slices.Equal(got, whole.log) {
			t.Errorf("cut after %d attempts:\n got %q\nwant %q", cut, got, whole.log)
		}
	}
}

func TestResumeOfACompleteRunRunsNothing(t *testing.T) {
	m := newMachine(t)
	p := testPlan(2, 1, spec.Design{Warmup: 1})
	if _, err := m.run(Config{Plan: p}); err != nil {
		t.Fatal(err)
	}
	again := newMachine(t)
	stopped, err := again.run(Config{Plan: p, Done: m.kept})
	if err != nil || stopped != "2 of 2 blocks" {
		t.Errorf("stopped %q, error %v", stopped, err)
	}
	again.ran()
}

func TestNothingIsKeptOfAnAttemptThatASignalCutShort(t *testing.T) {
	m := newMachine(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("SIGTERM")
	m.fate = func(a Attempt) sample.Sample {
		if a.Trial.N == 1 {
			cancel(stop)
		}
		return sample.Sample{Outcome: sample.OK}
	}
	_, err := Run(ctx, Config{Plan: testPlan(2, 2, spec.Design{}), Executor: m, Sink: m, Now: func() time.Time { return m.clock }})
	if !errors.Is(err, stop) || len(m.kept) != 1 {
		t.Errorf("kept %d samples, error %v; want 1 and SIGTERM", len(m.kept), err)
	}
}

func TestTheFirstTrialOfAWholePackageHasTwentyMinutes(t *testing.T) {
	m := newMachine(t)
	p := testPlan(1, 1, spec.Design{Warmup: 1})
	p.Spec.Workload = spec.Workload{Gotest: &spec.Gotest{}}
	if _, err := m.run(Config{Plan: p}); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{20 * time.Minute, 30 * time.Second}; !slices.Equal(m.limit, want) {
		t.Errorf("limits %v, want %v", m.limit, want)
	}
}

func TestTimeoutIsTenTimesTheLongestGoodTrialAndNeverUnderHalfAMinute(t *testing.T) {
	check := func(wall, own, want time.Duration) {
		t.Helper()
		m := newMachine(t)
		m.wall = wall
		if _, err := m.run(Config{Plan: testPlan(1, 1, spec.Design{Warmup: 1, Timeout: spec.Duration(own)})}); err != nil {
			t.Fatal(err)
		}
		if got := m.limit[len(m.limit)-1]; got != want {
			t.Errorf("wall %v, timeout %v: got %v, want %v", wall, own, got, want)
		}
	}
	check(time.Second, 0, 30*time.Second)
	check(9*time.Second, 0, 90*time.Second)
	check(9*time.Second, time.Minute, time.Minute)
	check(time.Minute, 0, 10*time.Minute)
	check(2*time.Minute, 0, 10*time.Minute)
	check(5*time.Minute, 0, 15*time.Minute)
	check(time.Hour, 24*time.Hour, 24*time.Hour)
}

func TestPrecisionIsLookedAtLessOftenTheMoreBlocksThereAre(t *testing.T) {
	check := func(from, to int, want ...int) {
		t.Helper()
		var at []int
		for b := from; b <= to; b++ {
			if Looks(b) {
				at = append(at, b)
			}
		}
		if !slices.Equal(at, want) {
			t.Errorf("%d to %d: looked at %v, want %v", from, to, at, want)
		}
	}
	check(0, 12, 10, 11, 12)
	check(197, 206, 197, 198, 199, 200, 202, 204, 206)
	check(2490, 2560, 2496, 2500, 2525, 2550)
}

func TestVoidAttemptsOfAnEarlierSessionDoNotUseUpThisOnes(t *testing.T) {
	meddled := newMachine(t)
	meddled.fate = func(Attempt) sample.Sample { return sample.Sample{Outcome: sample.Void} }
	p := testPlan(1, 1, spec.Design{})
	if _, err := meddled.run(Config{Plan: p}); err == nil || len(meddled.kept) != sample.MaxVoids+1 {
		t.Fatalf("%d attempts, error %v", len(meddled.kept), err)
	}
	alone := newMachine(t)
	if _, err := alone.run(Config{Plan: p, Done: meddled.kept}); err != nil {
		t.Fatal(err)
	}
	alone.ran("b0 cell0 #10")
}

func TestAWarmUpTellsHowLongTheRunTakes(t *testing.T) {
	check := func(budget time.Duration, want ...time.Duration) {
		t.Helper()
		m := newMachine(t)
		m.wall = 3 * time.Minute
		var left []time.Duration
		m.said = func(p Progress) { left = append(left, p.Left) }
		if _, err := m.run(Config{Plan: testPlan(2, 2, spec.Design{Warmup: 1, Budget: spec.Duration(budget)})}); err != nil {
			t.Fatal(err)
		}
		if got := left[:len(want)]; !slices.Equal(got, want) {
			t.Errorf("budget %v: left %v, want %v", budget, got, want)
		}
	}
	check(0, 15*time.Minute, 12*time.Minute, 9*time.Minute)
	check(5*time.Minute, 8*time.Minute, 5*time.Minute, 2*time.Minute)
}

func TestProgressCountsTrialsNotAttempts(t *testing.T) {
	m := newMachine(t)
	var done []int
	m.said = func(p Progress) { done = append(done, p.Done) }
	m.fate = func(a Attempt) sample.Sample {
		if a.Trial.N == 0 && a.Number == 1 {
			return sample.Sample{Outcome: sample.Exited}
		}
		return sample.Sample{Outcome: sample.OK}
	}
	p := testPlan(2, 2, spec.Design{})
	if _, err := m.run(Config{Plan: p}); err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 1, 2, 3, 4}; !slices.Equal(done, want) {
		t.Errorf("done %v, want %v", done, want)
	}
	again := newMachine(t)
	again.said = func(p Progress) { done = append(done, p.Done) }
	done = nil
	if _, err := again.run(Config{Plan: p, Done: m.kept[:3]}); err != nil {
		t.Fatal(err)
	}
	if want := []int{3, 4}; !slices.Equal(done, want) {
		t.Errorf("after going on: done %v, want %v", done, want)
	}
}

func TestWarmUpsAreLookedAtBeforeTheFirstBlock(t *testing.T) {
	m := newMachine(t)
	refused := errors.New("it printed something else")
	var cells []int
	_, err := m.run(Config{Plan: testPlan(2, 2, spec.Design{Warmup: 1}), Warmed: func(warm []sample.Sample) error {
		for _, s := range warm {
			cells = append(cells, s.Cell)
		}
		return refused
	}})
	if !errors.Is(err, refused) || !slices.Equal(cells, []int{0, 1}) {
		t.Errorf("looked at %v, error %v", cells, err)
	}
	m.ran("b-1 cell0 #1", "b-1 cell1 #1")
}

package run

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

// dies has the attempts of a cell fail from a block on.
func dies(cell, from int) func(Attempt) sample.Sample {
	return func(a Attempt) sample.Sample {
		if a.Cell.Index == cell && a.Block >= from {
			return sample.Sample{Outcome: sample.OOM, Error: "out of memory", Env: "host"}
		}
		return sample.Sample{Outcome: sample.OK}
	}
}

// made counts the attempts that were really made of a cell in blocks.
func (m *machine) made(cell int) (n int) {
	for _, line := range m.log {
		if strings.Contains(line, fmt.Sprintf(" cell%d ", cell)) && !strings.HasPrefix(line, "b-1") {
			n++
		}
	}
	return n
}

// forgone are the trials of a cell that were committed as given up, and what is said of them.
func (m *machine) forgone(cell int) (trials []int, why string) {
	for _, s := range m.kept {
		if s.Cell == cell && s.Outcome == sample.GivenUp {
			trials, why = append(trials, s.N), s.Error
		}
	}
	return trials, why
}

func TestACellThatFailsAgainAndAgainIsGivenUp(t *testing.T) {
	m := newMachine(t)
	m.fate = dies(1, 0)
	stopped, err := m.run(Config{Plan: testPlan(8, 2, spec.Design{Warmup: 1})})
	require.NoError(t, err)
	require.Equal(t, "8 of 8 blocks", stopped)
	require.Equal(t, sample.MaxFailures, m.made(1))
	require.Equal(t, 8, m.made(0))
	trials, why := m.forgone(1)
	require.Equal(t, []int{6, 9, 10, 13, 14}, slices.Sorted(slices.Values(trials)))
	require.Equal(t, "given up after 9 failures in a row: oom: out of memory", why)
	last := m.kept[slices.IndexFunc(m.kept, func(s sample.Sample) bool { return s.Outcome == sample.GivenUp })]
	require.Equal(t, "host", last.Env)
	require.False(t, last.Start.IsZero())
}

func TestACellThatWorkedInBetweenIsNotGivenUp(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample {
		if a.Cell.Index == 1 && (a.Block%3 > 0 || a.Number < 3) {
			return sample.Sample{Outcome: sample.Exited}
		}
		return sample.Sample{Outcome: sample.OK}
	}
	_, err := m.run(Config{Plan: testPlan(9, 2, spec.Design{})})
	require.NoError(t, err)
	require.Equal(t, 27, m.made(1))
	trials, _ := m.forgone(1)
	require.Empty(t, trials)
}

// What someone else does to the machine is no failure of the cell's.
func TestVoidAttemptsNeitherCountNorBreakTheRow(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample {
		if a.Number%2 == 1 {
			return sample.Sample{Outcome: sample.Void}
		}
		return sample.Sample{Outcome: sample.Exited}
	}
	_, err := m.run(Config{Plan: testPlan(5, 1, spec.Design{})})
	require.NoError(t, err)
	failed := 0
	for _, s := range m.kept {
		if s.Failed() {
			failed++
		}
	}
	require.Equal(t, sample.MaxFailures, failed)
}

func TestWhereEveryCellIsGivenUpTheRunEnds(t *testing.T) {
	m := newMachine(t)
	m.fate = func(Attempt) sample.Sample { return sample.Sample{Outcome: sample.Exited} }
	stopped, err := m.run(Config{Plan: testPlan(100, 3, spec.Design{}), Untestable: map[int]string{2: "no swap"}})
	require.NoError(t, err)
	require.Equal(t, "every cell was given up before block 4 of 100", stopped)
	require.Len(t, m.log, 2*sample.MaxFailures)
}

func TestGoingOnGivesUpWhatWasGivenUp(t *testing.T) {
	p := testPlan(6, 2, spec.Design{})
	whole := newMachine(t)
	whole.fate = dies(1, 1)
	_, err := whole.run(Config{Plan: p})
	require.NoError(t, err)
	for cut := range whole.kept {
		m := newMachine(t)
		m.fate = dies(1, 1)
		_, err := m.run(Config{Plan: p, Done: slices.Clone(whole.kept[:cut])})
		require.NoError(t, err)
		show := func(all []sample.Sample) (lines []string) {
			for _, s := range all {
				lines = append(lines, fmt.Sprint(s.N, s.Attempt, s.Outcome))
			}
			return lines
		}
		require.Equal(t, show(whole.kept[cut:]), show(m.kept), "cut after %d attempts", cut)
	}
}

// A cell that was given up is not warmed up by a later session either.
func TestGoingOnDoesNotWarmUpWhatWasGivenUp(t *testing.T) {
	p := testPlan(6, 2, spec.Design{Warmup: 1})
	m := newMachine(t)
	m.fate = dies(1, 0)
	_, err := m.run(Config{Plan: p})
	require.NoError(t, err)
	again := newMachine(t)
	_, err = again.run(Config{Plan: p, Done: m.kept[:len(m.kept)-2]})
	require.NoError(t, err)
	require.Equal(t, "b-1 cell0 #1", again.log[0])
	require.Equal(t, 0, again.made(1))
}

func TestBothOfADuetAreGivenUpTogether(t *testing.T) {
	m := newMachine(t)
	m.fate = dies(1, 0)
	stopped, err := m.run(Config{Plan: duetPlan(6)})
	require.NoError(t, err)
	require.Equal(t, "every cell was given up before block 4 of 6", stopped)
	require.Equal(t, sample.MaxFailures, m.made(1))
	require.Equal(t, sample.MaxFailures, m.made(0))
}

func TestTheBudgetForgetsWhatIsGivenUp(t *testing.T) {
	m := newMachine(t)
	m.fate = dies(1, 0)
	// Three blocks of 4 s, of which 3 s are the failing cell's attempts; then blocks
	// of 1 s, until the budget of 30 s is full.
	slow := testPlan(100, 2, spec.Design{Budget: spec.Duration(30 * time.Second)})
	stopped, err := m.run(Config{Plan: slow})
	require.NoError(t, err)
	require.Equal(t, "the budget of 30s holds no further block, after 21 of 100", stopped)
}

func TestRetriesAreMadeWithinTheBudget(t *testing.T) {
	p := testPlan(100, 3, spec.Design{Budget: spec.Duration(5 * time.Second)})
	m := newMachine(t)
	m.wall = 2 * time.Second
	m.fate = func(Attempt) sample.Sample { return sample.Sample{Outcome: sample.Timeout} }
	stopped, err := m.run(Config{Plan: p})
	require.NoError(t, err)
	require.Equal(t, "the budget of 5s holds no further block, after 1 of 100", stopped)
	m.ran("b0 cell0 #1", "b0 cell1 #1", "b0 cell2 #1")

	again := newMachine(t)
	stopped, err = again.run(Config{Plan: p, Done: m.kept})
	require.NoError(t, err)
	require.Equal(t, "the budget of 5s holds no further block, after 1 of 100", stopped)
	again.ran()

	// Two tainted trials of 2 s after 4 s: all of them are repeated or none is.
	noisy := newMachine(t)
	noisy.wall = 2 * time.Second
	noisy.fate = func(Attempt) sample.Sample {
		return sample.Sample{Outcome: sample.OK, Taints: []sample.Taint{{Kind: "steal"}}}
	}
	_, err = noisy.run(Config{Plan: testPlan(1, 2, spec.Design{Budget: spec.Duration(7 * time.Second)})})
	require.NoError(t, err)
	noisy.ran("b0 cell0 #1", "b0 cell1 #1")
	require.Contains(t, noisy.sink, "adopt 0 #1")

	// By the sum of their times alone they could be repeated now: but they were adopted.
	adopted := slices.Clone(noisy.kept)
	for i := range adopted {
		adopted[i].File, adopted[i].Wall = sample.MainFile, int64(time.Second)
	}
	settled := newMachine(t)
	_, err = settled.run(Config{Plan: testPlan(1, 2, spec.Design{Budget: spec.Duration(7 * time.Second)}), Done: adopted})
	require.NoError(t, err)
	settled.ran()

	// One that someone disturbed is no attempt.
	void := newMachine(t)
	void.wall = 9 * time.Second
	void.fate = func(a Attempt) sample.Sample {
		if a.Number == 1 {
			return sample.Sample{Outcome: sample.Void}
		}
		return sample.Sample{Outcome: sample.OK}
	}
	_, err = void.run(Config{Plan: testPlan(1, 1, spec.Design{Budget: spec.Duration(5 * time.Second)})})
	require.NoError(t, err)
	void.ran("b0 cell0 #1", "b0 cell0 #2")

	// One that fails at once costs next to nothing.
	quick := newMachine(t)
	quick.wall = time.Second
	quick.fate = m.fate
	_, err = quick.run(Config{Plan: testPlan(1, 1, spec.Design{Budget: spec.Duration(5 * time.Second)})})
	require.NoError(t, err)
	quick.ran("b0 cell0 #1", "b0 cell0 #2", "b0 cell0 #3")
}

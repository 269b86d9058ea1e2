package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

// duetPlan has two cells a block, at once, the second on side 0 in odd blocks.
func duetPlan(blocks int) plan.Plan {
	p := testPlan(blocks, 2, spec.Design{Warmup: 1, Duet: spec.Scalar{Text: "k"}})
	p.Factors = []plan.Factor{{Key: "k", Levels: []string{"0", "1"}}}
	for b := range p.Blocks {
		for side := range p.Blocks[b].Trials {
			p.Blocks[b].Trials[side].Step, p.Blocks[b].Trials[side].Side = 0, side
		}
	}
	return p
}

func TestTrialsOfAStepRunAtOnceAndAreRepeatedTogether(t *testing.T) {
	m := newMachine(t)
	m.fate = func(a Attempt) sample.Sample {
		s := sample.Sample{Outcome: sample.OK}
		if a.Block == 1 && a.Cell.Index == 0 && a.Number == 1 {
			s.Taints = []sample.Taint{{Kind: "steal"}}
		}
		return s
	}
	stopped, err := m.run(Config{Plan: duetPlan(2)})
	require.NoError(t, err)
	require.Equal(t, "2 of 2 blocks", stopped)
	m.ran("b-1 cell0 #1 with", "b-1 cell1 #1",
		"b0 cell0 #1 with", "b0 cell1 #1",
		"b1 cell1 #1 with", "b1 cell0 #1", "b1 cell1 #2 with", "b1 cell0 #2")
	for _, s := range m.kept {
		if s.Block == 1 && s.Attempt == 1 && s.Clean() {
			t.Errorf("cell %d is clean beside a tainted one", s.Cell)
		}
	}
}

// A crash between the two commits of a step leaves one of them.
func TestATrialRepeatedForTheOthersSakeStandsBack(t *testing.T) {
	m := newMachine(t)
	p := duetPlan(1)
	done := []sample.Sample{{N: 0, Block: 0, Cell: 0, Attempt: 1, Outcome: sample.OK}}
	p.Spec.Design.Warmup = 0
	_, err := m.run(Config{Plan: p, Done: done})
	require.NoError(t, err)
	m.ran("b0 cell0 #2 with", "b0 cell1 #1")
	require.Equal(t, []bool{false, true}, []bool{m.kept[0].Clean(), m.kept[1].Clean()})
}

// talks is a workload's part of the script up to the window.
const talks = `echo "ready 1" >&3; read go <&3; echo "begin 2" >&3; read ok <&3; `

func TestTrialsOfADuetBeginTogetherEachInItsFolder(t *testing.T) {
	l := shellLocal(t, "")
	l.Knobs = nil
	meet := t.TempDir()
	// Each leaves word in its window, and ends only when it has seen the other's.
	talk := talks + `pwd > $0/$1; until [ -e $0/$2 ]; do sleep 0.01; done; echo "end 3" >&3; read ok <&3; ` + prints
	role := func(own, other string) []Role {
		r := l.Cells[0].Roles[0]
		r.Effects.Host = nil
		r.Args = []string{"-c", talk, meet, own, other}
		return []Role{r}
	}
	l.Cells = map[int]Setup{
		0: {Roles: role("a", "b"), Binary: l.Cells[0].Binary, Talks: true},
		1: {Beside: role("b", "a"), Binary: l.Cells[0].Binary, Talks: true},
	}
	samples, err := l.Try(t.Context(), []Attempt{
		{Trial: plan.Trial{N: 0}, Number: 1, Timeout: time.Minute},
		{Trial: plan.Trial{N: 1, Side: 1, Cell: 1}, Cell: plan.Cell{Index: 1}, Number: 1, Timeout: time.Minute},
	})
	require.NoError(t, err)
	require.Len(t, samples, 2)
	for _, s := range samples {
		require.Equal(t, sample.OK, s.Outcome, s.Error)
	}
	one, err := os.ReadFile(filepath.Join(meet, "a"))
	require.NoError(t, err)
	two, err := os.ReadFile(filepath.Join(meet, "b"))
	require.NoError(t, err)
	require.NotEqual(t, string(one), string(two), "they share a folder")
	require.Len(t, two, len(one), "one folder's name is longer")
}

func TestATrialDoesNotWaitForOneThatNeverComes(t *testing.T) {
	l := shellLocal(t, "")
	l.Knobs = nil
	role := func(script string) []Role {
		r := l.Cells[0].Roles[0]
		r.Effects.Host = nil
		r.Args = []string{"-c", script}
		return []Role{r}
	}
	l.Cells = map[int]Setup{
		0: {Roles: role(talks + `echo "end 3" >&3; read ok <&3; ` + prints), Binary: l.Cells[0].Binary, Talks: true},
		1: {Beside: role("exit 3"), Binary: l.Cells[0].Binary, Talks: true},
	}
	samples, err := l.Try(t.Context(), []Attempt{
		{Trial: plan.Trial{N: 0}, Number: 1, Timeout: time.Minute},
		{Trial: plan.Trial{N: 1, Side: 1, Cell: 1}, Cell: plan.Cell{Index: 1}, Number: 1, Timeout: time.Minute},
	})
	require.NoError(t, err)
	require.Equal(t, []sample.Outcome{sample.OK, sample.Exited}, []sample.Outcome{samples[0].Outcome, samples[1].Outcome})
}

func TestAnExecutorOfOneAtATimeRefusesADuet(t *testing.T) {
	one := Single(func(context.Context, Attempt) (sample.Sample, error) { return sample.Sample{}, errors.New("unused") })
	_, err := one.Try(t.Context(), make([]Attempt, 2))
	require.ErrorContains(t, err, "drop design.duet")
}

package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/spec"
)

// slow is two factors, the first one slow to change.
func slow(blocks int) spec.Experiment {
	return spec.Experiment{
		Design: spec.Design{Blocks: blocks, WholePlot: []spec.Scalar{scalar("a")}},
		Knobs:  []spec.Factor{factor("a", "1", "2", "3"), factor("b", "x", "y")},
	}
}

// runs are the plots of a block as they follow each other: "1 1|3 3|2 2".
func runs(p Plan, b Block, key string) string {
	var plots []string
	for i, t := range b.Trials {
		level := p.Level(p.Cells[t.Cell], key)
		if i == 0 || t.Plot != b.Trials[i-1].Plot {
			plots = append(plots, level)
		} else {
			plots[len(plots)-1] += " " + level
		}
	}
	return strings.Join(plots, "|")
}

func TestTrialsOfAPlotShareItsLevelAndRunTogether(t *testing.T) {
	p, err := New(slow(40), 7)
	require.NoError(t, err)
	for _, b := range p.Blocks {
		seen := map[int]bool{}
		for i, trial := range b.Trials {
			seen[trial.Cell] = true
			if trial.Plot != i/2 || trial.Step != i {
				t.Fatalf("trial %d is %+v, want plot %d", i, trial, i/2)
			}
		}
		require.Len(t, seen, 6, "a block is still every cell once")
		plots := strings.Split(runs(p, b, "a"), "|")
		slices.Sort(plots)
		require.Equal(t, []string{"1 1", "2 2", "3 3"}, plots)
	}
}

// What goes through all cells outside of the blocks, warm-ups for one, sets a slow
// knob once a level: not again for the next fast one, nor for a control arm.
func TestCellsAreGoneThroughByTheirSlowLevels(t *testing.T) {
	e := slow(1)
	e.Knobs[0], e.Knobs[1] = e.Knobs[1], e.Knobs[0]
	e.Design.Controls.AA = selection("a", "1", "b", "x")
	p, err := New(e, 7)
	require.NoError(t, err)
	var order []string
	for _, s := range p.Steps() {
		require.Len(t, s, 1)
		c := p.Cells[s[0]]
		order = append(order, c.Levels["a"]+c.Levels["b"]+" "+c.Arm)
	}
	require.Equal(t, []string{"1x main", "1y main", "1x aa", "2x main", "2y main", "3x main", "3y main"}, order)
}

// Every order of plots, and every order within one, is equally likely: 6 x 2^3
// ways in 9,600 blocks, 200 each +- 5 standard deviations (14 each).
func TestPlotsAndTheirTrialsAreDrawnAnewInEveryBlock(t *testing.T) {
	p, err := New(slow(9600), 11)
	require.NoError(t, err)
	ways := map[[6]int]int{}
	for _, b := range p.Blocks {
		var order [6]int
		for i, trial := range b.Trials {
			order[i] = trial.Cell
		}
		ways[order]++
	}
	require.Len(t, ways, 48)
	for order, n := range ways {
		if n < 130 || n > 270 {
			t.Errorf("order %v was drawn %d times, want about 200", order, n)
		}
	}
}

func TestPlotsOfSeveralKeysAndOfAZip(t *testing.T) {
	check := func(e spec.Experiment, key string, want int) {
		t.Helper()
		e.Design.Blocks = 3
		p, err := New(e, 5)
		require.NoError(t, err)
		for _, b := range p.Blocks {
			if last := b.Trials[len(b.Trials)-1].Plot; last != want-1 {
				t.Errorf("%s: %d plots, want %d", key, last+1, want)
			}
		}
	}
	e := slow(1)
	e.Design.WholePlot = []spec.Scalar{scalar("a"), scalar("b")}
	check(e, "both keys", 6)
	e = slow(1)
	e.Zip = [][]spec.Factor{{factor("c", "p", "q"), factor("d", "r", "s")}}
	e.Design.WholePlot = []spec.Scalar{scalar("c")}
	check(e, "a zip", 2)
}

// Within the plot of the cell that it repeats, a control would not be touched
// by what setting a slow knob anew does, and would call the instrument better
// than it is.
func TestAControlArmIsAPlotOfItsOwn(t *testing.T) {
	e := slow(20)
	e.Design.Controls = spec.Controls{AA: selection("a", "1"), Positive: &spec.Positive{Inject: 0.1}}
	p, err := New(e, 7)
	require.NoError(t, err)
	for _, b := range p.Blocks {
		sizes, arm := map[int]int{}, map[int]string{}
		for _, trial := range b.Trials {
			sizes[trial.Plot]++
			arm[trial.Plot] = p.Cells[trial.Cell].Arm
		}
		require.Len(t, sizes, 5)
		for plot, n := range sizes {
			if want := map[string]int{ArmMain: 2, ArmAA: 1, ArmPositive: 1}[arm[plot]]; n != want {
				t.Errorf("the plot of arm %s holds %d trials, want %d", arm[plot], n, want)
			}
		}
	}
}

func TestMoreBlocksNeverChangeEarlierPlots(t *testing.T) {
	few, err := New(slow(3), 7)
	require.NoError(t, err)
	many, err := New(slow(30), 7)
	require.NoError(t, err)
	require.Equal(t, few.Blocks, many.Blocks[:3])
	if got := runs(few, few.Blocks[0], "a") + "  " + runs(few, few.Blocks[0], "b"); got != plotsOfSeed7 {
		t.Errorf("block 0 of seed 7 is %q, want %q (another order is another plan.Version)", got, plotsOfSeed7)
	}
}

const plotsOfSeed7 = "3 3|1 1|2 2  x y|x y|y x"

// Plans made before there were whole plots keep their bytes.
func TestAPlanWithoutWholePlotsDoesNotMentionThem(t *testing.T) {
	p, err := New(big(2), 7)
	require.NoError(t, err)
	b, err := json.Marshal(p)
	require.NoError(t, err)
	if strings.Contains(string(b), "whole-plot") {
		t.Error("whole-plot stands in a plan that has none")
	}
	for _, trial := range p.Blocks[1].Trials {
		require.Zero(t, trial.Plot)
	}
}

func TestTenThousandCellsInPlotsAreLaidOut(t *testing.T) {
	e := slow(10)
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprint(i))
	}
	e.Knobs = []spec.Factor{factor("a", many...), factor("b", many...)}
	p, err := New(e, 7)
	require.NoError(t, err)
	require.Len(t, p.Blocks[9].Trials, 10_000)
	require.Equal(t, 99, p.Blocks[9].Trials[9999].Plot)
}

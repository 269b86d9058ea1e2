package plan

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/spec"
)

func scalar(s string) spec.Scalar { return spec.Scalar{Text: s} }

func factor(key string, levels ...string) spec.Factor {
	f := spec.Factor{Key: scalar(key)}
	for _, l := range levels {
		f.Levels = append(f.Levels, scalar(l))
	}
	return f
}

func selection(pairs ...string) spec.Selection {
	var s spec.Selection
	for i := 0; i < len(pairs); i += 2 {
		s = append(s, spec.Setting{Key: scalar(pairs[i]), Level: scalar(pairs[i+1])})
	}
	return s
}

func names(p Plan) []string {
	var out []string
	for _, c := range p.Cells {
		out = append(out, p.Name(c))
	}
	return out
}

func TestExpansion(t *testing.T) {
	check := func(e spec.Experiment, want ...string) {
		t.Helper()
		e.Design.Blocks = 1
		p, err := New(e, 1)
		require.NoError(t, err)
		if got := names(p); !slices.Equal(got, want) {
			t.Errorf("cells:\n got %q\nwant %q", got, want)
		}
	}
	check(spec.Experiment{}, "the only cell")
	check(spec.Experiment{Knobs: []spec.Factor{factor("a", "1", "2"), factor("b", "x")}}, "a=1", "a=2")
	// The last factor varies fastest.
	check(spec.Experiment{Knobs: []spec.Factor{factor("a", "1", "2"), factor("b", "x", "y")}},
		"a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y")
	// A zip is one factor with several names; it is crossed with the rest.
	check(spec.Experiment{
		Knobs: []spec.Factor{factor("a", "1", "2")},
		Zip:   [][]spec.Factor{{factor("b", "x", "y"), factor("c", "p", "q")}},
	}, "a=1 b=x c=p", "a=1 b=y c=q", "a=2 b=x c=p", "a=2 b=y c=q")
	// Include adds after the cross, exclude takes away after that.
	check(spec.Experiment{
		Zip:     [][]spec.Factor{{factor("b", "x", "y"), factor("c", "p", "q")}},
		Include: []spec.Selection{selection("b", "x", "c", "q"), selection("b", "x", "c", "p")},
		Exclude: []spec.Selection{selection("c", "p")},
	}, "b=y c=q", "b=x c=q")
	check(spec.Experiment{
		Knobs:    []spec.Factor{factor("a", "1", "2")},
		Workload: spec.Workload{Params: []spec.Factor{factor("param.n", "10", "20")}},
		Design:   spec.Design{Controls: spec.Controls{AA: selection("a", "2"), Positive: &spec.Positive{Inject: 0.2}}},
	}, "a=1 param.n=10", "a=1 param.n=20", "a=2 param.n=10", "a=2 param.n=20",
		"arm=aa a=2 param.n=10", "arm=positive a=2 param.n=10")
}

func TestSelectionsThatNameNoCellAreRefused(t *testing.T) {
	check := func(e spec.Experiment, want string) {
		t.Helper()
		_, err := New(e, 1)
		require.Error(t, err)
		if err.Error() != want {
			t.Errorf("got  %s\nwant %s", err, want)
		}
	}
	two := []spec.Factor{factor("a", "1", "2"), factor("b", "x", "y")}
	check(spec.Experiment{Knobs: two, Exclude: []spec.Selection{selection("a", "1"), selection("a", "1", "b", "x")}},
		"exclude: a=1 b=x matches no cell")
	check(spec.Experiment{Knobs: two, Exclude: []spec.Selection{nil}}, "exclude leaves no cell")
	check(spec.Experiment{Knobs: two, Include: []spec.Selection{selection("a", "1")}},
		"include: a=1: no level for b (an included cell names every factor)")
}

func TestSingleLevelsAndIsolationAreFixed(t *testing.T) {
	p, err := New(spec.Experiment{
		Knobs:     []spec.Factor{factor("a", "1", "2"), factor("gogc", "100")},
		Isolation: selection("memory.max", "1GiB"),
	}, 1)
	require.NoError(t, err)
	if got := fmt.Sprint(p.Settings(p.Cells[1])); got != "map[a:2 gogc:100 memory.max:1GiB]" {
		t.Errorf("settings of cell 1: %s", got)
	}
	if got := p.Level(p.Cells[0], "gogc"); got != "100" {
		t.Errorf("gogc is %q", got)
	}
}

func big(blocks int) spec.Experiment {
	return spec.Experiment{
		Name: "x", Design: spec.Design{Blocks: blocks},
		Knobs: []spec.Factor{factor("a", "1", "2", "3"), factor("b", "x", "y", "z")},
	}
}

func TestEveryBlockHoldsEveryCellOnce(t *testing.T) {
	p, err := New(big(50), 7)
	require.NoError(t, err)
	n := 0
	for _, b := range p.Blocks {
		seen := map[int]bool{}
		for i, trial := range b.Trials {
			seen[trial.Cell] = true
			if trial.N != n || trial.Step != i {
				t.Fatalf("trial %+v at place %d", trial, n)
			}
			n++
		}
		require.Len(t, seen, 9)
	}
}

func TestMoreBlocksNeverChangeEarlierOnes(t *testing.T) {
	few, err := New(big(3), 7)
	require.NoError(t, err)
	many, err := New(big(30), 7)
	require.NoError(t, err)
	require.Equal(t, few.Blocks, many.Blocks[:3])
}

func TestTheSeedDrawsTheOrder(t *testing.T) {
	a, _ := New(big(5), 7)
	b, _ := New(big(5), 7)
	c, _ := New(big(5), 8)
	require.Equal(t, a.Blocks, b.Blocks)
	require.NotEqual(t, a.Blocks, c.Blocks)
	// The order itself is a contract: plans of one version must not change.
	var order []string
	for _, trial := range a.Blocks[0].Trials {
		order = append(order, fmt.Sprint(trial.Cell))
	}
	if got := strings.Join(order, " "); got != orderOfSeed7 {
		t.Errorf("block 0 of seed 7 is %s, want %s (another order is another plan.Version)", got, orderOfSeed7)
	}
}

const orderOfSeed7 = "3 7 6 1 8 5 2 0 4"

func TestEveryPlaceIsEquallyLikely(t *testing.T) {
	// 9 cells, 9,000 blocks: each cell stands first in 1,000 +- 4 standard deviations (30 each).
	p, err := New(big(9000), 3)
	require.NoError(t, err)
	first := map[int]int{}
	for _, b := range p.Blocks {
		first[b.Trials[0].Cell]++
	}
	for cell, n := range first {
		if n < 880 || n > 1120 {
			t.Errorf("cell %d stands first %d times of 9000", cell, n)
		}
	}
}

func TestPlanRoundTrips(t *testing.T) {
	p, err := New(big(3), 7)
	require.NoError(t, err)
	one, err := p.Encode()
	require.NoError(t, err)
	back, err := Decode(one)
	require.NoError(t, err)
	two, err := back.Encode()
	require.NoError(t, err)
	if !bytes.Equal(one, two) {
		t.Errorf("encode, decode, encode:\n%s\n%s", one, two)
	}
}

func TestAnotherLayoutIsRefused(t *testing.T) {
	_, err := Decode([]byte(`{"version": 99}`))
	if err == nil || !strings.Contains(err.Error(), "layout version 99, this assay reads 1") {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	p, _ := New(big(2), 7)
	b, _ := p.Encode()
	f.Add(b)
	f.Add([]byte(`{"version":1,"cells":[],"blocks":[{"trials":[{"cell":3}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Decode(b)
		if err != nil {
			return
		}
		for _, block := range p.Blocks {
			for _, trial := range block.Trials {
				_ = p.Name(p.Cells[trial.Cell])
			}
		}
	})
}

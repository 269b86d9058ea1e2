package stat

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// grid is a plan over factors, the last one varying fastest, with an aa arm of its first cell.
func grid(factors ...plan.Factor) plan.Plan {
	p := plan.Plan{Factors: factors, Fixed: map[string]string{"gogc": "100"}}
	cells := []map[string]string{{}}
	for _, f := range factors {
		var next []map[string]string
		for _, c := range cells {
			for _, l := range f.Levels {
				m := map[string]string{f.Key: l}
				for k, v := range c {
					m[k] = v
				}
				next = append(next, m)
			}
		}
		cells = next
	}
	for _, c := range append(cells, cells[0]) {
		p.Cells = append(p.Cells, plan.Cell{Index: len(p.Cells), Arm: plan.ArmMain, Levels: c})
	}
	p.Cells[len(p.Cells)-1].Arm = plan.ArmAA
	return p
}

var thp = plan.Factor{Key: "thp", Levels: []string{"never", "madvise"}}

// trial is a sample with one line X of the values given as value, unit, value, unit.
func trial(block, cell int, values ...any) sample.Sample {
	l := sample.Line{Name: "X", Iters: 1}
	for i := 0; i < len(values); i += 2 {
		l.Values = append(l.Values, sample.Value{Value: values[i].(float64), Unit: values[i+1].(string)})
	}
	return sample.Sample{N: 10*block + cell, Block: block, Cell: cell, Attempt: 1, Env: "host", Session: 1,
		Outcome: sample.OK, Window: sample.Measured, File: "samples.txt", Lines: []sample.Line{l}}
}

func level(k, l string) map[string]string { return map[string]string{k: l} }

var madviseOverNever = Question{Metric: "ns/op", Quantity: Ratio, Of: level("thp", "madvise"), To: level("thp", "never")}

func effects(c Comparison) []float64 {
	var es []float64
	for _, p := range c.Points {
		es = append(es, p.Effect)
	}
	return es
}

func checkEffects(t *testing.T, c Comparison, err error, want ...float64) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(effects(c), want, near) {
		t.Errorf("effects by block %v, want %v", effects(c), want)
	}
}

func TestCompareIsWithinBlocks(t *testing.T) {
	p := grid(thp)
	samples := []sample.Sample{
		trial(1, 0, 200.0, "ns/op"), trial(1, 1, 220.0, "ns/op"), // order of files does not matter
		trial(0, 1, 110.0, "ns/op"), trial(0, 0, 100.0, "ns/op"),
		trial(-1, 0, 1.0, "ns/op"), // a warm-up
		trial(2, 0, 100.0, "ns/op"),
	}
	c, err := Compare(p, samples, madviseOverNever)
	checkEffects(t, c, err, 1.1, 1.1)
	if c.Points[0].Block != 0 || c.Points[1].Block != 1 || c.Scale != 100 {
		t.Errorf("points %v, scale %v, want blocks 0 and 1 and scale 100", c.Points, c.Scale)
	}
	q := madviseOverNever
	q.Quantity = Difference
	c, err = Compare(p, samples, q)
	checkEffects(t, c, err, 10, 20)
	q.Quantity = Value
	c, err = Compare(p, samples, q)
	checkEffects(t, c, err, 110, 220)
}

func TestCompareReadsUnitsAsBenchstatDoes(t *testing.T) {
	p := grid(thp)
	samples := []sample.Sample{trial(0, 0, 100.0, "ns/op"), trial(0, 1, 250.0, "ns/op")}
	q := madviseOverNever
	q.Metric, q.Quantity = "sec/op", Difference
	c, err := Compare(p, samples, q)
	checkEffects(t, c, err, 150e-9)
	for i := range samples {
		samples[i].Lines[0].Values[0].Unit = "sec/op"
	}
	q.Metric = "ns/op"
	c, err = Compare(p, samples, q)
	checkEffects(t, c, err, 150e9)
}

func TestCompareMatchesOtherLevelsWithinABlock(t *testing.T) {
	p := grid(thp, plan.Factor{Key: "gomaxprocs", Levels: []string{"1", "2"}}) // cells: never 1, never 2, madvise 1, madvise 2, aa
	row := func(b int, vs ...float64) (ss []sample.Sample) {
		for cell, v := range vs {
			if v != 0 {
				ss = append(ss, trial(b, cell, v, "ns/op"))
			}
		}
		return ss
	}
	samples := append(row(0, 100, 50, 200, 400), row(1, 100, 50, 200, 0)...)
	c, err := Compare(p, samples, madviseOverNever)
	// Block 0: ratios 2 and 8, their geometric mean 4. Block 1 holds the first pair only.
	checkEffects(t, c, err, 4, 2)
	if !slices.Equal(c.Pairs, []Pair{{2, 0}, {3, 1}}) || !slices.Equal(c.Short, []int{1}) {
		t.Errorf("pairs %v short %v", c.Pairs, c.Short)
	}
	q := madviseOverNever
	q.Fix = level("gomaxprocs", "2")
	c, err = Compare(p, samples, q)
	checkEffects(t, c, err, 8)
	q = madviseOverNever
	q.Without = map[int]bool{1: true}
	c, err = Compare(p, samples, q)
	checkEffects(t, c, err, 2, 2)
}

func TestCompareTakesTheMedianOfEqualLines(t *testing.T) {
	p := grid(thp)
	a, b := trial(0, 0, 100.0, "ns/op"), trial(0, 1, 100.0, "ns/op")
	for _, v := range []float64{300, 120} {
		b.Lines = append(b.Lines, sample.Line{Name: "X", Values: []sample.Value{{Value: v, Unit: "ns/op"}}})
	}
	b.Lines = append(b.Lines, sample.Line{Name: "X", Values: []sample.Value{{Value: 1, Unit: "B/op"}}})
	c, err := Compare(p, []sample.Sample{a, b}, madviseOverNever)
	checkEffects(t, c, err, 1.2)
}

func TestCompareControlArms(t *testing.T) {
	p := grid(thp)
	samples := []sample.Sample{trial(0, 0, 100.0, "ns/op"), trial(0, 1, 300.0, "ns/op"), trial(0, 2, 101.0, "ns/op")}
	q := Question{Metric: "ns/op", Quantity: Ratio, Of: p.Cells[2].Levels, OfArm: plan.ArmAA, To: p.Cells[2].Levels}
	c, err := Compare(p, samples, q)
	checkEffects(t, c, err, 1.01)
}

func TestCompareRefuses(t *testing.T) {
	p := grid(thp)
	good := []sample.Sample{trial(0, 0, 100.0, "ns/op", 7.0, "B/op"), trial(0, 1, 110.0, "ns/op")}
	check := func(what string, samples []sample.Sample, q Question, want string) {
		t.Helper()
		_, err := Compare(p, samples, q)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", what, err, want)
		}
	}
	with := func(change func(*Question)) Question {
		q := madviseOverNever
		change(&q)
		return q
	}
	check("no cell", good, with(func(q *Question) { q.Of = level("thp", "always") }), "no cell has thp=always")
	check("the same cell", good, with(func(q *Question) { q.Of = q.To }), "same cell, thp=never")
	check("no metric", good, with(func(q *Question) { q.Metric = "gc-ns/cycle" }), "no trial printed gc-ns/cycle (they printed B/op, ns/op)")
	check("no line", good, with(func(q *Question) { q.Benchmark = "Y" }), "no line Y holds ns/op (X does)")
	check("zero", []sample.Sample{good[0], trial(0, 1, 0.0, "ns/op")}, madviseOverNever,
		"ns/op is 0 in trial 1 (thp=madvise, block 1): a ratio needs all values above 0 (claim a difference instead")
	check("NaN", []sample.Sample{good[0], trial(0, 1, math.NaN(), "ns/op")}, madviseOverNever, "ns/op is NaN in trial 1")
	check("infinite", []sample.Sample{good[0], trial(0, 1, math.Inf(1), "ns/op")}, madviseOverNever, "+Inf in trial 1")
	check("two attempts", append(good, good[1]), madviseOverNever, "two samples of thp=madvise in block 1")

	other := good[1]
	other.Lines = append(other.Lines, sample.Line{Name: "Y", Values: []sample.Value{{Value: 1, Unit: "ns/op"}}})
	other.Lines[1].Values = append(other.Lines[1].Values, sample.Value{Value: 7, Unit: "cpu-user-ns"})
	other.Lines[0].Values = append(slices.Clone(other.Lines[0].Values), sample.Value{Value: 8, Unit: "cpu-user-ns"})
	check("two names that print a counter of their own", []sample.Sample{good[0], other}, with(func(q *Question) { q.Metric = "cpu-user-ns" }),
		"cpu-user-ns stands on the lines X, Y (choose one with benchmark:)")
	check("two names", []sample.Sample{good[0], other}, madviseOverNever, "ns/op stands on the lines X, Y (choose one with benchmark:)")

	window := good[1]
	window.Window = sample.Whole
	check("windows", []sample.Sample{good[0], window}, madviseOverNever, "never compared")

	failed := good[1]
	failed.Outcome = sample.OOM
	if _, err := Compare(p, []sample.Sample{good[0], failed}, madviseOverNever); !errors.Is(err, ErrNoBlocks) {
		t.Errorf("one side failed: %v, want ErrNoBlocks", err)
	}
	if _, err := Compare(p, nil, madviseOverNever); !errors.Is(err, ErrNoBlocks) {
		t.Errorf("no samples: %v, want ErrNoBlocks", err)
	}
}

func TestResolutionOfReadings(t *testing.T) {
	check := func(q Quantity, r wire.Resolution, want float64) {
		t.Helper()
		if got := (Question{Quantity: q, Resolution: r}).off(200, 100); got != want && !near(got, want) {
			t.Errorf("%s %+v: off by %v, want %v", q, r, got, want)
		}
	}
	check(Ratio, wire.Resolution{}, 0)
	check(Ratio, wire.Resolution{Relative: 0.1}, math.Log(1.1/0.9))
	check(Ratio, wire.Resolution{Absolute: 10}, math.Log(1.05/0.9)) // 200 +- 5 %, 100 +- 10 %
	check(Ratio, wire.Resolution{Absolute: 100}, math.Inf(1))
	check(Difference, wire.Resolution{Absolute: 10}, 20)
	check(Difference, wire.Resolution{Relative: 0.1}, 30)
	check(Value, wire.Resolution{Absolute: 10}, 10)
	check(Value, wire.Resolution{Relative: 0.1}, 20)
}

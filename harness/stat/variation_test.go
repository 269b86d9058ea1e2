package stat

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
)

func levels(key string, n int) plan.Factor {
	f := plan.Factor{Key: key}
	for i := range n {
		f.Levels = append(f.Levels, fmt.Sprint(key, i))
	}
	return f
}

// readings of all plain cells in n blocks; value gives the logarithm.
func readings(p plan.Plan, n int, value func(b int, c plan.Cell) float64) (ss []sample.Sample) {
	for b := range n {
		for _, c := range p.Cells {
			s := trial(b, c.Index, math.Exp(value(b, c)), "ns/op")
			s.N = b*len(p.Cells) + c.Index
			ss = append(ss, s)
		}
	}
	return ss
}

var ofAll = Question{Metric: "ns/op"}

func shares(v Variation) string {
	var parts []string
	for _, s := range v.Sources {
		parts = append(parts, fmt.Sprintf("%s %.3f/%d", s.Name(), s.Share, s.DF))
	}
	return strings.Join(parts, ", ")
}

func checkShares(t *testing.T, v Variation, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if got := shares(v); got != want {
		t.Errorf("shares\n%s\nwant\n%s", got, want)
	}
}

// bit is whether a factor of two levels is at its second: -1 or 1.
func bit(c plan.Cell, key string) float64 {
	if c.Levels[key] == key+"1" {
		return 1
	}
	return -1
}

// With two levels as -1 and 1 every source is a coefficient: its square is its share.
func TestVariationIsWrittenOut(t *testing.T) {
	p := grid(levels("a", 2), levels("b", 2))
	v, err := Allocate(p, readings(p, 2, func(b int, c plan.Cell) float64 {
		return 4*bit(c, "a") + 2*bit(c, "b") + 2*bit(c, "a")*bit(c, "b") + float64(2*b-1)
	}), ofAll)
	// 16 + 4 + 4 + 1 = 25, times 8 readings.
	checkShares(t, v, err, "a 0.640/1, b 0.160/1, a x b 0.160/1, blocks 0.040/1, noise 0.000/3")
	if math.Abs(v.Total-200) > 1e-9 || v.Blocks != 2 || v.Cells != 4 {
		t.Errorf("total %v of %d blocks and %d cells, want 200 of 2 and 4", v.Total, v.Blocks, v.Cells)
	}
	if a := v.Sources[0]; math.Abs(a.Means[0][1]/a.Means[0][0]-math.Exp(8)) > 1e-6 || a.Steps[0][1].String() != "a=a1" {
		t.Errorf("means of a: %v at %v, want a ratio of e^8", a.Means, a.Steps)
	}
	if ab := v.Sources[2]; math.Abs(math.Log(ab.Means[1][0])-(4-2-2)) > 1e-9 {
		t.Errorf("means of a x b: %v, want e^0 at a1 b0", ab.Means)
	}

	p = grid(levels("a", 2), levels("b", 2), levels("c", 2))
	v, err = Allocate(p, readings(p, 3, func(b int, c plan.Cell) float64 { return bit(c, "a") * bit(c, "b") * bit(c, "c") }), ofAll)
	checkShares(t, v, err, "a 0.000/1, b 0.000/1, c 0.000/1, a x b 0.000/1, a x c 0.000/1, b x c 0.000/1, interactions of three and more 1.000/1, blocks 0.000/2, noise 0.000/14")
}

// rss is what least squares on some columns leaves of y.
func rss(y []float64, columns [][]float64) float64 {
	x := mat.NewDense(len(y), len(columns), nil)
	for j, c := range columns {
		x.SetCol(j, c)
	}
	var beta, fit mat.VecDense
	var qr mat.QR
	qr.Factorize(x)
	if err := qr.SolveVecTo(&beta, false, mat.NewVecDense(len(y), y)); err != nil {
		panic(err)
	}
	fit.MulVec(x, &beta)
	left := 0.0
	for i, v := range y {
		left += (v - fit.AtVec(i)) * (v - fit.AtVec(i))
	}
	return left
}

// dummies are a column for each level of an index but the first.
func dummies(index []int) (columns [][]float64) {
	for l := 1; l <= slices.Max(index); l++ {
		c := make([]float64, len(index))
		for i, v := range index {
			if v == l {
				c[i] = 1
			}
		}
		columns = append(columns, c)
	}
	return columns
}

func products(a, b [][]float64) (columns [][]float64) {
	for _, x := range a {
		for _, y := range b {
			c := make([]float64, len(x))
			for i := range c {
				c[i] = x[i] * y[i]
			}
			columns = append(columns, c)
		}
	}
	return columns
}

// An analysis of variance is a sequence of least-squares fits: each source is
// what adding its columns takes away.
func TestVariationIsWhatLeastSquaresGives(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 1))
	p := grid(levels("a", 3), levels("b", 2), levels("c", 4))
	const blocks = 5
	ss := readings(p, blocks, func(int, plan.Cell) float64 { return 5 + rng.NormFloat64() })
	v, err := Allocate(p, ss, ofAll)
	if err != nil {
		t.Fatal(err)
	}
	var y []float64
	index := map[string][]int{}
	for _, s := range ss {
		c := p.Cells[s.Cell]
		if c.Arm != plan.ArmMain {
			continue
		}
		y = append(y, math.Log(s.Lines[0].Values[0].Value))
		index["blocks"] = append(index["blocks"], s.Block)
		for i, f := range p.Factors {
			index[f.Key] = append(index[f.Key], slices.Index(p.Factors[i].Levels, c.Levels[f.Key]))
		}
	}
	one := make([]float64, len(y))
	for i := range one {
		one[i] = 1
	}
	a, b, c := dummies(index["a"]), dummies(index["b"]), dummies(index["c"])
	columns := [][]float64{one}
	left := rss(y, columns)
	check := func(i int, more [][]float64) {
		t.Helper()
		columns = append(columns, more...)
		now := rss(y, columns)
		if s := v.Sources[i]; math.Abs(s.SS-(left-now)) > 1e-9 || s.DF != len(more) {
			t.Errorf("%s: %v with %d degrees, least squares gives %v with %d", s.Name(), s.SS, s.DF, left-now, len(more))
		}
		left = now
	}
	check(0, a)
	check(1, b)
	check(2, c)
	check(3, products(a, b))
	check(4, products(a, c))
	check(5, products(b, c))
	check(6, products(products(a, b), c))
	check(7, dummies(index["blocks"]))
	if noise := v.Sources[8]; math.Abs(noise.SS-left) > 1e-9 || noise.DF != len(y)-len(columns) {
		t.Errorf("noise %v with %d degrees, least squares leaves %v with %d", noise.SS, noise.DF, left, len(y)-len(columns))
	}
	if sum := sumOfShares(v); math.Abs(sum-1) > 1e-12 {
		t.Errorf("shares add up to %v", sum)
	}
}

func TestVariationNeedsAWholeMatrix(t *testing.T) {
	p := grid(levels("a", 3), levels("b", 2))
	rng := rand.New(rand.NewPCG(42, 1))
	ss := readings(p, 4, func(int, plan.Cell) float64 { return rng.NormFloat64() })
	check := func(without []int, samples []sample.Sample, want string) {
		t.Helper()
		q := ofAll
		q.Without = map[int]bool{}
		for _, c := range without {
			q.Without[c] = true
		}
		v, err := Allocate(p, samples, q)
		switch {
		case err != nil && err.Error() != want:
			t.Errorf("without %v: %v\nwant %s", without, err, want)
		case err == nil && fmt.Sprintf("%s; %d blocks, %d cells, left %v", shares(v)[:2], v.Blocks, v.Cells, v.Left) != want:
			t.Errorf("without %v: %s; %d blocks, %d cells, left %v\nwant %s", without, shares(v)[:2], v.Blocks, v.Cells, v.Left, want)
		}
	}
	check(nil, ss, "a ; 4 blocks, 6 cells, left []")
	check([]int{2}, ss, "not in the matrix or not measured: 1 of 6 combinations (the first is a=a1 b=b0): the factors' shares can't be told apart")
	check([]int{2, 3}, ss, "a ; 4 blocks, 4 cells, left [a=a1]") // a whole level is missing: the rest is whole
	check([]int{1, 2, 3, 4, 5}, ss, "no factor varies over the cells measured")
	// A block that lacks a cell is not used; one block alone has no noise.
	check(nil, slices.DeleteFunc(slices.Clone(ss), func(s sample.Sample) bool { return s.Block == 1 && s.Cell == 3 }), "a ; 3 blocks, 6 cells, left []")
	check(nil, slices.DeleteFunc(slices.Clone(ss), func(s sample.Sample) bool { return s.Block > 0 }), "blocks that hold the whole matrix of 6 cells: 1, needs >= 2")
	ss[0].Lines[0].Values[0].Value = 0
	check(nil, ss, "ns/op is 0 in trial 0 (a=a0 b=b0, block 1): a ratio needs all values above 0 (claim a difference instead, or the share of trials above 0)")
}

// Rounding is no variation: the sum of a constant's logarithms is off by some, and
// its shares were those of one rounding in another (2500 % of 2 in every trial).
func TestReadingsThatNeverVaryHaveNoShares(t *testing.T) {
	p := grid(levels("a", 2), levels("b", 3), levels("c", 2))
	check := func(value func(b int, c plan.Cell) float64, want string) {
		t.Helper()
		v, err := Allocate(p, readings(p, 8, value), ofAll)
		switch {
		case want == "" && (err != nil || math.Abs(sumOfShares(v)-1) > 1e-9):
			t.Errorf("shares %s, %v: want 1 together", shares(v), err)
		case want != "" && (err == nil || err.Error() != want || len(v.Sources) > 0):
			t.Errorf("shares %s, %v: want none and %q", shares(v), err, want)
		}
	}
	const flat = "it does not vary over 12 cells and 8 blocks"
	for _, x := range []float64{1, 2, 3, 12.5e6, 1e-9, 7e14} {
		check(func(int, plan.Cell) float64 { return math.Log(x) }, flat)
	}
	check(func(b int, c plan.Cell) float64 { return math.Log(0.3) + float64((b+c.Index)%2)*1e-16 }, flat)
	check(func(b int, c plan.Cell) float64 { return math.Log(1e9 + float64((b+c.Index)%2)) }, "")
}

func sumOfShares(v Variation) (sum float64) {
	for _, s := range v.Sources {
		sum += s.Share
	}
	return sum
}

func TestAZipIsOneAxis(t *testing.T) {
	text := func(s string) spec.Scalar { return spec.Scalar{Text: s} }
	e := spec.Experiment{
		Knobs: []spec.Factor{{Key: text("a"), Levels: []spec.Scalar{text("1"), text("2")}}},
		Zip: [][]spec.Factor{{
			{Key: text("b"), Levels: []spec.Scalar{text("x"), text("y"), text("x")}},
			{Key: text("c"), Levels: []spec.Scalar{text("p"), text("p"), text("q")}},
		}},
		Design: spec.Design{Blocks: 3},
	}
	p, err := plan.New(e, 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range Axes(p) {
		got = append(got, fmt.Sprintf("%s %v", a.Name, a.Steps))
	}
	if want := []string{"a [a=1 a=2]", "b+c [b=x c=p b=y c=p b=x c=q]"}; !slices.Equal(got, want) {
		t.Errorf("axes %q, want %q", got, want)
	}
	v, err := Allocate(p, readings(p, 2, func(b int, c plan.Cell) float64 { return float64(len(c.Levels["c"]) * c.Index % 2) }), ofAll)
	if err != nil || v.Sources[1].Name() != "b+c" || v.Sources[1].DF != 2 {
		t.Errorf("sources %s, %v", shares(v), err)
	}
}

package verdict

import (
	"math"
	"math/rand/v2"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// spread is the standard deviation of a trial's noise on the log scale, or about
// that: a difference of 2 % is then found by 20 blocks in about nine runs of ten.
const spread = 0.018

// A machine is how the trials of a simulated run go, in the order in which they
// run: what is added to the logarithm of each, whatever its cell.
type machine struct {
	name  string
	noise func(rng *rand.Rand, n int) []float64
	grid  float64 // readings are rounded to multiples of this on the log scale; 0 for none
	known bool    // the grid is the metric's declared resolution
}

// machines are the ways in which a machine misbehaves.
var machines = []machine{
	{name: "i.i.d.", noise: each(func(rng *rand.Rand, _ int) float64 { return spread * rng.NormFloat64() })},
	{name: "linear drift", noise: func(rng *rand.Rand, n int) []float64 {
		slope := 0.1 * (2*rng.Float64() - 1) // up to 10 % over the run
		return each(func(rng *rand.Rand, i int) float64 {
			return slope*float64(i)/float64(n) + spread*rng.NormFloat64()
		})(rng, n)
	}},
	{name: "random walk", noise: func(rng *rand.Rand, n int) []float64 {
		at := 0.0
		return each(func(rng *rand.Rand, _ int) float64 {
			at += spread * rng.NormFloat64()
			return at + spread/2*rng.NormFloat64()
		})(rng, n)
	}},
	{name: "periodic steal", noise: func(rng *rand.Rand, n int) []float64 {
		period := 5 + rng.IntN(12)
		phase := rng.IntN(period)
		return each(func(rng *rand.Rand, i int) float64 {
			v := spread / 2 * rng.NormFloat64()
			if (i+phase)%period < 2 {
				v += 0.08 // for two trials of each period someone else has the CPU
			}
			return v
		})(rng, n)
	}},
	{name: "bimodal", noise: each(func(rng *rand.Rand, _ int) float64 {
		return 0.04*float64(rng.IntN(3)/2) + spread/3*rng.NormFloat64()
	})},
	{name: "heavy-tailed", noise: each(func(rng *rand.Rand, _ int) float64 {
		return spread / 2 * rng.NormFloat64() / math.Sqrt(rng.ExpFloat64()) // Student's t with 2 degrees of freedom
	})},
	{name: "autocorrelated", noise: func(rng *rand.Rand, n int) []float64 {
		at := spread * rng.NormFloat64()
		return each(func(rng *rand.Rand, _ int) float64 {
			at = 0.8*at + 0.6*spread*rng.NormFloat64()
			return at
		})(rng, n)
	}},
	{name: "tied", grid: spread / 2, noise: each(func(rng *rand.Rand, _ int) float64 { return spread * rng.NormFloat64() })},
	{name: "coarse resolution", grid: spread / 4, known: true, noise: each(func(rng *rand.Rand, _ int) float64 { return spread * rng.NormFloat64() })},
}

// each draws trials one by one.
func each(draw func(rng *rand.Rand, i int) float64) func(*rand.Rand, int) []float64 {
	return func(rng *rand.Rand, n int) []float64 {
		vs := make([]float64, n)
		for i := range vs {
			vs[i] = draw(rng, i)
		}
		return vs
	}
}

// reading is what a metric shows of a value's logarithm.
func (m machine) reading(log float64) float64 {
	if m.grid > 0 {
		log = m.grid * math.Round(log/m.grid)
	}
	return 1e6 * math.Exp(log)
}

// duel is a plan of two cells and one claim: that they are equal.
func duel(m machine, blocks int) Input {
	in := lab([]spec.Claim{claim("equal", "thp=madvise", "thp=never", "ratio == 1", "")})
	in.Plan.Cells, in.Plan.Factors[0].Levels = in.Plan.Cells[:2], in.Plan.Factors[0].Levels[:2]
	in.Plan.Blocks = make([]plan.Block, blocks)
	if m.known {
		in.Metrics[0].Resolution = wire.Resolution{Relative: m.grid / 2}
	}
	return in
}

// play runs the blocks of a duel, each in random order, with a true ratio.
func (m machine) play(rng *rand.Rand, blocks int, ratio float64) Input {
	in := duel(m, blocks)
	noise := m.noise(rng, 2*blocks)
	in.Main = make([]sample.Sample, 0, 2*blocks)
	for b := range blocks {
		for i, cell := range rng.Perm(2) {
			in.Main = append(in.Main, trial(in.Plan, b, cell, m.reading(noise[2*b+i]+float64(cell)*math.Log(ratio))))
		}
	}
	in.First = in.Main
	return in
}

// rerun is as play, but what disturbs a trial is noticed in one arm only: there a
// slow trial is tainted and repeated after its block, at most twice, and the
// first attempt that is not slow goes into the main analysis.
func (m machine) rerun(rng *rand.Rand, blocks int, ratio float64) Input {
	in := duel(m, blocks)
	noise := m.noise(rng, 4*blocks)
	in.Main, in.First = make([]sample.Sample, 0, 2*blocks), make([]sample.Sample, 0, 2*blocks)
	at := 0
	next := func() float64 { at++; return noise[at-1] }
	for b := range blocks {
		tainted := sample.Sample{}
		for _, cell := range rng.Perm(2) {
			v := next()
			s := trial(in.Plan, b, cell, m.reading(v+float64(cell)*math.Log(ratio)))
			if cell == 1 && v > spread {
				s.Taints = []sample.Taint{{Kind: "steal"}}
				tainted = s
			} else {
				in.Main = append(in.Main, s)
			}
			in.First = append(in.First, s)
		}
		if tainted.Taints != nil {
			in.Main = append(in.Main, m.again(tainted, ratio, next))
		}
	}
	return in
}

// again are up to two more attempts at a tainted trial, the first clean one wins;
// where none is clean, the first attempt stands.
func (m machine) again(first sample.Sample, ratio float64, next func() float64) sample.Sample {
	for attempt := 2; attempt <= 3; attempt++ {
		if v := next(); v <= spread {
			s := first
			s.Attempt, s.Taints = attempt, nil
			s.Lines = []sample.Line{{Name: "GCChurn", Iters: 1, Values: []sample.Value{{Value: m.reading(v + math.Log(ratio)), Unit: metric}}}}
			return s
		}
	}
	return first
}

// until looks at the precision after each whole block from the tenth on, as a
// run does, and leaves the blocks that would not have been run out.
func until(in Input, precision float64) Input {
	in.Plan.Spec.Design.Precision = precision
	whole := in.Main
	for n := 10; 2*n <= len(whole); n++ {
		in.Main = whole[:2*n]
		if got, ok := Precision(in); ok && got <= precision {
			break
		}
	}
	in.First = in.Main
	return in
}

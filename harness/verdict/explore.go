package verdict

import (
	"fmt"
	"math"
	"slices"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
)

// An Exploration is what nobody predicted: effects, and what moves a metric.
type Exploration struct {
	Effects     []Explored
	Allocations []Allocation // where there is more than one comparison to be made
}

// An Explored is one effect that no claim asked for: a ratio, or of an
// interaction a ratio of two ratios.
type Explored struct {
	Benchmark   string // of several that have the metric; empty where it is the only one
	Metric      string
	Of, To      string // "thp=madvise", "thp=never"; of an interaction "thp=madvise over thp=never at gogc=50", "at gogc=100"
	Interaction bool
	Estimate    float64
	Lo, Hi      *float64 // at Level; nil is unbounded
	Level       float64
	N           int     // blocks
	P           float64 // that it is 1, by itself
	Q           float64 // P after Benjamini-Hochberg over all effects of the exploration
	Smallest    float64 // half-width as a share; 0 where the interval is unbounded
	Bootstrap   *Bootstrap
}

// An Allocation says which factors move a metric, or why that can't be told.
type Allocation struct {
	stat.Variation
	Why  string // there are no shares for this reason
	Note string // what is left out of the effects
}

// exploreLevel is that of exploratory intervals, each by itself.
const exploreLevel = 0.95

// mostInteractions of one metric are listed one by one. More would bury the
// rest of the table, and each costs the others some of their power.
const mostInteractions = 200

// mostBootstraps is of how many benchmarks effects have a bootstrap interval beside
// their own. Those of a thousand would take minutes, and decide nothing.
const mostBootstraps = 20

// Explore compares each step of each axis of the matrix with the first, where no
// claim does, asks of each pair of axes whether they depend on each other, and
// allocates the variation, for the metrics that matter. No verdict comes of it. Of
// several benchmarks each is compared by itself, and no variation is allocated.
func Explore(in Input) Exploration {
	x := explorer{Input: in, axes: stat.Axes(in.Plan), declared: in.declared()}
	for _, metric := range in.matter() {
		q := stat.Question{Metric: metric, Quantity: stat.Ratio, Without: in.without(), Resolution: in.resolution(metric)}
		x.explore(q, in)
	}
	ps := make([]float64, len(x.found.Effects))
	for i, e := range x.found.Effects {
		ps[i] = e.P
	}
	for i, q := range stat.BenjaminiHochberg(ps) {
		x.found.Effects[i].Q = q
	}
	return x.found
}

// explore asks of a metric, and of each of several benchmarks that have it.
func (x *explorer) explore(q stat.Question, in Input) {
	benchmarks := byBenchmark(in.Main, q.Metric)
	if len(benchmarks) <= 1 {
		x.benchmark, x.Main, x.Bootstrap = "", in.Main, in.Bootstrap
		x.mains(q)
		x.allocate(q, x.interactions(q, 1))
		return
	}
	x.Main, x.Bootstrap = make([]sample.Sample, len(in.Main)), in.Bootstrap && len(benchmarks) <= mostBootstraps
	for _, b := range benchmarks {
		x.benchmark = b.name
		b.of(in.Main, x.Main)
		x.mains(q)
		x.interactions(q, len(benchmarks))
	}
}

type explorer struct {
	Input     // its samples those of the benchmark
	benchmark string
	axes      []stat.Axis
	declared  []declaration
	found     Exploration
}

// mains are the main effects: within a block, over equal other levels.
func (x *explorer) mains(q stat.Question) {
	for _, a := range x.axes {
		for _, s := range a.Steps[min(1, len(a.Steps)):] {
			q.Of, q.To = s, a.Steps[0]
			if c, err := stat.Compare(x.Plan, x.Main, q); err == nil && !x.predicted(c) { // else not comparable as a ratio: nothing to explore
				x.add(c, s.String(), a.Steps[0].String(), false)
			}
		}
	}
}

// interactions are the two-way ones, of each step against the first on both
// axes. It returns why there are none where they are too many, of so many benchmarks.
func (x *explorer) interactions(q stat.Question, benchmarks int) (left string) {
	n := 0
	for i, a := range x.axes {
		for _, b := range x.axes[i+1:] {
			n += (len(a.Steps) - 1) * (len(b.Steps) - 1)
		}
	}
	if n *= benchmarks; n > mostInteractions {
		return fmt.Sprintf("%d two-way contrasts are not listed one by one (more than %d): claim those that matter", n, mostInteractions)
	}
	for i, a := range x.axes {
		for _, b := range x.axes[i+1:] {
			x.between(q, a, b)
		}
	}
	return ""
}

func (x *explorer) between(q stat.Question, a, b stat.Axis) {
	for _, s := range a.Steps[1:] {
		for _, at := range b.Steps[1:] {
			q.Of, q.To = s, a.Steps[0]
			c, err := stat.Interaction{Question: q, At: at, Base: b.Steps[0]}.Compare(x.Plan, x.Main)
			if err == nil {
				x.add(c, fmt.Sprintf("%s over %s at %s", s, a.Steps[0], at), "at "+b.Steps[0].String(), true)
			}
		}
	}
}

func (x *explorer) add(c stat.Comparison, of, to string, interaction bool) {
	i := c.Effect.Interval(exploreLevel)
	e := Explored{
		Benchmark: x.benchmark, Metric: c.Metric, Of: of, To: to, Interaction: interaction,
		Estimate: c.Effect.Estimate(), Lo: stat.Finite(i.Lo), Hi: stat.Finite(i.Hi), Level: exploreLevel, N: c.Effect.N(), P: stat.Differs(c.Effect, 1),
	}
	if half := c.Effect.HalfWidth(exploreLevel); !math.IsInf(half, 0) {
		e.Smallest = half
	}
	if x.Bootstrap {
		e.Bootstrap = bootstrapOf(c.Effect, exploreLevel)
	}
	x.found.Effects = append(x.found.Effects, e)
}

// allocate says which factor moves a metric, where there is more than one
// comparison to be made.
func (x *explorer) allocate(q stat.Question, left string) {
	if len(x.axes) == 0 || len(x.axes) == 1 && len(x.axes[0].Steps) < 3 {
		return
	}
	v, err := stat.Allocate(x.Plan, x.Main, q)
	a := Allocation{Variation: v, Note: left}
	if err != nil {
		a.Variation, a.Why = stat.Variation{Metric: q.Metric}, err.Error()
	}
	x.found.Allocations = append(x.found.Allocations, a)
}

// matter are the primary metrics and those that claims name, but exact ones:
// these have no noise to compare with.
func (in Input) matter() []string {
	var units []string
	add := func(unit string) {
		if m, _ := in.metric(unit); !m.Exact && !slices.Contains(units, unit) {
			units = append(units, unit)
		}
	}
	for _, m := range in.Metrics {
		if m.Primary {
			add(m.Unit)
		}
	}
	for _, c := range in.Plan.Spec.Claims {
		add(c.Compare.Metric.Text)
	}
	return units
}

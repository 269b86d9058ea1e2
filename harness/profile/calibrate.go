package profile

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

const (
	level = 0.95
	alpha = 1 - 0.95
)

// An Input is a run of identical arms. Nothing in it is changed.
type Input struct {
	Plan    plan.Plan
	Samples []sample.Sample // one a trial, in run order
	First   []sample.Sample // the first attempts at them, tainted ones among them; nil where taints are not asked for
	Metrics []wire.Metric
	Group   int // blocks of one comparison
}

// Calibrate fills the part of an entry that follows from the samples. The error
// says why they tell nothing.
func Calibrate(in Input) (Entry, error) {
	r := newTrials(in)
	if len(r.arms) < 2 {
		return Entry{}, errors.New("profile: identical cells need two arms at least")
	}
	if fewest := stat.FewestAt(alpha); in.Group < fewest {
		return Entry{}, fmt.Errorf("profile: %d blocks of a comparison: have %d at least for an interval at %g %%", in.Group, fewest, 100*level)
	}
	e := Entry{Arms: len(r.arms), Blocks: len(r.blocks), Group: in.Group, Block: r.took()}
	raised := map[[2]int]bool{} // pair and group -> some metric raised an alarm
	for _, m := range in.Metrics {
		if m.Exact || !r.varies(m.Unit) {
			continue
		}
		x, err := r.metric(m, raised)
		if err != nil {
			e.NoRatio = append(e.NoRatio, m.Unit)
			continue
		}
		if x.Alarms.Of > 0 {
			e.Metrics = append(e.Metrics, x)
		}
	}
	if len(e.Metrics) == 0 {
		return e, fmt.Errorf("profile: no comparison of %d blocks in %s: run longer, or with fewer blocks a comparison", in.Group, prose.Plural(len(r.blocks), "whole block"))
	}
	hits := 0
	for _, alarm := range raised {
		if alarm {
			hits++
		}
	}
	e.Any = NewRate(hits, len(raised))
	e.Inject = r.injected()
	e.Tainted, e.Taints = r.taints()
	return e, nil
}

// Trials are a calibration run, sorted.
type trials struct {
	Input
	arms   []int             // cells
	slow   int               // the cell with the slowdown; -1 without one
	blocks [][]sample.Sample // interleaved ones in which every arm measured, renumbered from 0
	series [][]sample.Sample
}

func newTrials(in Input) *trials {
	r := &trials{Input: in, arms: arms(in.Plan), slow: -1}
	for _, c := range in.Plan.Cells {
		if c.Inject > 0 {
			r.slow = c.Index
		}
	}
	by := map[int][]sample.Sample{}
	for _, s := range in.Samples {
		if s.Block >= 0 && s.Counts() {
			by[s.Block] = append(by[s.Block], s)
		}
	}
	for b, block := range in.Plan.Blocks {
		switch got := by[b]; {
		case len(got) < len(block.Trials): // cut short, or a trial that failed
		case isSeries(block):
			r.series = append(r.series, got)
		default:
			for i := range got {
				got[i].Block = len(r.blocks)
			}
			r.blocks = append(r.blocks, got)
		}
	}
	return r
}

// groups are the samples of each whole group of n blocks, its blocks from 0.
func (r *trials) groups(n int) [][]sample.Sample { return r.stretches(n, n) }

// stretches are those of n blocks in a row, one that begins every step blocks.
func (r *trials) stretches(n, step int) [][]sample.Sample {
	var all [][]sample.Sample
	for from := 0; from+n <= len(r.blocks); from += step {
		var samples []sample.Sample
		for i, block := range r.blocks[from : from+n] {
			for _, s := range block {
				s.Block = i
				samples = append(samples, s)
			}
		}
		all = append(all, samples)
	}
	return all
}

// question compares one arm with another, as a run's own claims are.
func (r *trials) question(m wire.Metric, of, to int) stat.Question {
	c, d := r.Plan.Cells[of], r.Plan.Cells[to]
	return stat.Question{
		Metric: m.Unit, Quantity: stat.Ratio, Of: c.Levels, To: d.Levels, OfArm: c.Arm, ToArm: d.Arm, Resolution: m.Resolution,
	}
}

// compare holds two arms against each other over some samples.
func (r *trials) compare(m wire.Metric, of, to int, samples []sample.Sample) (stat.Effect, error) {
	c, err := stat.Compare(r.Plan, samples, r.question(m, of, to))
	return c.Effect, err
}

// metric is all that the identical arms say of one unit.
func (r *trials) metric(m wire.Metric, raised map[[2]int]bool) (Metric, error) {
	x := Metric{Unit: m.Unit, Primary: m.Primary}
	alarms, of := 0, 0
	var halves []float64
	floor := 0.0
	groups := r.groups(r.Group)
	for pair := 0; pair+1 < len(r.arms); pair += 2 {
		a, b := r.arms[pair], r.arms[pair+1]
		for g, samples := range groups {
			e, err := r.compare(m, b, a, samples)
			if err != nil {
				return x, err
			}
			alarm := !e.Interval(level).Covers(1)
			raised[[2]int{pair, g}] = raised[[2]int{pair, g}] || alarm
			if of++; alarm {
				alarms++
			}
			halves = append(halves, e.HalfWidth(level))
		}
		e, err := r.compare(m, b, a, slices.Concat(r.blocks...))
		if err != nil {
			return x, err
		}
		i := e.Interval(level)
		floor = max(floor, i.Hi-1, 1/i.Lo-1)
	}
	x.Alarms, x.Floor = NewRate(alarms, of), stat.Finite(floor)
	if len(halves) > 0 {
		slices.Sort(halves)
		x.Smallest = stat.Finite(halves[len(halves)/2])
	}
	x.Sequential = r.sequential(m)
	return x, nil
}

// varies says whether a unit stands on the lines, with more than one value.
func (r *trials) varies(unit string) bool {
	first, have := 0.0, false
	for _, block := range r.blocks {
		for _, s := range block {
			for _, l := range s.Lines {
				v, ok := l.Get(unit)
				switch {
				case !ok:
				case !have:
					first, have = v, true
				case v != first:
					return true
				}
			}
		}
	}
	return false
}

// sequential judges each series as it is usually done; nil without any.
func (r *trials) sequential(m wire.Metric) *Rate {
	var cache stat.Shifts
	alarms, of := 0, 0
	for _, series := range r.series {
		sides := map[int][]float64{}
		for _, s := range series {
			for _, l := range s.Lines {
				if v, ok := l.Get(m.Unit); ok && v > 0 {
					sides[s.Cell] = append(sides[s.Cell], v)
				}
			}
		}
		a, b := sides[r.arms[0]], sides[r.arms[1]]
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		if of++; stat.Differs(cache.New(stat.Ratio, b, a, m.Resolution), 1) <= alpha {
			alarms++
		}
	}
	if of == 0 {
		return nil
	}
	rate := NewRate(alarms, of)
	return &rate
}

// took is the median time that a block spends on two arms.
func (r *trials) took() time.Duration {
	var spans []time.Duration
	for _, block := range r.blocks {
		first, last := block[0], block[0]
		for _, s := range block {
			if s.Start.Before(first.Start) {
				first = s
			}
			if s.Start.After(last.Start) {
				last = s
			}
		}
		span := last.Start.Add(time.Duration(last.Wall)).Sub(first.Start)
		spans = append(spans, 2*span/time.Duration(len(block)))
	}
	if len(spans) == 0 {
		return 0
	}
	slices.Sort(spans)
	return spans[len(spans)/2]
}

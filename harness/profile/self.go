package profile

import (
	"fmt"
	"time"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// A Self is what watching a workload costs it: one cell, watched in several
// manners, in turn.
type Self struct {
	Origin

	Blocks int           `json:"blocks"`
	Window time.Duration `json:"window-ns"` // the median, by the workload's own clock; 0 where it prints no ns/op
	Costs  []Cost        `json:"costs"`
}

// ShortWindow is under what length windows say less of the watching than of how a Go
// process begins. Its system monitor looks around every 20 µs until fifty looks have
// found nothing, and then ever more rarely (sysmon in runtime/proc.go); on one CPU each
// look preempts the workload. A bare process with a short set-up has its window in
// these first milliseconds, a watched one has waited for the harness meanwhile: of
// windows of 300 operations one took 7.8 µs bare and 5.2 µs watched, of 20,000 after a
// warm-up of 10 ms both took 5.4 µs.
const ShortWindow = 100 * time.Millisecond

// Short says that the windows are too short to tell what watching costs by the
// ratios against a bare start; empty where they are not, or that is not known.
func (s Self) Short() string {
	if s.Window == 0 || s.Window >= ShortWindow {
		return ""
	}
	return fmt.Sprintf("the windows are short, %v in the middle: under %v the ratios against bare show how a Go process begins, which a watched one has behind it when its window opens; give the workload more work by --param",
		s.Window.Round(10*time.Microsecond), ShortWindow)
}

// A Cost is one manner held against another by one metric, its interval at 95 %.
type Cost struct {
	What   string   `json:"what"`
	Unit   string   `json:"unit"`
	Ratio  float64  `json:"ratio,omitempty"`         // with over without; 0 for a difference
	Differ float64  `json:"difference-ns,omitempty"` // with less without, of UnitWall
	Lo     *float64 `json:"lo"`                      // nil where there are too few blocks
	Hi     *float64 `json:"hi"`
}

// UnitWall is the time from fork to reaped, the harness's own waits included.
const UnitWall = "trial-wall-ns"

// A Pair names two manners by the level of the key that tells them apart.
type Pair struct{ What, With, Without string }

// Compare fills in what follows from the samples: for each pair the ratio of every
// metric named, paired within blocks, and the difference of the trials' wall times.
func (s *Self) Compare(in Input, key string, pairs []Pair) error {
	r := newTrials(in)
	s.Blocks = len(r.blocks)
	var samples []sample.Sample
	for _, block := range r.blocks {
		for _, x := range block {
			// The metrics are by the workload's own clock, which is the same with a
			// control channel and without: what a bare trial lacks is our counters.
			x.Lines, x.Window = timed(x), sample.Measured
			samples = append(samples, x)
		}
	}
	s.Window = window(samples)
	metrics := append([]wire.Metric{}, in.Metrics...)
	metrics = append(metrics, wire.Metric{Unit: UnitWall})
	for _, p := range pairs {
		of, to := r.at(key, p.With), r.at(key, p.Without)
		if of < 0 || to < 0 {
			continue
		}
		for _, m := range metrics {
			c, err := r.cost(m, of, to, samples)
			if err != nil {
				return fmt.Errorf("profile: %s: %w", p.What, err)
			}
			c.What = p.What
			s.Costs = append(s.Costs, c)
		}
	}
	if len(s.Costs) == 0 {
		return fmt.Errorf("profile: %d whole blocks hold no two manners of watching: run longer", s.Blocks)
	}
	return nil
}

// window is the median length of windows, as the workload timed them.
func window(samples []sample.Sample) time.Duration {
	var all []float64
	for _, s := range samples {
		for _, l := range s.Lines {
			if v, ok := l.Get("ns/op"); ok {
				all = append(all, v*float64(l.Iters))
			}
		}
	}
	if len(all) == 0 {
		return 0
	}
	return time.Duration(sample.Median(all))
}

// timed adds the wall time of the trial to its first line.
func timed(s sample.Sample) []sample.Line {
	lines := append([]sample.Line{}, s.Lines...)
	if len(lines) > 0 {
		values := append([]sample.Value{}, lines[0].Values...)
		lines[0].Values = append(values, sample.Value{Value: float64(s.Wall), Unit: UnitWall})
	}
	return lines
}

// at is the cell with a level; -1 for none.
func (r *trials) at(key, level string) int {
	for _, cell := range r.arms {
		if r.Plan.Cells[cell].Levels[key] == level {
			return cell
		}
	}
	return -1
}

func (r *trials) cost(m wire.Metric, of, to int, samples []sample.Sample) (Cost, error) {
	q := r.question(m, of, to)
	if m.Unit == UnitWall {
		q.Quantity = stat.Difference
	}
	c, err := stat.Compare(r.Plan, samples, q)
	if err != nil {
		return Cost{}, err
	}
	i := c.Effect.Interval(level)
	cost := Cost{Unit: m.Unit, Lo: stat.Finite(i.Lo), Hi: stat.Finite(i.Hi)}
	if q.Quantity == stat.Difference {
		cost.Differ = c.Effect.Estimate()
	} else {
		cost.Ratio = c.Effect.Estimate()
	}
	return cost, nil
}

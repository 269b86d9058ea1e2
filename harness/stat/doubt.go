package stat

import (
	"fmt"
	"math"

	"github.com/assaylab/assay/harness/prose"
)

// A rule is when a doubt is spoken of.
type rule struct {
	name  string
	least int     // fewest values it looks at
	limit float64 // what its figure is held against
	alarm float64 // at most this share of sound comparisons of up to 100 blocks raises it
}

// The rules, each with what its figure is. Those whose limit is a p look at several
// series of a comparison (the effect by block, and each cell's readings), which share
// it evenly.
var (
	// p of Spearman's rank correlation with the order of blocks, normal approximation.
	drift = rule{"drift", 10, 0.01, 0.02}
	// p of neighbours being alike, by the rank version of von Neumann's ratio, one-sided.
	autocorrelation = rule{"autocorrelation", 10, 0.01, 0.02}
	// p of the largest change of level between two neighbouring blocks, by Pettitt's rank
	// test.
	step = rule{"step", 10, 0.01, 0.02}
	// p of so many trials having a change of level (Pettitt's p below 0.01) among their own
	// lines.
	steady = rule{"steady state", 10, 0.01, 0.02}
	// p of a change of level at one place of all windows of a cell, by the ranks of their
	// parts and signs of whole trials, where it moves their mean by 1 % or more.
	steadyWindow = rule{"steady window", 8, 0.01, 0.02}
	// p of so many readings beyond three quartile ranges from the quartiles, where an
	// exponential tail has 1 %.
	tails = rule{"heavy tails", 12, 0.02, 0.02}
	// A bound of the p of the widest gap between inner values, even, skewed left or skewed right.
	modes = rule{"several modes", 12, 0.03, 0.02}
	// Share of a cell's readings that repeat another.
	ties = rule{"ties", 6, 0.5, 0}
	// Events above a quantile, as counted beside it.
	events = rule{"few events", 1, 5, 0}
	// The metric's resolution against the interval's half-length without it.
	coarse = rule{"resolution", 6, 1, 0}
	// Share of blocks that hold only some of the matched pairs.
	composition = rule{"incomplete blocks", 1, 0.1, 0}
)

// Warnings are the doubts about a comparison that need no more than its own
// data, each with what to do about it. [Ties] are told for all comparisons of a metric.
func (c Comparison) Warnings() []string {
	if len(c.Points) == 0 {
		return nil
	}
	var w []string
	effect := series{name: "the effect"}
	for _, x := range c.Points {
		v := x.Effect
		if c.Quantity == Ratio {
			v = math.Log(v)
		}
		effect.blocks, effect.values = append(effect.blocks, x.Block), append(effect.values, v)
	}
	all := append([]series{effect}, c.series...)
	if c.Quantity == Value && len(c.series) == 1 {
		all = c.series // the effect is the one cell's readings
	}
	if c.Quantity == Share {
		return append(c.Effect.binomial().order(effect), c.limits()...) // how far above 0 a reading is does not matter
	}
	for _, s := range all {
		w = append(w, s.order(len(all))...)
	}
	for _, s := range c.series {
		w = append(w, s.shape(len(c.series))...)
		w = append(w, s.within(len(c.series))...)
		if Timed(c.Metric) {
			w = append(w, s.unsteady(len(c.series))...)
		}
	}
	return append(w, c.limits()...)
}

// order are the doubts about a series in run order. Where it drifts, its
// neighbours are alike for that reason, which is not said twice.
func (s series) order(among int) []string {
	if len(s.values) < drift.least {
		return nil
	}
	if text := s.moves(among); text != "" {
		return []string{text}
	}
	if p := alike(s.values); p < autocorrelation.limit/float64(among) {
		return []string{fmt.Sprintf("autocorrelation: %s is like its neighbours in run order (p %.2g): blocks are not independent and intervals too narrow; find what lasts over several blocks (temperature, another tenant) or spread the run out", s.name, p)}
	}
	return nil
}

// moves says how a series changes its level: all at once or bit by bit, whichever
// describes it better; "" where it keeps still.
func (s series) moves(among int) string {
	next := "blocks cancel what both sides share; a longer warmup: may end it, the run-order plot shows it"
	if s.name == "the effect" {
		next = "one number does not describe this run; look at the run-order plot, then repeat it later"
	}
	n := len(s.values)
	rho, p := trend(s.values)
	at, up, share, q := breakpoint(s.values)
	drifts, steps := p < drift.limit/float64(among), q < step.limit/float64(among)
	switch {
	case steps && (!drifts || share > rho*rho):
		return fmt.Sprintf("step: %s %s after about %d of %d blocks (Pettitt's p %.2g): something changed while it ran; %s", s.name, way(up), at, n, q, next)
	case drifts:
		return fmt.Sprintf("drift: %s %s over %d blocks (Spearman %.2f, p %.2g): %s", s.name, way(rho > 0), n, rho, p, next)
	}
	return ""
}

func way(up bool) string {
	if up {
		return "rises"
	}
	return "falls"
}

// shape are the doubts about a cell's readings whatever their order.
func (s series) shape(among int) []string {
	if share := repeats(s.values); len(s.values) >= ties.least && share > ties.limit {
		return nil // gaps between repeated values are the metric's steps, see [Ties]
	}
	var w []string
	if far, p := s.farOut(); p < tails.limit/float64(among) {
		w = append(w, fmt.Sprintf("heavy tails: %d of %d readings of %s beyond three quartile ranges from the quartiles: the pseudo-median bears it, a mean would not; see what these trials have in common in the run-order plot", far, len(s.values), s.name))
	}
	if lo, hi, p := gap(s.values); p < modes.limit/float64(among) {
		w = append(w, fmt.Sprintf("several modes: no reading of %s lies between %.4g and %.4g, with several on both sides: the median describes neither; look at the ECDF and for what differs between the groups (layout, frequency, placement)", s.name, lo, hi))
	}
	return w
}

// limits are the doubts that come from what the metric can tell.
func (c Comparison) limits() []string {
	var w []string
	if c.thin > 0 {
		w = append(w, fmt.Sprintf("few events: %s with fewer than %g events above %s: make the window longer or use a lower quantile", prose.Plural(c.thin, "trial"), events.limit, c.Metric))
	}
	if k := c.Effect.null.depth(0.05); k > 0 && len(c.Points) >= coarse.least && c.Effect.widen > 0 {
		below, above := c.Effect.halves(c.Effect.middle(), 0.95)
		if c.Effect.widen > coarse.limit*(below+above)/2 {
			w = append(w, fmt.Sprintf("resolution: the resolution of %s is coarser than its noise: more blocks hardly narrow the interval; use a finer metric", c.Metric))
		}
	}
	if share := float64(len(c.Short)) / float64(len(c.Points)); share > composition.limit {
		w = append(w, fmt.Sprintf("incomplete blocks: %d of %s with only some of the matched pairs: their effects mix levels differently; see which trials failed", len(c.Short), prose.Plural(len(c.Points), "block")))
	}
	return w
}

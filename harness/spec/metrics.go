package spec

import (
	"fmt"
	"slices"
)

// DefaultMetric is where the positive control looks when it names no metric.
const DefaultMetric = "ns/op"

// metrics notes metrics that the program does not print, units that do not fit
// them, and blocks that can't decide the claims on them.
func (k *checker) metrics(e Experiment) {
	known := true
	for _, c := range e.Claims {
		if !k.metric("claim "+c.ID.Text, c.Compare.Metric) {
			known = false
			continue
		}
		k.measured("claim "+c.ID.Text, c.Compare.Metric)
		for _, p := range c.Parts() {
			if _, ok := p.Relation.Scale(c.Compare.Metric.Text); !ok {
				k.fail(p.Relation.Pos, units(c.Compare.Metric.Text), "claim %s: the unit %s does not fit the metric %s",
					c.ID.Text, p.Relation.Unit, c.Compare.Metric.Text)
			}
		}
	}
	if known {
		k.blocks(e)
	}
	p := e.Design.Controls.Positive
	switch {
	case p == nil:
	case p.Metric.Text != "":
		if k.metric("design.controls.positive", p.Metric) {
			k.measured("design.controls.positive", p.Metric)
		}
	default:
		k.metric("design.controls.positive", Scalar{DefaultMetric, e.origin.place("design.controls.positive")})
	}
}

// usual is what is measured where the experiment does not say.
var usual = []string{"runtime", "cgroup"}

// measured notes a metric that the harness is not asked to count, or can't in an
// outside program.
func (k *checker) measured(where string, unit Scalar) {
	if k.workload.Open() {
		return // it may print it itself: the warm-up tells
	}
	if why := k.uncounted(unit.Text); why != "" {
		k.fail(unit.Pos, "", "%s: %s", where, why)
	}
}

// uncounted says why a metric is not counted; "" for one that is, or is printed.
func (k *checker) uncounted(unit string) string {
	words := k.measure
	if words == nil {
		words = usual
	}
	group := k.Group(k.program.Text, unit)
	switch {
	case slices.ContainsFunc(k.workload.Metrics, func(m Metric) bool { return m.Unit.Text == unit && !m.Counted() }): // the command prints it
	case group == "runtime" && k.workload.Outside():
		return unit + " is of the Go runtime, of which only a workload of this tree tells"
	case group != "" && !slices.Contains(words, group):
		return fmt.Sprintf("%s is not counted, as measure does not name %s (write measure: [%s])", unit, group, list(append(slices.Clone(words), group)))
	}
	return ""
}

// offered lists those of some metrics that this experiment can have.
func (k *checker) offered(units []string) string {
	return list(slices.DeleteFunc(slices.Clone(units), func(unit string) bool { return k.uncounted(unit) != "" }))
}

// Repetitions is how many blocks have to agree on an exact value.
const Repetitions = 3

// blocks notes too few blocks: for a finite interval where some claim has
// noise, else for the repetition that decides exact ones.
func (k *checker) blocks(e Experiment) {
	at := e.origin.place("design.blocks", "design", "claims")
	noisy := slices.ContainsFunc(e.Claims, func(c Claim) bool {
		return !k.exact(c.Compare.Metric.Text)
	})
	m := e.SubClaims()
	fewest := e.Design.FewestBlocks(m)
	switch {
	case noisy && e.Design.Blocks < fewest:
		k.fail(at, fmt.Sprintf("%d or more", fewest),
			"%d blocks can't decide %d sub-claims (every direction, magnitude and predict, times its each): no interval would be finite",
			e.Design.Blocks, m)
	case !noisy && len(e.Claims) > 0 && e.Design.Blocks < Repetitions:
		k.fail(at, fmt.Sprintf("%d or more", Repetitions),
			"%d blocks can't decide an exact value: that takes %d that agree", e.Design.Blocks, Repetitions)
	}
}

// exact says whether a metric is known to have no noise.
func (k *checker) exact(unit string) bool {
	if k.workload.Outside() {
		return false
	}
	exact, _ := k.Metric(k.program.Text, unit)
	return exact
}

func (k *checker) metric(where string, unit Scalar) bool {
	if k.workload.Outside() {
		return k.outsideMetric(where, unit)
	}
	if _, ok := k.Metric(k.program.Text, unit.Text); ok {
		return true
	}
	all := k.Metrics(k.program.Text)
	k.fail(unit.Pos, k.offered(all), "%s: %s has no metric %q%s", where, k.program.Text, unit.Text, Suggest(unit.Text, all))
	return false
}

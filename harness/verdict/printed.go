package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
)

// Printed holds claims against what trials printed before any counts: a claim on
// a metric, or a line, that no trial of its cells has would never be decided. The
// error names each such claim and what was printed, or why nothing was.
func Printed(p plan.Plan, trials []sample.Sample) error {
	var missing []string
	for _, c := range p.Spec.Claims {
		var own []sample.Sample
		for _, s := range trials {
			if concerns(p, c, p.Cells[s.Cell]) {
				own = append(own, s)
			}
		}
		if len(own) > 0 && !slices.ContainsFunc(own, func(s sample.Sample) bool { return prints(s, c.Compare) }) {
			missing = append(missing, fmt.Sprintf("claim %s: %s was not printed by the warm-up; %s", c.ID.Text, wished(c.Compare), instead(own)))
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(missing, "\n"))
}

// concerns says whether a cell is on some side of a claim.
func concerns(p plan.Plan, c spec.Claim, cell plan.Cell) bool {
	if matches(p, cell, c.Compare.Of.Levels()) {
		return true
	}
	return slices.ContainsFunc(c.Compare.To, func(s spec.Selection) bool { return matches(p, cell, s.Levels()) })
}

func prints(s sample.Sample, c spec.Compare) bool {
	return s.Counts() && slices.ContainsFunc(s.Lines, func(l sample.Line) bool {
		return (c.Benchmark.Text == "" || l.Name == c.Benchmark.Text) && slices.ContainsFunc(l.Values, func(v sample.Value) bool {
			_, same := stat.Same(v.Unit, c.Metric.Text)
			return same
		})
	})
}

func wished(c spec.Compare) string {
	if c.Benchmark.Text == "" {
		return "metric " + c.Metric.Text
	}
	return "metric " + c.Metric.Text + " of benchmark " + c.Benchmark.Text
}

// instead is what stands on the lines of the first trial that has some, or what
// became of the first.
func instead(trials []sample.Sample) string {
	i := slices.IndexFunc(trials, func(s sample.Sample) bool { return s.Counts() && len(s.Lines) > 0 })
	if i < 0 {
		if trials[0].Counts() {
			return "it printed nothing that is read"
		}
		return fmt.Sprintf("it failed: %s: %s", trials[0].Outcome, trials[0].Error)
	}
	var lines []string
	for _, l := range trials[i].Lines {
		var units []string
		for _, v := range l.Values {
			units = append(units, v.Unit)
		}
		lines = append(lines, l.Name+" with "+strings.Join(units, ", "))
	}
	return "it printed: " + strings.Join(lines, "; ")
}

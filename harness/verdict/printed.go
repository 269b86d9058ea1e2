package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
)

// Printed holds claims against what trials printed before any counts: a claim on
// a metric, or a line, that no trial of its cells has would never be decided, nor
// would one that says not which line it means. The error names each such claim and
// what was printed, or why nothing was.
func Printed(p plan.Plan, trials []sample.Sample) error {
	var wrong []string
	for _, c := range p.Spec.Claims {
		var own []sample.Sample
		for _, s := range trials {
			if concerns(p, c, p.Cells[s.Cell]) {
				own = append(own, s)
			}
		}
		if why := undecidable(c.Compare, own, counted(p, c.Compare.Metric.Text)); why != "" {
			wrong = append(wrong, fmt.Sprintf("claim %s: %s", c.ID.Text, why))
		}
	}
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(wrong, "\n"))
}

// undecidable says why a claim can't be decided by trials such as these; empty
// where it can, or where there are none.
func undecidable(c spec.Compare, trials []sample.Sample, counted bool) string {
	with, all := holders(c.Metric.Text, trials, counted)
	name := strings.TrimPrefix(c.Benchmark.Text, "Benchmark")
	switch {
	case len(trials) == 0:
		return ""
	case name == "" && len(with) > 1 && !counted: // which is of the whole trial, and alike on all lines
		return fmt.Sprintf("metric %s stands on the lines of %s: choose one with benchmark:", c.Metric.Text, prose.Few(with, mostNames))
	case name == "" && len(with) == 0:
		return fmt.Sprintf("metric %s was not printed by the warm-up; %s", c.Metric.Text, instead(trials))
	case name != "" && !slices.Contains(with, name):
		near := ""
		if !slices.Contains(all, name) {
			near = spec.Suggest(name, all)
		}
		return fmt.Sprintf("metric %s of benchmark %s%s was not printed by the warm-up; %s", c.Metric.Text, c.Benchmark.Text, near, instead(trials))
	}
	return ""
}

// holders are the names of lines that have a metric, as all have what is counted, and
// of all, in their order.
func holders(metric string, trials []sample.Sample, counted bool) (with, all []string) {
	known, holds := map[string]bool{}, map[string]bool{}
	for _, s := range trials {
		if !s.Counts() {
			continue
		}
		for _, l := range s.Lines {
			if !known[l.Name] {
				known[l.Name] = true
				all = append(all, l.Name)
			}
			if !holds[l.Name] && (counted || has(l, metric)) {
				holds[l.Name] = true
				with = append(with, l.Name)
			}
		}
	}
	return with, all
}

func has(l sample.Line, metric string) bool {
	return slices.ContainsFunc(l.Values, func(v sample.Value) bool {
		_, same := stat.Same(v.Unit, metric)
		return same
	})
}

// counted says whether a unit is one that the run was asked to count. Where the
// machine can't, the claim is not testable there, and the rest of the run is sound.
func counted(p plan.Plan, unit string) bool {
	group := sample.GroupOf(unit)
	if p.Spec.Workload.Outside() && sample.NeedsWindow(unit) {
		return false
	}
	return group != "" && group != sample.Noise && sample.Asked(p.Spec.Measure, group)
}

// concerns says whether a cell is on some side of a claim.
func concerns(p plan.Plan, c spec.Claim, cell plan.Cell) bool {
	if matches(p, cell, c.Compare.Of.Levels()) {
		return true
	}
	return slices.ContainsFunc(c.Compare.To, func(s spec.Selection) bool { return matches(p, cell, s.Levels()) })
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
	var order []string
	names := map[string][]string{} // units -> lines with just these
	for _, l := range trials[i].Lines {
		var units []string
		for _, v := range l.Values {
			units = append(units, v.Unit)
		}
		with := strings.Join(units, ", ")
		if names[with] == nil {
			order = append(order, with)
		}
		names[with] = append(names[with], l.Name)
	}
	for i, with := range order {
		order[i] = prose.Few(names[with], mostNames) + " with " + with
	}
	return "it printed: " + strings.Join(order, "; ")
}

// mostNames is how many benchmarks are named in a sentence.
const mostNames = 10

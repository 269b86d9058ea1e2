package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/report/plot"
)

func checkSection(r Report) section {
	heads := []string{"knob", "level", ">in force", ">idle", ">not in force"}
	open := slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Unproved > 0 })
	if open {
		heads = append(heads, ">not found out")
	}
	s := section{title: "Manipulation checks", grid: &grid{heads: append(heads, "evidence")}}
	for _, c := range r.Checks {
		level := c.Level
		if c.Effective != "" {
			level += " (was " + c.Effective + ")"
		}
		row := []string{c.Key, level, strconv.Itoa(c.InForce), strconv.Itoa(c.Idle), strconv.Itoa(c.NotInForce)}
		if open {
			row = append(row, strconv.Itoa(c.Unproved))
		}
		s.grid.add(append(row, orDefault(c.Why, "-"))...)
	}
	if len(s.grid.rows) > 0 {
		s.prose = []string{"Trials in which the evidence showed the level in force, in force with its mechanism idle, or not in force."}
		if open {
			s.prose = append(s.prose, "Not found out: the level was set, and nothing shows whether the program took notice.")
		}
	}
	return s
}

func untestableSection(r Report) section {
	s := section{title: "Not testable here", grid: &grid{heads: []string{"cell", "reason"}}}
	for _, u := range r.Untestable {
		s.grid.add(u.Name, u.Reason)
	}
	return s
}

func healthSection(r Report) section {
	h := r.Health
	s := section{title: "Trials", grid: &grid{heads: []string{"cell", ">attempts", ">tainted", ">failed", ">void", "errors"}}}
	var outcomes, taints []string
	for _, o := range h.Outcomes {
		outcomes = append(outcomes, fmt.Sprintf("%d %s", o.N, o.Outcome))
	}
	for _, t := range h.Taints {
		taints = append(taints, fmt.Sprintf("%d %s (worst %s, limit %s)", t.N, t.Kind, reading(t.Worst, t.Unit), reading(t.Limit, t.Unit)))
	}
	s.prose = []string{fmt.Sprintf("%s at %s, %s: %s. Tainted: %s.",
		prose.Plural(h.Attempts, "attempt"), r.trials(), prose.Plural(h.Repeats, "repeat"),
		orDefault(strings.Join(outcomes, ", "), "none"), orDefault(strings.Join(taints, ", "), "none"))}
	for _, c := range h.Cells {
		s.grid.add(c.Name, strconv.Itoa(c.Attempts), strconv.Itoa(c.Tainted), strconv.Itoa(c.Failed), strconv.Itoa(c.Void), orDefault(strings.Join(c.said(), "; "), "-"))
	}
	return s
}

// trials counts those that were tried, and says what became of them where not all gave
// a measurement: "30 trials (16 measured, 6 failed, 8 given up and not started)".
func (r Report) trials() string {
	h, measured := r.Health, r.Header.Trials
	var parts []string
	if failed := h.Trials - measured; failed > 0 {
		parts = append(parts, fmt.Sprintf("%d without a measurement", failed))
	}
	if h.Skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d given up and not started", h.Skipped))
	}
	text := prose.Plural(h.Trials+h.Skipped, "trial")
	if len(parts) == 0 {
		return text
	}
	return fmt.Sprintf("%s (%d measured, %s)", text, measured, strings.Join(parts, ", "))
}

func thresholdSection(r Report) section {
	s := section{title: "Thresholds of taints", grid: &grid{heads: []string{"taint", ">above", "what it is"}}}
	for _, t := range r.Health.Thresholds {
		s.grid.add(t.Kind, reading(t.Limit, t.Unit), t.Doc)
	}
	return s
}

func warningSection(r Report) section {
	s := section{title: "Warnings"}
	for _, w := range r.Warnings {
		s.items = append(s.items, item{head: w})
	}
	return s
}

func plotSection(r Report) section {
	s := section{title: "Plots", images: r.Plots}
	if r.Undrawn > 0 && len(r.Plots) > 0 {
		s.prose = []string{fmt.Sprintf("%s could be drawn beside these, which are those of claims first: name the kinds under report.plots to have all.", prose.Plural(r.Undrawn, "more metric"))}
	}
	return s
}

func commandSection(r Report) section {
	return section{title: "Make this report again", code: strings.Join(r.Commands, "\n") + "\n"}
}

// reading shows a counter with its unit: "1 ms", "0.034 steal-share".
func reading(v float64, unit string) string {
	if u := plot.Human(unit, v); u.Divide != 1 || u.Suffix != "" {
		return u.Text(v)
	}
	return strconv.FormatFloat(v, 'g', 4, 64) + " " + unit
}

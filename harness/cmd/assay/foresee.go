package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/assaylab/assay/harness/report/plot"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
)

// A foresight is what a planned run could detect, by the spread of an earlier one.
type foresight struct {
	From      string             `json:"from"`
	Prospects []verdict.Prospect `json:"prospects,omitempty"`
}

// foresee reads the latest run of the experiment, whatever its claims and
// blocks were. Where another workload or other fixed levels were run, their
// spread says nothing of this one.
func (l *lab) foresee(p *prepared) foresight {
	root, err := l.resultsRoot(runFlags{})
	if err != nil {
		return foresight{From: "not known: no earlier run of " + p.plan.Spec.Name}
	}
	dir, err := results.Latest(root, p.plan.Spec.Name)
	if err != nil {
		return foresight{From: "not known: no earlier run of " + p.plan.Spec.Name}
	}
	r, err := results.Read(dir)
	if err != nil {
		return foresight{From: fmt.Sprintf("not known: %v", err)}
	}
	old, err := recorded(dir, r)
	if err != nil {
		return foresight{From: fmt.Sprintf("not known: %v", err)}
	}
	if other := changed(old, p); other != "" {
		return foresight{From: fmt.Sprintf("not known: %s had %s", dir, other)}
	}
	return foresight{From: "the spread between blocks of " + dir, Prospects: verdict.Prospects(old.evidence(r), p.plan, p.plan.Spec.Design.Blocks)}
}

// changed is what an earlier run held otherwise: "param.live-heap=64MiB".
func changed(old, now *prepared) string {
	if a, b := old.plan.Spec.Workload.Program.Text, now.plan.Spec.Workload.Program.Text; a != b {
		return "the workload " + a
	}
	var parts []string
	for _, key := range sortedKeys(now.plan.Fixed) {
		if was, ok := old.plan.Fixed[key]; ok && was != now.plan.Fixed[key] {
			parts = append(parts, key+"="+was)
		}
	}
	return strings.Join(parts, ", ")
}

// print lists what each sub-claim could detect.
func (f foresight) print(w io.Writer, blocks int) {
	if len(f.Prospects) == 0 {
		fmt.Fprintf(w, "\nsmallest effect that %d blocks could detect: %s\n", blocks, f.From)
		return
	}
	fmt.Fprintf(w, "\nsmallest effect that %d blocks could detect, in about every second run (from %s):\n", blocks, f.From)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, p := range f.Prospects {
		name := strings.Join(slices.DeleteFunc([]string{p.Claim, p.Part, p.Case}, func(s string) bool { return s == "" }), " ")
		against := ""
		if p.To != "" {
			against = "against " + p.To
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", name, p.Metric, against, detectable(p))
	}
	t.Flush()
}

func detectable(p verdict.Prospect) string {
	switch {
	case p.Detectable == nil:
		return "not known: " + p.Why
	case p.Quantity == spec.Ratio || p.Quantity == spec.Share:
		return fmt.Sprintf("±%.2g %% (%d blocks seen)", 100**p.Detectable, p.Seen)
	}
	return fmt.Sprintf("±%s (%d blocks seen)", plot.Human(p.Metric, *p.Detectable).Text(*p.Detectable), p.Seen)
}

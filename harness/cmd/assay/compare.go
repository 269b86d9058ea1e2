package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/compare"
	"github.com/assaylab/assay/harness/report"
	"github.com/assaylab/assay/workloads/wire"
)

// compareFlags are the flags of assay compare.
type compareFlags struct {
	json, gate, all bool
	threshold       string
	metrics         []string
}

func compareCommand(l *lab) *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use:   "compare A B",
		Short: "Compare two results folders or benchmark files, unpaired",
		Long: `Compare holds B against A: two results folders, or two files in the Go benchmark
format, of two commits, machines, kernels or architectures. What was not measured
together can't be paired: whatever drifted in between counts as an effect, and the
first line says so. Every known difference between the sides is named.

Under --gate the exit code says whether anything got worse by more than the
threshold: 3 where an interval lies beyond it, 4 where the intervals are too wide to
say or a benchmark of A is missing from B, else 0. It looks at the metrics that the
workload calls primary or a claim names; where none are known, at all with a known
better direction but the harness's own counters; or at those named by --metric.`,
		Example: `  assay compare results/thp-gc/DIR-OF-A results/thp-gc/DIR-OF-B
  assay compare old.txt new.txt --gate --threshold 5%
  assay compare old.txt new.txt --gate --metric ns/op
  assay compare A B --json | jq '.rows[] | select(.moved)'`,
		Args: exactly(2),
		RunE: func(_ *cobra.Command, args []string) error { return l.compare(args[0], args[1], f) },
	}
	flags := c.Flags()
	flags.BoolVar(&f.json, "json", false, "print the comparison as JSON")
	flags.BoolVar(&f.all, "all", false, "show rows that did not move of every metric")
	flags.BoolVar(&f.gate, "gate", false, "exit 3 where something got worse, 4 where that can't be told")
	flags.StringVar(&f.threshold, "threshold", "3%", "how much worse is too much, for --gate")
	flags.StringSliceVar(&f.metrics, "metric", nil, "what --gate looks at: units, as printed")
	return c
}

func (l *lab) compare(a, b string, f compareFlags) error {
	threshold, err := wire.ParsePercent(strings.TrimSpace(f.threshold))
	if err != nil {
		return usagef("--threshold: %w", err)
	}
	r, err := l.compared(a, b)
	if err != nil {
		return err
	}
	if f.gate {
		g, err := r.Gate(threshold, f.metrics)
		if err != nil {
			return usagef("--gate: %w", err)
		}
		r.GateResult = &g
	}
	if f.json {
		err = report.CompareJSON(l.stdout, r)
	} else {
		width, _ := terminalWidth(l.stdout)
		err = report.CompareText(l.stdout, r, width, f.all)
	}
	if err != nil {
		return err
	}
	if r.GateResult != nil && r.GateResult.Code() != exitDone {
		return outcome{code: r.GateResult.Code()}
	}
	return nil
}

// compared reads both sides. What can't be read, or has nothing in common, is the
// caller's mistake: nothing was started.
func (l *lab) compared(a, b string) (compare.Result, error) {
	x, y, err := compare.ReadBoth(a, b)
	if err != nil {
		return compare.Result{}, usage(err)
	}
	r, err := compare.Compare(x, y)
	var refused compare.Refusal
	if errors.As(err, &refused) {
		return r, usage(err)
	}
	return r, err
}

package main

import (
	"errors"
	"os"
	"slices"
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
	query           report.Query
}

func compareCommand(l *lab) *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use:   "compare A B | compare [--col KEYS ...] INPUT...",
		Short: "Compare two results folders or benchmark files, unpaired",
		Long: `Compare holds B against A: two results folders, or two files in the Go benchmark
format, of two commits, machines, kernels or architectures. What was not measured
together can't be paired: whatever drifted in between counts as an effect, and the
first line says so. Every known difference between the sides is named.

With --table, --row, --col, --ignore or --filter, or with one input or more than
two, it prints benchstat's tables instead, laid out as benchstat lays them out for
the same flags (golang.org/x/perf/benchproc/syntax). An input is a file, LABEL=FILE,
"-" for stdin, or a results folder. As in benchstat the first column to be seen is
the base, which in a run is drawn: thp@(never always) fixes it. Where the columns are
of one results folder, as under --col thp, the effects within its blocks stand below
the tables.

Under --gate the exit code says whether anything got worse by more than the
threshold: 3 where an interval lies beyond it, 4 where the intervals are too wide to
say or a benchmark of A (of the first column) is missing from B, else 0. It looks at
the metrics that the workload calls primary or a claim names; where none are known,
at all with a known better direction but the harness's own counters; or at those
named by --metric.`,
		Example: `  assay compare results/thp-gc/DIR-OF-A results/thp-gc/DIR-OF-B
  assay compare old.txt new.txt --gate --threshold 5%
  assay compare old.txt new.txt --gate --metric ns/op
  assay compare A B --json | jq '.rows[] | select(.moved)'
  assay compare --col 'thp@(never always)' --row gogc,.fullname results/thp-gc/DIR
  assay compare --filter '.unit:sec/op' --ignore note old=a.txt new=b.txt newest=c.txt`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("usage: %s", c.UseLine())
			}
			return l.compare(args, f, laidOut(c) || len(args) != 2)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&f.json, "json", false, "print the comparison as JSON")
	flags.BoolVar(&f.all, "all", false, "show rows that did not move of every metric")
	flags.BoolVar(&f.gate, "gate", false, "exit 3 where something got worse, 4 where that can't be told")
	flags.StringVar(&f.threshold, "threshold", "3%", "how much worse is too much, for --gate")
	flags.StringSliceVar(&f.metrics, "metric", nil, "what --gate looks at: units, as printed")
	layoutFlags(c, &f.query)
	return c
}

// layoutFlags are benchstat's own.
func layoutFlags(c *cobra.Command, q *report.Query) {
	flags := c.Flags()
	flags.StringVar(&q.Table, "table", "", "benchstat's tables: split results by this projection (default .config)")
	flags.StringVar(&q.Row, "row", "", "benchstat's tables: a row for each of this projection (default .fullname)")
	flags.StringVar(&q.Col, "col", "", "benchstat's tables: a column for each of this projection (default .file)")
	flags.StringVar(&q.Ignore, "ignore", "", "benchstat's tables: do not warn of variations in these keys")
	flags.StringVar(&q.Filter, "filter", "", "benchstat's tables: use only results that match this query")
}

// laidOut says whether one of them was given.
func laidOut(c *cobra.Command) bool {
	return slices.ContainsFunc([]string{"table", "row", "col", "ignore", "filter"}, c.Flags().Changed)
}

func (l *lab) compare(args []string, f compareFlags, tables bool) error {
	threshold, err := wire.ParsePercent(strings.TrimSpace(f.threshold))
	if err != nil {
		return usagef("--threshold: %w", err)
	}
	if tables {
		return l.layOut(args, f, threshold)
	}
	r, err := l.compared(args[0], args[1])
	if err != nil {
		return err
	}
	if err := f.judge(&r, threshold); err != nil {
		return err
	}
	if f.json {
		err = report.CompareJSON(l.stdout, r)
	} else {
		width, _ := terminalWidth(l.stdout)
		err = report.CompareText(l.stdout, r, width, f.all)
	}
	return gated(r, err)
}

// layOut prints benchstat's tables over any number of inputs.
func (l *lab) layOut(args []string, f compareFlags, threshold float64) error {
	inputs, err := compare.Sources(args)
	if err != nil {
		return usage(err)
	}
	t, err := report.LayOut(inputs, f.query, f.gate || f.json)
	if err != nil {
		return usage(err)
	}
	if err := f.judge(&t.Result, threshold); err != nil {
		return err
	}
	if f.json {
		err = report.LayoutJSON(l.stdout, t)
	} else {
		width, _ := terminalWidth(l.stdout)
		err = report.LayoutText(l.stdout, t, width)
	}
	return gated(t.Result, err)
}

// judge asks the gate, where it was asked for.
func (f compareFlags) judge(r *compare.Result, threshold float64) error {
	if !f.gate {
		return nil
	}
	g, err := r.Gate(threshold, f.metrics)
	if err != nil {
		return usagef("--gate: %w", err)
	}
	r.GateResult = &g
	return nil
}

// gated is the exit code that a gate asks for.
func gated(r compare.Result, err error) error {
	if err == nil && r.GateResult != nil && r.GateResult.Code() != exitDone {
		return outcome{code: r.GateResult.Code()}
	}
	return err
}

// compared reads both sides. What can't be read, or has nothing in common, is the
// caller's mistake: nothing was started.
func (l *lab) compared(a, b string) (compare.Result, error) {
	x, y, err := compare.ReadBoth(a, b)
	if err != nil {
		return compare.Result{}, usage(err)
	}
	if sameFile(a, b) {
		return compare.Result{}, usagef("%s and %s are one and the same %s, which differs from itself in nothing (name another; --col KEY holds the levels of one against each other)", a, b, x.Kind)
	}
	r, err := compare.Compare(x, y)
	var refused compare.Refusal
	if errors.As(err, &refused) {
		return r, usage(err)
	}
	return r, err
}

// sameFile says whether two paths lead to one file or folder.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

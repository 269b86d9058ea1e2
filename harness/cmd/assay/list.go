package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/spec"
)

func listCommand(l *lab) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the experiments of this checkout",
		Example: "  assay list\n  assay list --json",
		Args:    exactly(0),
		RunE: func(*cobra.Command, []string) error {
			rows, err := l.experiments()
			if err != nil {
				return err
			}
			if asJSON {
				return l.json(rows)
			}
			w := tabwriter.NewWriter(l.stdout, 0, 0, 2, ' ', 0)
			for _, r := range rows {
				fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, r.Program, r.Question)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// An experimentRow is one line of assay list.
type experimentRow struct {
	Name     string   `json:"name"`
	Question string   `json:"question"`
	Program  string   `json:"program"`
	Factors  []string `json:"factors"`
	Claims   int      `json:"claims"`
	Problem  string   `json:"problem,omitempty"` // why the file can't be read
}

func (l *lab) experiments() ([]experimentRow, error) {
	tree, err := l.tree()
	if err != nil {
		return nil, err
	}
	names, err := experiments(tree)
	if err != nil {
		return nil, err
	}
	rows := make([]experimentRow, 0, len(names))
	for _, n := range names {
		rows = append(rows, describeExperiment(tree, n))
	}
	return rows, nil
}

// describeExperiment reads a file; one that can't be read is listed with its
// problem, so that it does not hide the others.
func describeExperiment(tree, name string) experimentRow {
	row := experimentRow{Name: name}
	e, err := spec.Load(shorten(filepath.Join(tree, "experiments", name+spec.Ext)))
	if err != nil {
		row.Problem, _, _ = strings.Cut(err.Error(), "\n")
		row.Question = "unreadable: " + row.Problem
		return row
	}
	row.Question, row.Program, row.Claims = e.Question, e.Workload.Name(), len(e.Claims)
	for _, f := range append(e.Knobs, e.Workload.Params...) {
		if len(f.Levels) > 1 {
			row.Factors = append(row.Factors, f.Key.Text)
		}
	}
	return row
}

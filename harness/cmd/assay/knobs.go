package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
)

func knobsCommand(l *lab) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "knobs [NAME]",
		Short:   "List the knobs with what this machine makes of them, or explain one",
		Example: "  assay knobs\n  assay knobs thp\n  assay knobs --json",
		Args:    upTo(1),

		ValidArgsFunction: offer(knobNames),
		RunE: func(_ *cobra.Command, args []string) error {
			rows, err := knobRows(args)
			if err != nil {
				return err
			}
			if asJSON {
				return l.json(rows)
			}
			if len(args) == 1 {
				return l.explainKnob(rows[0])
			}
			w := tabwriter.NewWriter(l.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "KNOB\tSCOPE\tNOW\tHERE\tDOES")
			for _, r := range rows {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.Name, r.Scope, r.Current, r.Word, r.Doc)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// knobRows are all knobs, or the one that a name or a member of a family finds.
func knobRows(args []string) ([]knob.Row, error) {
	h, err := host.Read(machine)
	if err != nil {
		return nil, err
	}
	groups, err := cgroup.Detect(string(machine))
	if err != nil {
		return nil, err
	}
	rows := knob.Catalogue(h, groups.Reach)
	if len(args) == 0 {
		return rows, nil
	}
	name := args[0]
	if k, ok := knob.Lookup(name); ok {
		name = k.Name
	}
	i := slices.IndexFunc(rows, func(r knob.Row) bool { return r.Name == name || r.Name == name+".*" })
	if i < 0 {
		var names []string
		for _, r := range rows {
			names = append(names, r.Name)
		}
		return nil, usagef("no knob %q (there are: %s)", args[0], strings.Join(names, ", "))
	}
	return rows[i : i+1], nil
}

func (l *lab) explainKnob(r knob.Row) error {
	w := tabwriter.NewWriter(l.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %s\n\n", r.Name, r.Doc)
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", label, text)
		}
	}
	line("scope", string(r.Scope))
	line("levels", r.Allow+"; default")
	line("now", r.Current)
	line("here", strings.TrimSuffix(fmt.Sprintf("%s: %s", r.Word, r.Why), ": "))
	line("not with", strings.Join(r.Not, ", "))
	line("note", r.Note)
	return w.Flush()
}

package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

func workloadsCommand(l *lab) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "workloads [NAME]",
		Short:   "List the workloads, or explain one",
		Long:    "Workloads lists the programs of this checkout, and the two ways to run any other:\ngotest, benchmarks of a Go package, and command.",
		Example: "  assay workloads\n  assay workloads gc-churn\n  assay workloads gotest\n  assay workloads --json",
		Args:    upTo(1),

		ValidArgsFunction: offer(l.workloadNames),
		RunE: func(c *cobra.Command, args []string) error {
			if k, ok := outsideKind(args); ok {
				return l.explainOutside(k, asJSON)
			}
			all, err := l.describeWorkloads(c, args)
			if len(all) == 0 {
				return err
			}
			// One that can't be built hides no other.
			return errors.Join(l.showWorkloads(all, len(args) == 1, asJSON), err)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// describeWorkloads builds and asks the workloads named, all where none is. The
// error is of the first that failed; the others are there.
func (l *lab) describeWorkloads(c *cobra.Command, names []string) ([]wire.Description, error) {
	b, err := l.builder()
	if err != nil {
		return nil, err
	}
	cat, err := newCatalogue(c.Context(), b)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		names = cat.programs
	}
	var all []wire.Description
	for _, n := range names {
		if err := cat.has(n); err != nil {
			return nil, err
		}
		if d := cat.describe(n); d.Name != "" {
			all = append(all, d)
		}
	}
	return all, cat.err
}

func (l *lab) showWorkloads(all []wire.Description, one, asJSON bool) error {
	switch {
	case asJSON:
		return l.json(all)
	case one:
		return l.explain(all[0])
	}
	w := tabwriter.NewWriter(l.stdout, 0, 0, 2, ' ', 0)
	for _, d := range all {
		fmt.Fprintf(w, "%s\t%s\n", d.Name, d.Doc)
	}
	for _, k := range spec.Outside() {
		first, _, _ := strings.Cut(k.Doc, ":")
		fmt.Fprintf(w, "%s\t%s\n", k.Name, strings.TrimSuffix(first, "."))
	}
	return w.Flush()
}

// outsideKind is the way to run outside programs that is asked for.
func outsideKind(names []string) (spec.Kind, bool) {
	all := spec.Outside()
	i := slices.IndexFunc(all, func(k spec.Kind) bool { return len(names) == 1 && k.Name == names[0] })
	if i < 0 {
		return spec.Kind{}, false
	}
	return all[i], true
}

// explainOutside says how an experiment runs an outside program.
func (l *lab) explainOutside(k spec.Kind, asJSON bool) error {
	if asJSON {
		return l.json(k)
	}
	w := tabwriter.NewWriter(l.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %s\n\n", k.Name, k.Doc)
	heading := "keys, under workload." + k.Name + " of an experiment:"
	if k.Name == "command" {
		heading = "keys of a metric, under workload.metrics.UNIT, where it prints no benchmark lines:"
	}
	fmt.Fprintln(w, heading)
	for _, key := range k.Keys {
		need := ""
		if key.Need {
			need = "needed"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", key.Name, need, key.Doc)
	}
	return w.Flush()
}

func (l *lab) explain(d wire.Description) error {
	w := tabwriter.NewWriter(l.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %s\n\nparams, under workload.params of an experiment (name, kind, default):\n", d.Name, d.Doc)
	for _, p := range d.Params {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", p.Name, p.Kind, p.Default, p.Doc)
	}
	explainRoles(w, d)
	if d.KernelWork != "" {
		fmt.Fprintf(w, "\nthreads of the kernel work for it (%s): their time on its CPUs is not that of others\n", d.KernelWork)
	}
	fmt.Fprintf(w, "\nmetrics (unit, which way is better or exact, resolution):\n")
	for _, m := range d.Metrics {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", m.Unit, notes(m), m.Doc)
	}
	fmt.Fprintf(w, "\nby hand: go run ./workloads/%s -h\n", d.Name)
	return w.Flush()
}

// explainRoles says whom knobs and counters are of, where a trial has several processes.
func explainRoles(w io.Writer, d wire.Description) {
	if len(d.Roles) < 2 {
		return
	}
	fmt.Fprintf(w, "\nroles, each a process of its own, in the order of their start (name, knobs, counters):\n")
	for _, r := range d.Roles {
		knobs, counters := r.Name+".KNOB", r.Name+"-UNIT"
		if r.Name == d.UnderTest().Name {
			knobs, counters = "KNOB", "UNIT"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", r.Name, knobs, counters, r.Doc)
	}
}

func notes(m wire.Metric) string {
	text := string(m.Better)
	if m.Exact {
		text = "exact"
	}
	if m.Primary {
		text += " primary"
	}
	if m.Resolution.Relative > 0 {
		text += fmt.Sprintf(" ±%.3g%%", 100*m.Resolution.Relative)
	}
	if m.Resolution.Absolute > 0 {
		text += fmt.Sprintf(" ±%g", m.Resolution.Absolute)
	}
	return text
}

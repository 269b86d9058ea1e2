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
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/spec"
)

func knobsCommand(l *lab) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "knobs [NAME]",
		Short: "List the knobs with what this machine makes of them, or explain one",
		Long: `Knobs lists all knobs: whom each addresses, the level that the machine has now,
whether it can be set here, and below the table why not. With a name it explains
one: its files, what each level writes, what it needs and excludes, how it is proved.

With --json it prints a list of objects, one for a name. Of each, name, doc, scope,
allow, try, support and sets are always there; why, note, since, current, files, leaf,
after, needs, not-with, moves, check, causes and refuses where there is something to
say. Fields are not renamed or removed from one version to the next.`,
		Example: "  assay knobs\n  assay knobs thp\n  assay knobs --json",
		Args:    upTo(1),

		ValidArgsFunction: offer(knobNames),
		RunE: func(_ *cobra.Command, args []string) error {
			h, groups, err := thisMachine()
			if err != nil {
				return err
			}
			rows, err := knobRows(knob.Catalogue(h, groups.Reach), args)
			switch {
			case err != nil:
				return err
			case asJSON:
				return l.json(rows)
			case len(args) == 1:
				err = l.explainKnob(rows[0], groups)
			default:
				err = l.listKnobs(rows)
			}
			if left := l.pending(); left != "" {
				fmt.Fprintf(l.stdout, "\nnote: %s\n", left)
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// thisMachine is this machine and its cgroups.
func thisMachine() (host.Host, *cgroup.Tree, error) {
	h, err := host.Read(machine)
	if err != nil {
		return h, nil, err
	}
	groups, err := cgroup.Detect(string(machine))
	return h, groups, err
}

// listKnobs prints a line for each, and then the reasons of those that this
// machine can't have.
func (l *lab) listKnobs(rows []knob.Row) error {
	w := tabwriter.NewWriter(l.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KNOB\tSCOPE\tNOW\tHERE\tLEVELS\tDOES")
	for _, r := range rows {
		word := string(r.Word)
		if r.Word == knob.Unknown {
			word = "?"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Name, r.Scope, r.Current, word, prose.Cut(r.Allow, 36), r.Doc)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(l.stdout)
	for _, r := range rows {
		switch r.Word {
		case knob.No:
			fmt.Fprintf(l.stdout, "not testable here: %s\n", named(r))
		case knob.Unknown:
			fmt.Fprintln(l.stdout, named(r))
		}
	}
	return nil
}

// named is a row's reason, beginning with its knob.
func named(r knob.Row) string {
	if strings.HasPrefix(r.Why, r.Name) {
		return r.Why
	}
	return r.Name + ": " + r.Why
}

// knobRows are all rows, or the one that a name or a member of a family finds.
func knobRows(rows []knob.Row, args []string) ([]knob.Row, error) {
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
		return nil, usagef("no knob %q%s (there are: %s)", args[0], spec.Suggest(args[0], names), strings.Join(names, ", "))
	}
	return rows[i : i+1], nil
}

// explainKnob says all that is known of one knob.
func (l *lab) explainKnob(r knob.Row, groups *cgroup.Tree) error {
	w := tabwriter.NewWriter(l.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %s\n\n", r.Name, r.Doc)
	lines := func(label string, texts ...string) {
		for _, text := range texts {
			if text != "" {
				fmt.Fprintf(w, "%s\t%s\n", label, text)
				label = ""
			}
		}
	}
	key, level, _ := strings.Cut(r.Try, "=")
	lines("scope", string(r.Scope))
	lines("levels", r.Allow, "default: not touched, what is there is recorded")
	lines("example", fmt.Sprintf("knobs: {%s: [default, %q]}", key, level))
	lines("now", r.Current)
	lines("here", strings.TrimSuffix(fmt.Sprintf("%s: %s", r.Word, r.Why), ": "))
	lines("since", r.Since)
	lines("files", r.Files...)
	if r.Leaf != "" {
		lines("file", r.Leaf+" of the trial's cgroup")
	}
	lines("sets", sets(r, groups)...)
	lines("set after", strings.Join(r.After, ", "))
	lines("needs", strings.Join(r.Needs, " or "))
	lines("not with", strings.Join(r.Not, ", "))
	lines("moves", r.Moves...)
	lines("proof", proof(r), r.Checked)
	if len(r.Causes) > 0 {
		lines("causes", strings.Join(r.Causes, ", ")+": evidence in its cells, and no taint")
	}
	lines("refuses", refusals(r)...)
	lines("note", r.Note)
	return w.Flush()
}

// sets says of each level that is shown what it would set here.
func sets(r knob.Row, groups *cgroup.Tree) []string {
	var all []string
	for _, set := range r.Sets {
		all = append(all, set.Level+"\t"+strings.Join(writes(set, groups), "; "))
	}
	return all
}

// writes says what a level would set here, place by place.
func writes(set knob.LevelSupport, groups *cgroup.Tree) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, w := range set.Host {
		add("%s = %s (now %s)", w.File, w.Want, w.Now)
	}
	for _, spec := range set.Provide {
		add("made before, removed after: %s", spec)
	}
	for _, w := range set.Cgroup {
		add("%s = %s", w.File, w.Value)
		translated, err := groups.Translate(w)
		for _, v1 := range translated {
			if err == nil && v1 != w {
				add("here %s = %s", v1.File, v1.Value)
			}
		}
	}
	if set.Affinity != "" {
		add("affinity %s", set.Affinity)
	}
	all = append(all, set.Process...)
	for _, name := range sortedKeys(set.Env) {
		add("environment %s=%s", name, set.Env[name])
	}
	for _, name := range sortedKeys(set.Build) {
		add("build with %s=%s", name, set.Build[name])
	}
	const most = 4
	if len(all) > most {
		all = append(all[:most], fmt.Sprintf("and %d more", len(all)-most))
	}
	if len(all) == 0 {
		add("not here: %s", set.Why)
	}
	return all
}

// proof says where a level is read back.
func proof(r knob.Row) string {
	switch r.Scope {
	case knob.Machine:
		return "its files, read back after the write, just before the start and after the window"
	case knob.Provided:
		return "what the workload is subject to, looked at before the window and after"
	case knob.Cgroup:
		return "the workload's own leaf, read at the end of the window"
	case knob.Boot:
		return "what the machine says that it runs, read after the window"
	case knob.Build:
		return "the binary's own build info, and the trace of the build"
	}
	return "/proc of the workload's process, read before the window"
}

// refusals are the combinations that are refused, and why.
func refusals(r knob.Row) []string {
	var all []string
	for _, x := range r.Refuses {
		if x.Where != "" {
			x.Cell += " on " + x.Where
		}
		all = append(all, x.Cell+": "+x.Why)
	}
	return all
}

package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// print shows the overview to people: the design, what it could detect, what it would
// write, and why not all of it is possible here.
func (o overview) print(w io.Writer) error {
	o.design(w)
	if o.Override != "" {
		fmt.Fprintf(w, "\nchanged by %s\n", o.Override)
	}
	if len(o.Local) > 0 {
		fmt.Fprintf(w, "\nchanged on this machine by %s.local.yaml: %s\n", o.Experiment, strings.Join(o.Local, ", "))
	}
	if o.Detectable != nil {
		o.Detectable.print(w, o.Time.Block)
	}
	o.writes(w)
	paragraph(w, "", o.Reasons)
	paragraph(w, "note: ", o.Notes)
	_, err := fmt.Fprintln(w, "\nnothing was changed")
	return err
}

// design lists what would run: workload, factors, cells, blocks and trials.
func (o overview) design(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer t.Flush()
	fmt.Fprintf(t, "%s: %s\n\n", o.Experiment, o.Question)
	fmt.Fprintf(t, "workload\t%s%s\n", o.Workload, pairs(o.Fixed))
	for _, f := range o.Factors {
		fmt.Fprintf(t, "factor\t%s: %s\n", f.Key, strings.Join(f.Levels, ", "))
	}
	fmt.Fprintf(t, "cells\t%d, %d testable here\n", len(o.Cells), o.testable())
	fmt.Fprintf(t, "blocks\t%d, at most %d%s\n", o.Blocks, o.MaxBlocks, o.fewest())
	if o.Duet != "" {
		fmt.Fprintf(t, "duet\tboth levels of %s run at once\n", o.Duet)
	}
	if len(o.Nuisance) > 0 {
		fmt.Fprintf(t, "nuisance\t%s: drawn anew for every block\n", strings.Join(o.Nuisance, ", "))
	}
	if len(o.WholePlots) > 0 {
		fmt.Fprintf(t, "plots\ttrials of a block that share %s run together\n", strings.Join(o.WholePlots, " and "))
	}
	apart := "warm-ups"
	if len(o.Recordings) > 0 {
		apart += " and recordings"
	}
	fmt.Fprintf(t, "trials\t%d with %s, at most %d\n", o.Trials, apart, o.MaxTrials)
	fmt.Fprintf(t, "time\t%s\n", o.Time)
	fmt.Fprintf(t, "seed\t%d\n", o.Seed)
}

// fewest says how many blocks the claims need at least.
func (o overview) fewest() string {
	switch {
	case o.Claims == 0:
		return ""
	case o.Fewest == 0:
		return fmt.Sprintf("; the sub-claims (%d) are on exact values, decided by repetition", o.Claims)
	}
	return fmt.Sprintf("; a finite interval on each sub-claim (%d) needs %d", o.Claims, o.Fewest)
}

func paragraph(w io.Writer, head string, lines []string) {
	for i, line := range lines {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s%s\n", head, line)
	}
}

// writes lists what each level would write where.
func (o overview) writes(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nwould be written:")
	for _, l := range o.Levels {
		name := l.Key + "=" + l.Level
		for _, h := range l.Host {
			if h.Now == h.Want {
				fmt.Fprintf(t, "  %s\t/%s\tsays %s already\n", name, h.File, h.Now)
			} else {
				fmt.Fprintf(t, "  %s\t/%s\t%s -> %s, restored afterwards\n", name, h.File, h.Now, h.Want)
			}
		}
		for _, r := range l.Provide {
			fmt.Fprintf(t, "  %s\t%s\tmade for its trials, removed afterwards\n", name, r)
		}
		for _, c := range l.Cgroup {
			fmt.Fprintf(t, "  %s\t%s of the leaf\t%s\n", name, c.File, c.Value)
		}
		if l.Affinity != "" {
			fmt.Fprintf(t, "  %s\taffinity\tCPUs %s\n", name, l.Affinity)
		}
		fmt.Fprint(t, rows(name, "environment", l.Env), rows(name, "build", l.Build))
	}
	for _, g := range o.Groups {
		fmt.Fprintf(t, "  cgroup\t%s\tremoved afterwards\n", g)
	}
	t.Flush()
}

func rows(name, where string, m map[string]string) string {
	text := ""
	for _, key := range sortedKeys(m) {
		text += fmt.Sprintf("  %s\t%s\t%s=%s\n", name, where, key, m[key])
	}
	return text
}

func pairs(m map[string]string) string {
	text := ""
	for _, key := range sortedKeys(m) {
		text += " " + key + "=" + m[key]
	}
	return text
}

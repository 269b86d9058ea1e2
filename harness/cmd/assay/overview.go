package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/setup"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
	"github.com/assaylab/assay/workloads/wire"
)

// An overview is what assay plan says.
type overview struct {
	Experiment string              `json:"experiment"`
	Question   string              `json:"question"`
	Workload   string              `json:"workload"`
	Factors    []plan.Factor       `json:"factors"`
	Fixed      map[string]string   `json:"fixed"`
	Cells      []cellLine          `json:"cells"`
	Blocks     int                 `json:"blocks"`
	MaxBlocks  int                 `json:"max-blocks"`
	Fewest     int                 `json:"fewest-blocks"` // for a finite interval on each of Claims; 0 where none needs one
	Claims     int                 `json:"sub-claims"`
	Recordings []sample.Recording  `json:"recordings,omitempty"` // of a trial of each cell that is not timed
	Trials     int                 `json:"trials"`               // testable, warm-ups and recordings included, for Blocks
	MaxTrials  int                 `json:"max-trials"`
	Time       estimate            `json:"time"`
	Detectable *foresight          `json:"detectable,omitempty"` // by the sub-claims; nil without one
	WholePlots []string            `json:"whole-plots,omitempty"`
	Nuisance   []string            `json:"nuisance,omitempty"`
	Duet       string              `json:"duet,omitempty"`
	Levels     []knob.LevelSupport `json:"levels"`
	Groups     []string            `json:"groups"` // directories that would be made
	Root       []string            `json:"root,omitempty"`
	Reasons    []string            `json:"reasons,omitempty"` // why cells are not testable here
	Notes      []string            `json:"notes,omitempty"`
	Local      []string            `json:"local,omitempty"`    // keys that NAME.local.yaml changed
	Override   string              `json:"override,omitempty"` // flags that changed the design
	Seed       uint64              `json:"seed"`
}

type cellLine struct {
	Name     string `json:"name"`
	Testable bool   `json:"testable"`
	Why      string `json:"why,omitempty"`
}

func (l *lab) overview(ctx context.Context, p *prepared, known knowledge, start bool) overview {
	e := p.plan.Spec
	o := overview{
		Experiment: e.Name, Question: e.Question, Workload: e.Workload.Name(), Factors: p.plan.Factors, Fixed: p.plan.Fixed,
		Blocks: e.Design.Blocks, MaxBlocks: len(p.plan.Blocks), Claims: verdict.Count(p.plan), Seed: p.plan.Seed,
		Levels: p.feasible.Levels, Root: p.feasible.Root, Reasons: setup.Reasons(p.plan, p.feasible), Notes: slices.Concat(p.feasible.Notes, setup.Unseen(e)), Local: e.Local,
		Override: e.Override.String(),
	}
	if p.noisy() {
		o.Fewest = e.Design.FewestBlocks(o.Claims)
	}
	testable := 0
	for i, c := range p.feasible.Cells {
		o.Cells = append(o.Cells, cellLine{p.plan.Name(p.plan.Cells[i]), c.Testable, c.Why})
		if c.Testable {
			testable++
		}
	}
	o.Recordings = sample.Recordings(e.Measure)
	apart := e.Design.Warmup
	if len(o.Recordings) > 0 {
		apart++
	}
	o.Trials, o.MaxTrials = testable*(o.Blocks+apart), testable*(o.MaxBlocks+apart)
	o.Groups = p.wouldMake()
	o.Time = l.estimate(ctx, p, known, testable, o.Trials, start)
	o.Nuisance, o.Duet = e.Design.Nuisance, e.Design.Duet.Text
	o.Notes = append(slices.Clone(o.Notes), verdict.OutOfReach(p.plan)...)
	if h, held := journal.Holding(l.lockPath()); held && h.PID != os.Getpid() {
		o.Notes = append(o.Notes, fmt.Sprintf("the host lock is held by %s: a run would have to wait for it (--wait), and what was timed just now was disturbed", h))
	}
	if left := l.pending(); left != "" {
		o.Notes = append(o.Notes, left)
	}
	for _, key := range e.Design.WholePlot {
		o.WholePlots = append(o.WholePlots, key.Text)
	}
	if o.Claims > 0 {
		f := known.foresee(p, o.made())
		o.Detectable = &f
		if text := o.short(e.Design.Precision); text != "" {
			o.Notes = append(o.Notes, text)
		}
	}
	return o
}

// made is how many blocks a run would make: those of the design, or, under a budget,
// those that it holds. The first is made whatever it takes.
func (o overview) made() int {
	if o.Time.Budget > 0 && o.Time.Trial > 0 {
		return max(1, o.Time.Blocks)
	}
	return o.Blocks
}

// short says that the budget, or the run, does not hold the blocks that a precision
// takes, and what would; empty where it does, or where that is not known.
func (o overview) short(precision float64) string {
	if precision == 0 || o.Time.Budget == 0 || o.Time.Block == 0 || o.Detectable == nil {
		return ""
	}
	most, beyond := 0, false
	for _, p := range o.Detectable.Prospects {
		most = max(most, p.Precise)
		beyond = beyond || p.Quantity == spec.Ratio && p.Detectable != nil && p.Precise == 0
	}
	if beyond || most > o.MaxBlocks {
		return fmt.Sprintf("the precision of %.3g %% takes more blocks than the %d that this run may have, whatever its budget (ask for a coarser one)", 100*precision, o.MaxBlocks)
	}
	need := time.Duration(most)*o.Time.Block + time.Duration(o.Trials)*o.Time.Trial - time.Duration(o.Blocks)*o.Time.Block // with the warm-ups
	if need <= o.Time.Budget {
		return ""
	}
	return fmt.Sprintf("the precision of %.3g %% takes about %s, %v, and the budget of %v holds %d: --budget %s would hold them",
		100*precision, prose.Plural(most, "block"), rough(need), o.Time.Budget, o.Time.Blocks, roundedUp(need))
}

// roundedUp is a time rounded up, as a flag takes it: to the minute, a shorter one to the
// second.
func roundedUp(d time.Duration) string {
	if d <= time.Minute {
		return fmt.Sprintf("%ds", int(math.Ceil(d.Seconds())))
	}
	return fmt.Sprintf("%dm", int(math.Ceil(d.Minutes())))
}

// tellShort says before a run what an earlier one knows of the precision asked for on
// the command line: that the budget is too small for it.
func (l *lab) tellShort(ctx context.Context, p *prepared, f runFlags) {
	precision := p.plan.Spec.Override.Precision
	if precision == 0 {
		return
	}
	named := ""
	if root, err := l.resultsRoot(f); err == nil && f.results != "" {
		named, _ = results.Latest(root, p.plan.Spec.Name) // none there: as without --results
	}
	known, err := l.know(p, named)
	if err != nil {
		return // what can't be foreseen keeps no run from starting
	}
	if text := l.overview(ctx, p, known, false).short(precision); text != "" {
		fmt.Fprintln(l.stderr, "note:", text)
	}
}

// wouldMake lists the groups that a run would make; of guests, those of the first.
func (p *prepared) wouldMake() []string {
	if p.guests != nil {
		return p.guests.all[0].survey.Groups
	}
	dirs, _, _ := p.groups.Would("RUN")
	return dirs
}

// noisy says that some claim is about a metric with noise: it needs an interval.
func (p *prepared) noisy() bool {
	all := metrics(p.description)
	return slices.ContainsFunc(p.plan.Spec.Claims, func(c spec.Claim) bool {
		return !slices.ContainsFunc(all, func(m wire.Metric) bool { return m.Unit == c.Compare.Metric.Text && m.Exact })
	})
}

func (o overview) print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "%s: %s\n\n", o.Experiment, o.Question)
	fmt.Fprintf(t, "workload\t%s%s\n", o.Workload, pairs(o.Fixed))
	for _, f := range o.Factors {
		fmt.Fprintf(t, "factor\t%s: %s\n", f.Key, strings.Join(f.Levels, ", "))
	}
	testable := 0
	for _, c := range o.Cells {
		if c.Testable {
			testable++
		}
	}
	fmt.Fprintf(t, "cells\t%d, %d testable here\n", len(o.Cells), testable)
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
	t.Flush()
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

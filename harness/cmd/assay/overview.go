package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
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

// overview says what a run of a prepared experiment would do. start lets the workload
// be started once where nothing else tells how long a trial takes.
func (l *lab) overview(ctx context.Context, p *prepared, known knowledge, start bool) overview {
	e := p.plan.Spec
	o := overview{
		Experiment: e.Name, Question: e.Question, Workload: e.Workload.Name(), Factors: p.plan.Factors, Fixed: p.plan.Fixed,
		Blocks: e.Design.Blocks, MaxBlocks: len(p.plan.Blocks), Claims: verdict.Count(p.plan), Recordings: sample.Recordings(e.Measure),
		Nuisance: e.Design.Nuisance, Duet: e.Design.Duet.Text, Levels: p.feasible.Levels, Groups: p.wouldMake(), Root: p.feasible.Root,
		Reasons: setup.Reasons(p.plan, p.feasible), Local: e.Local, Override: e.Override.String(), Seed: p.plan.Seed,
	}
	if p.noisy() {
		o.Fewest = e.Design.FewestBlocks(o.Claims)
	}
	for _, key := range e.Design.WholePlot {
		o.WholePlots = append(o.WholePlots, key.Text)
	}
	for i, c := range p.feasible.Cells {
		o.Cells = append(o.Cells, cellLine{p.plan.Name(p.plan.Cells[i]), c.Testable, c.Why})
	}
	apart := e.Design.Warmup
	if len(o.Recordings) > 0 {
		apart++
	}
	o.Trials, o.MaxTrials = o.testable()*(o.Blocks+apart), o.testable()*(o.MaxBlocks+apart)
	o.Time = l.estimate(ctx, p, known, o.testable(), o.Trials, start)
	o.Notes = slices.Concat(p.feasible.Notes, setup.Unseen(e), verdict.OutOfReach(p.plan), l.obstacles())
	if o.Claims > 0 {
		f := known.foresee(p, o.made())
		o.Detectable = &f
		if text := o.short(e.Design.Precision); text != "" {
			o.Notes = append(o.Notes, text)
		}
	}
	return o
}

// testable is how many cells can be tested here.
func (o overview) testable() int {
	n := 0
	for _, c := range o.Cells {
		if c.Testable {
			n++
		}
	}
	return n
}

// obstacles are what stands in the way of a run just now.
func (l *lab) obstacles() []string {
	var notes []string
	if h, held := journal.Holding(l.lockPath()); held && h.PID != os.Getpid() {
		notes = append(notes, fmt.Sprintf("the host lock is held by %s: a run would have to wait for it (--wait), and what was timed just now was disturbed", h))
	}
	if left := l.pending(); left != "" {
		notes = append(notes, left)
	}
	return notes
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

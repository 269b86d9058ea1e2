package main

import (
	"context"
	"slices"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/report"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// armKey tells the cells of a calibration apart; no program reads it.
const armKey = "env.ASSAY_ARM"

// selfFile is what a calibration of the harness itself leaves in its folder.
const selfFile = "self.json"

// calibrateSelf watches one cell in every manner and says what that costs it.
func (l *lab) calibrateSelf(ctx context.Context, p *prepared, f calibrateFlags) error {
	if err := p.refuse(true); err != nil {
		return err
	}
	cells, record, err := p.setups(ctx)
	if err != nil {
		return err
	}
	for i, c := range p.plan.Cells {
		cells[i] = manner(c.Levels[armKey]).Watch(cells[i])
	}
	return l.calibration(ctx, p, cells, record, f, func(dir string) error { return l.tellSelf(dir, p, record, f) })
}

// manner is the one that an arm's letter stands for.
func manner(arm string) run.Manner { return run.Manners()[arm[0]-'a'] }

// arm is the letter of a manner.
func arm(name string) string {
	i := slices.IndexFunc(run.Manners(), func(m run.Manner) bool { return m.Name == name })
	return string(rune('a' + i))
}

// selfPairs are the questions: each group of counters against reading nothing, and
// the harness itself, then all of it, against a start by hand.
func selfPairs() []profile.Pair {
	nothing, bare := arm("nothing"), arm("bare")
	pairs := []profile.Pair{{What: "the harness, reading nothing", With: nothing, Without: bare}}
	for _, g := range []sample.Group{sample.Process, sample.Cgroup, sample.Noise, sample.Runtime, sample.Perf} {
		pairs = append(pairs, profile.Pair{What: "counters: " + string(g), With: arm(string(g)), Without: nothing})
	}
	return append(pairs,
		profile.Pair{What: "all counters but perf", With: arm("usual"), Without: nothing},
		profile.Pair{What: "the harness and these, against bare", With: arm("usual"), Without: bare})
}

// tellSelf judges the folder, keeps what it says there and prints it.
func (l *lab) tellSelf(dir string, p *prepared, record build.Record, f calibrateFlags) error {
	r, err := results.Read(dir)
	if err != nil {
		return err
	}
	s := profile.Self{Origin: p.origin(dir, record)}
	in := profile.Input{Plan: r.Plan, Samples: r.First(), Metrics: timings(p.description)}
	if err := s.Compare(in, armKey, selfPairs()); err != nil {
		return err
	}
	if err := results.WriteJSON(dir, selfFile, s); err != nil {
		return err
	}
	if err := results.Seal(dir); err != nil {
		return err
	}
	if f.run.json {
		return l.json(s)
	}
	width, _ := terminalWidth(l.stdout)
	return report.SelfText(l.stdout, s, width)
}

// timings are what watching could lengthen: wall and CPU time, and the workload's
// own primary metric.
func timings(d wire.Description) []wire.Metric {
	return slices.DeleteFunc(slices.Clone(d.Metrics), func(m wire.Metric) bool {
		return m.Unit != "ns/op" && m.Unit != "cpu-ns/op" && !m.Primary || m.Exact
	})
}

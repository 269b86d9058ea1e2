package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/spec"
)

// latest is the value of --resume without one.
const latest = "latest"

// toRun prepares a new run or, under --resume, an interrupted one.
func (l *lab) toRun(ctx context.Context, args []string, f runFlags) (*prepared, *results.Run, error) {
	w, err := f.wishes()
	switch {
	case err != nil:
		return nil, nil, err
	case f.resume != "":
		return l.toResume(ctx, args, f, w)
	case len(args) == 0:
		return nil, nil, usagef("which experiment? (assay list names them)")
	}
	p, err := l.prepare(ctx, args[0], w)
	return p, nil, err
}

// toResume prepares an interrupted run as it was: it keeps its seed and its design.
func (l *lab) toResume(ctx context.Context, args []string, f runFlags, w wishes) (*prepared, *results.Run, error) {
	dir, err := l.folderToResume(args, f)
	if err != nil {
		return nil, nil, err
	}
	old, err := results.Read(dir)
	if err != nil {
		return nil, nil, usage(err)
	}
	if w.seed != nil && *w.seed != old.Plan.Seed {
		return nil, nil, usagef("--seed %d: the run to go on with has seed %d", *w.seed, old.Plan.Seed)
	}
	if was := old.Plan.Spec.Override; w.override != (spec.Override{}) && w.override != was {
		return nil, nil, usagef("%s: the run to go on with has %s (a run keeps its design: start a new one instead)", w.override, cmp.Or(was.String(), "the design of its file"))
	}
	arg, err := l.fileToResume(args, &old)
	if err != nil {
		return nil, nil, err
	}
	old.Attempts = nil // they are read again once the lock is held
	w.seed, w.override = &old.Plan.Seed, old.Plan.Spec.Override
	p, err := l.prepare(ctx, arg, w)
	return p, &old, err
}

// fileToResume is the file given, the experiment of the checkout, or, of a file
// from elsewhere, the copy in the folder.
func (l *lab) fileToResume(args []string, old *results.Run) (string, error) {
	if len(args) == 1 && strings.HasSuffix(args[0], spec.Ext) {
		return args[0], nil
	}
	tree, err := l.tree()
	if err != nil {
		return "", err
	}
	names, err := experiments(tree)
	if err != nil {
		return "", err
	}
	if name := old.Plan.Spec.Name; slices.Contains(names, name) {
		return name, nil
	}
	return filepath.Join(old.Dir, results.ExperimentFile), nil
}

// folderToResume is the folder named, or the newest of an experiment.
func (l *lab) folderToResume(args []string, f runFlags) (string, error) {
	if f.resume != latest {
		return f.resume, nil
	}
	if len(args) == 0 {
		return "", usagef("--resume: of which experiment? (assay run NAME --resume, or --resume=DIR)")
	}
	if results.Is(args[0]) {
		return args[0], nil
	}
	root, err := l.resultsRoot(f)
	if err != nil {
		return "", err
	}
	name := strings.TrimSuffix(filepath.Base(args[0]), spec.Ext)
	dir, err := results.Latest(root, name)
	if err != nil {
		return "", usage(err)
	}
	return dir, nil
}

// matches names what differs between an interrupted run and what would go on with it.
func (p *prepared) matches(old *results.Run, record build.Record) error {
	var diffs []string
	now, err := p.plan.Encode()
	if err != nil {
		return err
	}
	then, err := old.Plan.Encode()
	if err != nil {
		return err
	}
	if !bytes.Equal(now, then) {
		diffs = append(diffs, planDifference(old.Plan, p.plan))
	}
	var was build.Record
	if err := results.ReadJSON(old.Dir, results.BuildsFile, &was); err != nil {
		return err
	}
	diffs = append(diffs, p.binaryDifferences(was, record)...)
	machinesThen, err := hostsOf(old.Dir)
	if err != nil {
		return err
	}
	diffs = append(diffs, p.machineDifferences(machinesThen)...)
	var feasibleThen knob.Feasibility
	if err := results.ReadJSON(old.Dir, results.FeasibleFile, &feasibleThen); err != nil {
		return err
	}
	diffs = append(diffs, p.reachDifference(feasibleThen)...)
	if len(diffs) == 0 {
		return nil
	}
	slices.Sort(diffs)
	return usagef("%s can't be gone on with here:\n  %s\nstart a new run instead", old.Dir, strings.Join(diffs, "\n  "))
}

func planDifference(then, now plan.Plan) string {
	if then.SpecSHA256 != now.SpecSHA256 {
		return fmt.Sprintf("the experiment file is not what it was (spec-sha256 %.12s, was %.12s)", now.SpecSHA256, then.SpecSHA256)
	}
	if then.Analysis != now.Analysis {
		return fmt.Sprintf("the run was planned for analysis version %d, this assay judges by %d", then.Analysis, now.Analysis)
	}
	return "the plan is not what it was"
}

// binaryDifferences names the cells that would run another binary than they ran.
func (p *prepared) binaryDifferences(was, now build.Record) []string {
	var diffs []string
	differ := func(cell int, in, sha, before string) {
		if sha != before {
			diffs = append(diffs, fmt.Sprintf("the binary of cell %s%s is %.12s, was %.12s (the workload or the toolchain changed)",
				p.plan.Name(p.plan.Cells[cell]), in, sha, before))
		}
	}
	for cell, sha := range now.Cells {
		if before, ok := was.Cells[cell]; ok {
			differ(cell, "", sha, before)
		}
	}
	for cell, drawn := range now.Layouts {
		for layout, sha := range drawn {
			differ(cell, fmt.Sprintf(" in layout %d", layout), sha, was.Layouts[cell][layout])
		}
	}
	return diffs
}

// machineDifferences are what tells the environments of now from those of a run that
// is to be gone on with.
func (p *prepared) machineDifferences(then map[string]host.Host) []string {
	now, was := slices.Sorted(maps.Keys(p.hosts)), slices.Sorted(maps.Keys(then))
	if !slices.Equal(now, was) {
		return []string{fmt.Sprintf("it would run on %s, and ran on %s (--vm says in which guests)", strings.Join(now, ", "), strings.Join(was, ", "))}
	}
	var diffs []string
	for _, env := range now {
		diffs = append(diffs, p.hosts[env].Same(then[env])...)
	}
	return diffs
}

// reachDifference names the cells that could be tested then and can't now, or
// the other way round, as between a run with root and one without.
func (p *prepared) reachDifference(then knob.Feasibility) []string {
	if len(then.Cells) != len(p.feasible.Cells) {
		return nil // the plans differ, which is said already
	}
	var diffs []string
	for i, now := range p.feasible.Cells {
		switch was := then.Cells[i]; {
		case was.Testable && !now.Testable:
			diffs = append(diffs, fmt.Sprintf("cell %s was testable and is not now: %s", p.plan.Name(p.plan.Cells[i]), now.Why))
		case !was.Testable && now.Testable:
			diffs = append(diffs, fmt.Sprintf("cell %s is testable now and was not: %s", p.plan.Name(p.plan.Cells[i]), was.Why))
		}
	}
	return diffs
}

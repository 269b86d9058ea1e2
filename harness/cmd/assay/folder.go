package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
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

func parseSeed(text string) (*uint64, error) {
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		return nil, usagef("--seed %s: a whole number from 0 to 2^64-1", text)
	}
	return &n, nil
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

func (l *lab) resultsRoot(f runFlags) (string, error) {
	if f.results != "" {
		return f.results, nil
	}
	tree, err := l.tree()
	if err != nil {
		return "", err
	}
	return shorten(filepath.Join(tree, "results")), nil
}

// shorten shows a path as it is seen from here, where that is shorter.
func shorten(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(wd, path); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return path
}

// runID names a run in the journal and among cgroups.
func runID(experiment string) string {
	var r [3]byte
	rand.Read(r[:])
	return experiment + "-" + hex.EncodeToString(r[:])
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

func planDifference(then, now plan.Plan) string {
	if then.SpecSHA256 != now.SpecSHA256 {
		return fmt.Sprintf("the experiment file is not what it was (spec-sha256 %.12s, was %.12s)", now.SpecSHA256, then.SpecSHA256)
	}
	if then.Analysis != now.Analysis {
		return fmt.Sprintf("the run was planned for analysis version %d, this assay judges by %d", then.Analysis, now.Analysis)
	}
	return "the plan is not what it was"
}

// open makes the folder of a new run, or opens that of an interrupted one to go on.
func (l *lab) open(p *prepared, record build.Record, resumed *results.Run, f runFlags) (*recorder, results.Session, []sample.Sample, error) {
	ses := results.Session{Session: 1, Version: Version, BootID: p.host.BootID, Started: time.Now().UTC()}
	var (
		folder *results.Folder
		done   []sample.Sample
		err    error
	)
	if resumed != nil {
		var run results.Run // as it is now: another session may have ended while this one waited for the lock
		folder, run, err = results.Continue(resumed.Dir)
		done, ses.Session = run.Attempts, len(run.Sessions)+1
	} else {
		folder, err = l.create(p, record, f)
	}
	if err != nil {
		return nil, ses, nil, err
	}
	log, err := os.OpenFile(filepath.Join(folder.Dir, results.LogFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	r := &recorder{folder: folder, log: log, meter: newMeter(l.stderr, f.quiet), gist: p.gist()}
	for _, s := range done {
		r.gist.Take(s)
	}
	if err == nil && !f.quiet {
		fmt.Fprintf(l.stderr, "results go to %s\n", folder.Dir)
	}
	return r, ses, done, err
}

// create makes a new folder and writes down all that is known before the first trial.
func (l *lab) create(p *prepared, record build.Record, f runFlags) (*results.Folder, error) {
	root, err := l.resultsRoot(f)
	if err != nil {
		return nil, err
	}
	folder, err := results.Create(root, time.Now(), p.plan, sample.Header(p.constant(), metrics(p.description)), func(dir string) error {
		return errors.Join(
			results.WriteFile(dir, results.ExperimentFile, p.text),
			results.WriteJSON(dir, results.FeasibleFile, p.feasible),
			results.WriteJSON(dir, results.BuildsFile, record),
			p.writeHosts(dir),
			l.cite(dir, p),
		)
	})
	return folder, elsewhere(err, "--results names another folder")
}

func hostFile(env string) string { return filepath.Join(results.HostsDir, env+".json") }

func (p *prepared) writeHosts(dir string) error {
	var errs []error
	for env, h := range p.hosts {
		errs = append(errs, results.WriteJSON(dir, hostFile(env), h))
	}
	return errors.Join(errs...)
}

// hostsOf are the environments of a results folder, by name.
func hostsOf(dir string) (map[string]host.Host, error) {
	files, err := filepath.Glob(filepath.Join(dir, hostFile("*")))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no file in it says where the run was", filepath.Join(dir, results.HostsDir))
	}
	if err != nil {
		return nil, err
	}
	all := map[string]host.Host{}
	for _, file := range files {
		var h host.Host
		env := strings.TrimSuffix(filepath.Base(file), ".json")
		if err := results.ReadJSON(dir, hostFile(env), &h); err != nil {
			return nil, err
		}
		all[env] = h
	}
	return all, nil
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

// constant is the head of samples.txt: what no trial of the run changes.
func (p *prepared) constant() []sample.Config {
	cs := []sample.Config{
		{Key: "goos", Value: "linux"}, {Key: "goarch", Value: p.host.Arch}, {Key: "cpu", Value: p.host.CPU.Model},
		{Key: "kernel", Value: p.host.Kernel}, {Key: "go", Value: p.host.GoVersion}, {Key: "machine", Value: p.host.Machine},
		{Key: "experiment", Value: p.plan.Spec.Name}, {Key: "spec-sha256", Value: p.plan.SpecSHA256},
		{Key: "seed", Value: strconv.FormatUint(p.plan.Seed, 10)}, {Key: "assay", Value: Version},
	}
	if p.plan.Level(p.plan.Cells[0], knob.KernelKey) != "" { // the key is the knob's then
		cs = slices.DeleteFunc(cs, func(c sample.Config) bool { return c.Key == "kernel" })
	}
	for _, key := range slices.Sorted(maps.Keys(p.plan.Fixed)) {
		cs = append(cs, sample.Config{Key: key, Value: p.plan.Fixed[key]})
	}
	return cs
}

// callerIDs are the user and group of who called through sudo; nil otherwise.
func callerIDs() []int {
	if u := launch.Caller(); u != nil {
		return []int{int(u.UID), int(u.GID)}
	}
	return nil
}

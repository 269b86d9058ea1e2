package main

import (
	"cmp"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/setup"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// A prepared experiment is everything that is known before anything is touched.
type prepared struct {
	file        string // the experiment's
	text        []byte // as it was found
	plan        plan.Plan
	places      spec.Places // of what the plan sets, for errors
	builder     build.Builder
	description wire.Description
	host        host.Host            // where it runs; of several guests the first
	hosts       map[string]host.Host // every environment's
	guests      *guests              // in the place of this machine; nil for this machine
	groups      *cgroup.Tree
	feasible    knob.Feasibility
	binaries    map[int]string // cell -> SHA-256, where builds are done
	doubts      []string       // of binaries that were built to find mistakes, in a run that was recorded
}

// Wishes are what a command line asks of an experiment. A nil seed is drawn,
// unless the file has one.
type wishes struct {
	seed     *uint64
	override spec.Override

	vm    *wanted // guests to run in; nil for this machine
	wait  bool    // for the host lock, which guests take at once
	quiet bool
}

// prepare reads, checks and plans an experiment and holds it against this host.
func (l *lab) prepare(ctx context.Context, arg string, w wishes) (*prepared, error) {
	tree, err := l.tree()
	if err != nil {
		return nil, err
	}
	p := &prepared{}
	if p.file, err = experimentFile(tree, arg); err != nil {
		return nil, err
	}
	if p.text, err = os.ReadFile(p.file); err != nil {
		return nil, usage(err)
	}
	e, err := p.check(ctx, l, w.override)
	if err != nil {
		return nil, err
	}
	if p.plan, err = plan.New(e, pick(w.seed, e.Design.Seed)); err != nil {
		return nil, usagef("%s: %w", p.file, err)
	}
	p.places = p.plan.Spec.Places()
	if w.vm != nil {
		return p, l.askGuests(ctx, p, w)
	}
	return p, p.look(ctx, l)
}

// load reads the file. The copy in a run's folder goes by the name of that run's
// experiment, so that a run of a file from elsewhere can be gone on with.
func (p *prepared) load() (spec.Experiment, error) {
	file, err := filepath.Abs(p.file)
	if err != nil {
		return spec.Experiment{}, err
	}
	dir := filepath.Dir(file)
	if filepath.Base(file) == results.ExperimentFile && results.Is(dir) {
		return spec.Parse(filepath.Join(dir, filepath.Base(filepath.Dir(dir))+spec.Ext), p.text)
	}
	return spec.Load(p.file)
}

// check loads the file and holds it against the knobs and the workloads.
func (p *prepared) check(ctx context.Context, l *lab, o spec.Override) (spec.Experiment, error) {
	e, unfit := p.load()
	if unfit == nil {
		e, unfit = e.With(o)
	}
	if unfit != nil && e.Name == "" {
		return e, usage(unfit)
	}
	var err error
	if p.builder, err = l.builder(); err != nil {
		return e, cmp.Or(usage(unfit), err)
	}
	cat, err := newCatalogue(ctx, p.builder)
	if err != nil {
		return e, cmp.Or(usage(unfit), err)
	}
	if unfit != nil {
		return e, usage(cmp.Or(spec.Misspelt(e, cat), unfit))
	}
	checked, err := spec.Check(e, cat)
	if cat.err != nil {
		return e, cat.err
	}
	if err != nil {
		return e, usage(err)
	}
	if p.description = sample.Outside(e.Workload); !e.Workload.Outside() {
		p.description = cat.describe(e.Workload.Program.Text)
	}
	return checked, nil
}

// look reads the host and says what it makes of the plan. Nothing is changed.
func (p *prepared) look(ctx context.Context, l *lab) (err error) {
	if p.host, err = host.Read(machine); err != nil {
		return err
	}
	if p.host.GoVersion, err = p.builder.Version(ctx); err != nil {
		return err
	}
	if p.groups, err = cgroup.Detect(string(machine)); err != nil {
		return err
	}
	if l.cgroupParent != "" {
		if p.groups, err = p.groups.At(l.cgroupParent); err != nil {
			return usage(err)
		}
	}
	p.hosts = map[string]host.Host{environment: p.host}
	if p.feasible, err = p.site().Feasible(); err != nil {
		return asUsage(err)
	}
	p.groups = p.groups.For(knob.Controllers(p.plan))
	return nil
}

func pick(flag, file *uint64) uint64 {
	switch {
	case flag != nil:
		return *flag
	case file != nil:
		return *file
	}
	return rand.Uint64()
}

// site is the plan and the machine that it is to run on.
func (p *prepared) site() setup.Site {
	return setup.Site{
		File: p.file, Plan: p.plan, Description: p.description, Host: p.host,
		Reach: p.groups.Reach, Events: func() map[string]string { return collect.NewPerf(machine).Lacks() },
	}
}

// setups resolves and builds every testable cell.
func (p *prepared) setups(ctx context.Context) (map[int]run.Setup, build.Record, error) {
	cells, record, err := p.site().Cells(ctx, p.builder, p.feasible)
	p.binaries = record.Cells
	return cells, record, asUsage(err)
}

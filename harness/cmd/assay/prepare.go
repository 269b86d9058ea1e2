package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// A prepared experiment is everything that is known before anything is touched.
type prepared struct {
	file        string // the experiment's
	text        []byte // as it was found
	plan        plan.Plan
	builder     build.Builder
	description wire.Description
	host        host.Host            // where it runs; of several guests the first
	hosts       map[string]host.Host // every environment's
	guests      *guests              // in the place of this machine; nil for this machine
	groups      *cgroup.Tree
	feasible    knob.Feasibility
	binaries    map[int]string // cell -> SHA-256, where builds are done
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
	if w.vm != nil {
		return p, l.visit(ctx, p, w)
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
		return e, err
	}
	cat, err := newCatalogue(ctx, p.builder)
	if err != nil {
		return e, err
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
	p.feasible = knob.Feasible(p.plan, p.host, p.groups.Reach)
	if !p.limitsDisks() {
		p.groups = p.groups.WithoutIO()
	}
	return p.duet()
}

// limitsDisks says whether some cell sets a limit of the io controller for some role.
func (p *prepared) limitsDisks() bool {
	return slices.ContainsFunc(p.plan.Cells, func(c plan.Cell) bool {
		for key := range p.plan.Settings(c) {
			if _, name := knob.Address(key); strings.HasPrefix(name, "io.") {
				return true
			}
		}
		return false
	})
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

// untestable are the cells that this host can't run, with the reasons.
func (p *prepared) untestable() map[int]string {
	m := map[int]string{}
	for _, c := range p.feasible.Cells {
		if !c.Testable {
			m[c.Index] = c.Why
		}
	}
	return m
}

// setups resolves and builds every testable cell. Equal build settings are built once.
func (p *prepared) setups(ctx context.Context) (map[int]run.Setup, build.Record, error) {
	record := build.Record{Description: p.description}
	built := map[string]build.Binary{}
	reachable := knob.Reachable(p.host, p.groups.Reach)
	skip := p.untestable()
	cells := map[int]run.Setup{}
	for _, c := range p.plan.Cells {
		if _, no := skip[c.Index]; no {
			continue
		}
		s, err := p.setup(ctx, c, reachable, built)
		if err != nil {
			return nil, record, err
		}
		record.Add(c.Index, s.Binary)
		for layout, b := range s.Layouts {
			record.AddLayout(c.Index, layout, b)
		}
		cells[c.Index] = s
	}
	p.binaries = record.Cells
	return cells, record, nil
}

func (p *prepared) setup(ctx context.Context, c plan.Cell, h host.Host, built map[string]build.Binary) (run.Setup, error) {
	s := run.Setup{Cell: c, Talks: !p.plan.Spec.Workload.Outside()}
	levels := p.plan.Settings(c)
	sides, err := p.sides(c, h)
	if err != nil {
		return s, err
	}
	var effects knob.Effects
	for i, side := range sides {
		if effects, err = knob.Resolve(levels, side); err != nil {
			return s, fmt.Errorf("cell %s: %w", p.plan.Name(c), err)
		}
		roles, err := p.roles(c, levels, effects, side)
		if err != nil {
			return s, err
		}
		if i == 0 {
			s.Roles = roles
		} else {
			s.Beside = roles
		}
	}
	if s.Binary, err = p.build(ctx, levels, effects.Build, built); err != nil {
		return s, err
	}
	s.Layouts = map[uint64]build.Binary{}
	for _, layout := range p.layouts() {
		if s.Layouts[layout], err = p.build(ctx, levels, knob.WithLayout(effects.Build, layout), built); err != nil {
			return s, err
		}
	}
	return s, nil
}

// build makes the workload with some settings, unless it has been made. A
// command's program may be the level of a param.
func (p *prepared) build(ctx context.Context, levels, env map[string]string, built map[string]build.Binary) (build.Binary, error) {
	key := fmt.Sprint(env)
	if w := p.plan.Spec.Workload; w.Command != nil {
		key = w.Argv(levels)[0]
	}
	if bin, ok := built[key]; ok {
		return bin, nil
	}
	bin, err := p.artefact(ctx, levels, env)
	if err == nil {
		built[key] = bin
	}
	return bin, err
}

// layouts are the orders of functions that some block drew.
func (p *prepared) layouts() []uint64 {
	drawn := map[uint64]bool{}
	for _, b := range p.plan.Blocks {
		if seed, ok := b.Nuisance[spec.NuisanceLayout]; ok {
			drawn[seed] = true
		}
	}
	return slices.Sorted(maps.Keys(drawn))
}

// roles says what a cell means for each process of its trials. The harness keeps
// to CPUs of its own; a role under test without a CPU knob has them all.
func (p *prepared) roles(c plan.Cell, levels map[string]string, tested knob.Effects, h host.Host) ([]run.Role, error) {
	described := p.description.Roles
	var roles []run.Role
	for _, d := range described {
		r := run.Role{Name: d.Name, Tested: d.Name == p.description.UnderTest().Name, Levels: levels, Effects: tested}
		if !r.Tested {
			var err error
			r.Levels = knob.Levels(levels, r.Name)
			if r.Effects, err = knob.ResolveBeside(r.Name, levels, h, tested); err != nil {
				return nil, fmt.Errorf("cell %s: %w", p.plan.Name(c), err)
			}
		} else if tested.Process.Affinity == nil {
			r.Effects.Process.Affinity = h.CPU.Allowed
		}
		role, inject := "", 0.0
		if len(described) > 1 {
			role = r.Name
		}
		if r.Name == p.description.Printer().Name {
			inject = c.Inject
		}
		r.Causes, r.Args, r.CPUs = knob.Causes(r.Levels), p.arguments(levels, role, inject, p.asked()), r.Effects.Process.Affinity
		if r.Name == p.description.Printer().Name && !p.plan.Spec.Workload.Outside() && sample.Asked(p.plan.Spec.Measure, sample.Runtime) {
			r.Args = append(r.Args, "-"+wire.FlagStats)
		}
		roles = append(roles, r)
	}
	return roles, nil
}

// crowding says who shares a CPU with whom, the harness among them, a line each.
func crowding(cells map[int]run.Setup, harness []int, shared bool) []string {
	lines := crowded(cells, harness)
	if shared {
		lines = append([]string{fmt.Sprintf("the harness shares CPU %d with the workload: no CPU was left for it", harness[0])}, lines...)
	}
	return lines
}

// crowded says which roles have no CPU of their own, a line for each that shares
// with the role under test or with the harness.
func crowded(cells map[int]run.Setup, harness []int) []string {
	var lines []string
	share := func(role string, cpus []int, with string) {
		line := fmt.Sprintf("%s shares CPUs %s with %s: none was left", role, host.FormatCPUs(cpus), with)
		if len(cpus) > 0 && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for _, cell := range slices.Sorted(maps.Keys(cells)) {
		tested := cells[cell].Tested()
		for _, r := range cells[cell].Roles {
			if !r.Tested {
				share(r.Name, common(r.CPUs, tested.CPUs), tested.Name+", which is under test")
				share(r.Name, common(r.CPUs, harness), "the harness")
			}
		}
	}
	return lines
}

func common(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(cpu int) bool { return !slices.Contains(b, cpu) })
}

// housekeeping are the CPUs that no cell measures and, if any are left then, no
// role has. Where every CPU is measured the harness shares one, and says so.
func (p *prepared) housekeeping(cells map[int]run.Setup) (cpus []int, shared bool) {
	var measured, taken []int
	for _, c := range cells {
		for _, r := range slices.Concat(c.Roles, c.Beside) {
			taken = append(taken, r.CPUs...)
			if r.Tested {
				measured = append(measured, r.CPUs...)
			}
		}
	}
	for _, used := range [][]int{taken, measured} {
		free := slices.DeleteFunc(slices.Clone(p.host.CPU.Allowed), func(cpu int) bool { return slices.Contains(used, cpu) })
		if len(free) > 0 {
			return free, false
		}
	}
	return p.host.CPU.Allowed[:1], true
}

// reasons says why cells are not testable: a line for each level that this
// machine can't have, and for cells whose levels do not go together.
func (p *prepared) reasons() []string {
	var lines []string
	for _, l := range p.feasible.Levels {
		if l.Word != knob.Yes {
			lines = append(lines, "not testable here: "+l.Why)
		}
	}
	apart := map[string][]string{}
	for _, c := range p.feasible.Cells {
		if !c.Testable && !p.lacks(c.Index) {
			apart[c.Why] = append(apart[c.Why], p.plan.Name(p.plan.Cells[c.Index]))
		}
	}
	for _, why := range slices.Sorted(maps.Keys(apart)) {
		lines = append(lines, fmt.Sprintf("not testable here: %s: %s", few(apart[why]), why))
	}
	return lines
}

// lacks says whether a cell has a level that this machine can't have.
func (p *prepared) lacks(cell int) bool {
	settings := p.plan.Settings(p.plan.Cells[cell])
	return slices.ContainsFunc(p.feasible.Levels, func(l knob.LevelSupport) bool {
		return l.Word != knob.Yes && settings[l.Key] == l.Level
	})
}

// few shows the first of many names.
func few(names []string) string {
	const most = 3
	if n := len(names) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n)
	}
	return strings.Join(names, ", ")
}

// facts are what a claim's source is held against: what every environment has alike.
func (p *prepared) facts() map[string]string {
	all := map[string]string{"go": p.host.GoVersion, "kernel": p.host.Kernel, "arch": p.host.Arch}
	for _, h := range p.hosts {
		if h.Kernel != p.host.Kernel {
			delete(all, "kernel")
		}
	}
	return all
}

// buildKeys are the keys of a plan that address the build.
func buildKeys(p plan.Plan) []string {
	var keys []string
	for _, c := range p.Cells {
		for key := range maps.Keys(p.Settings(c)) {
			if k, ok := knob.Lookup(key); ok && k.Scope == knob.Build && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

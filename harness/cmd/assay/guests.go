package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/vm"
)

// Guests are the machines that a run has in the place of this one: one a kernel.
// One is up at a time, so that none takes CPUs from another; a step of another
// kernel's boots that one anew.
type guests struct {
	want    wanted
	lock    *journal.Lock
	journal *journal.Journal // of their folder: nothing else of this machine is touched
	scratch string           // their folder
	dir     string           // in it: files that they are sent with
	all     []*guest
	of      map[int]*guest // cell -> the one of its kernel
	up      *visit         // nil: none
	tell    func(format string, args ...any)
	notes   []string // for the report
}

// A guest is one kernel's machine.
type guest struct {
	series  string
	env     string
	machine vm.Machine
	errand  errand
	survey  survey
	noted   bool // its notes are among those of all
}

// visit asks guests, in the place of this machine, what they make of the plan. The
// host lock is held from here on: their CPUs are this machine's. On an error nothing
// is left.
func (l *lab) visit(ctx context.Context, p *prepared, w wishes) (err error) {
	g := &guests{want: *w.vm, of: map[int]*guest{}, tell: l.teller(w.quiet)}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.close(context.WithoutCancel(ctx)))
		}
	}()
	if err := p.portable(); err != nil {
		return err
	}
	if err := p.bringable(ctx, w.vm.arch); err != nil {
		return err
	}
	kernels, err := p.kernels(w.vm.kernel)
	if err != nil {
		return err
	}
	if err := g.find(p, kernels); err != nil {
		return usage(err)
	}
	if g.lock, err = l.acquire(ctx, runID(p.plan.Spec.Name), w.wait); err != nil {
		return err
	}
	if err := g.shelter(l, runID("vm")); err != nil {
		return err
	}
	if err := g.pack(ctx, p); err != nil {
		return err
	}
	for _, one := range slices.Backward(g.all) { // so that the first, where trials begin, is up then
		if err := g.look(ctx, one); err != nil {
			return err
		}
	}
	p.guests = g
	g.merge(p)
	return nil
}

// teller says what goes on, unless quiet.
func (l *lab) teller(quiet bool) func(format string, args ...any) {
	if quiet {
		return func(string, ...any) {}
	}
	return func(format string, args ...any) { fmt.Fprintf(l.stderr, format+"\n", args...) }
}

// shelter makes the folder of the guests, and puts back first what an earlier run left.
// The name is short: sockets lie in it, whose paths the kernel bounds (unix(7)).
func (g *guests) shelter(l *lab, id string) error {
	state, err := l.stateDir()
	if err != nil {
		return err
	}
	if g.journal, err = journal.Open(state); err != nil {
		return elsewhere(err, "--state names another folder for the journal")
	}
	if err := l.recover(g.journal); err != nil {
		return err
	}
	if g.scratch, err = makeFolder(g.journal, id); err != nil {
		return fmt.Errorf("folder for the guests: %w", err)
	}
	g.dir = filepath.Join(g.scratch, "kit")
	return os.Mkdir(g.dir, 0o700)
}

// unshelter takes the folder away.
func (g *guests) unshelter() error {
	if g.journal == nil {
		return nil
	}
	report, err := g.journal.Restore(machine, undoers, journal.Options{})
	err = errors.Join(err, unrestored(report), g.journal.Close())
	g.journal = nil
	return err
}

// portable refuses what guests have no place for.
func (p *prepared) portable() error {
	switch spec := p.plan.Spec; {
	case spec.Workload.Command != nil && spec.Workload.Dir.Text != "":
		return usagef("%s: a guest has no folder %s: leave workload.dir out, or drop --vm", p.file, spec.Workload.Dir.Text)
	case len(sample.Recordings(spec.Measure)) > 0:
		return usagef("%s: profiles and traces are not brought back from guests: drop them from measure, or drop --vm", p.file)
	}
	return nil
}

// kernels are the series that a plan needs, in its order.
func (p *prepared) kernels(flag string) ([]string, error) {
	var all []string
	for _, c := range p.plan.Cells {
		if k := p.plan.Level(c, knob.KernelKey); k != "" && k != knob.Default && !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	slow := slices.ContainsFunc(p.plan.Spec.Design.WholePlot, func(s spec.Scalar) bool { return s.Text == knob.KernelKey })
	switch {
	case len(all) == 0 && flag == "":
		return nil, usagef("--vm: which kernel? (kernel=6.1, or a knob of the experiment: kernel: [6.1, 6.12])")
	case len(all) == 0:
		return []string{flag}, nil
	case flag != "" && !slices.Equal(all, []string{flag}):
		return nil, usagef("--vm kernel=%s: %s says itself which kernels it wants: leave kernel out of --vm", flag, p.file)
	case len(all) > 1 && !slow:
		return nil, usagef("%s: each change of the kernel boots a guest, so its trials have to run together (design: {whole-plot: [kernel]})", p.file)
	}
	return all, nil
}

// find finds a kernel of each series in the cache.
func (g *guests) find(p *prepared, kernels []string) error {
	cache, err := vm.Cache()
	if launch.Caller() != nil && os.Getenv("ASSAY_KERNELS") == "" {
		cache, err = filepath.Join(p.builder.Home, ".cache", "assay", "kernels"), nil
	}
	if err != nil {
		return err
	}
	for _, series := range kernels {
		k, err := vm.Find(cache, series, g.want.arch, g.want.frequencies != nil)
		if err != nil {
			return err
		}
		g.all = append(g.all, &guest{series: series, env: g.want.env(series), machine: g.want.machine(k)})
	}
	return nil
}

// look boots a guest and asks it what it is and what of the plan it can test.
func (g *guests) look(ctx context.Context, one *guest) error {
	v, err := g.boot(ctx, one)
	if err != nil {
		return err
	}
	var out, said bytes.Buffer
	status, err := v.Run(ctx, vm.Command{Args: []string{agentThere, "agent", "survey"}, Env: guestEnv, Stdout: &out, Stderr: &said})
	if err != nil {
		return err
	}
	if status != exitDone {
		return outcome{max(status, exitFailed), fmt.Errorf("guest %s: %s", one.env, bytes.TrimSpace(said.Bytes()))}
	}
	if err := json.Unmarshal(out.Bytes(), &one.survey); err != nil {
		return fmt.Errorf("guest %s: what it is: %w", one.env, err)
	}
	return nil
}

// guestEnv is the environment of the agent.
var guestEnv = []string{"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TMPDIR=/tmp", "LANG=C"}

// merge gives the plan what the guests make of it: of each cell what the guest of
// its kernel says, of each level the best that any says.
func (g *guests) merge(p *prepared) {
	p.hosts = map[string]host.Host{}
	for i, one := range g.all {
		p.hosts[one.env] = one.survey.Host
		f := one.survey.Feasible
		if i == 0 {
			p.host, p.feasible = one.survey.Host, f
			p.feasible.Levels, p.feasible.Cells = slices.Clone(f.Levels), slices.Clone(f.Cells)
		}
		maps.DeleteFunc(p.feasible.Uncounted, func(unit, _ string) bool { _, lacking := f.Uncounted[unit]; return !lacking })
		for j, l := range f.Levels {
			if best := &p.feasible.Levels[j]; best.Word != knob.Yes && l.Word == knob.Yes {
				*best = l
			}
		}
		for _, c := range p.plan.Cells {
			if k := p.plan.Level(c, knob.KernelKey); k == one.series || i == 0 && (k == "" || k == knob.Default) {
				g.of[c.Index], p.feasible.Cells[c.Index] = one, f.Cells[c.Index]
			}
		}
	}
}

// Try has a step made in the guest of its kernel. A guest that is lost on the way
// fails the step's trials, which are tried again in a new one.
func (g *guests) Try(ctx context.Context, step []run.Attempt) ([]sample.Sample, error) {
	one := g.of[step[0].Cell.Index]
	v, err := onceMore(ctx, func() (*visit, error) { return g.enter(ctx, one) }, g.tell)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	samples, err := v.try(ctx, step)
	if err != nil {
		g.up = nil
		v.Cut()
		return v.lost(step, begun, fmt.Errorf("guest %s: %w", one.env, err)), nil
	}
	for i := range samples {
		samples[i].InGuest(v.Emulated())
	}
	return samples, nil
}

// enter is a guest that is up and has taken the plan on.
func (g *guests) enter(ctx context.Context, one *guest) (*visit, error) {
	v, err := g.boot(ctx, one)
	if err != nil || v.remote != nil {
		return v, err
	}
	notes, err := v.begin(ctx)
	if err != nil {
		g.up = nil
		v.Cut()
		return nil, fmt.Errorf("guest %s: %w", one.env, err)
	}
	if !one.noted {
		one.noted = true
		for _, n := range notes {
			g.notes = append(g.notes, one.env+": "+n)
		}
	}
	return v, nil
}

// boot is a guest that is up. Another one that was is ended first.
func (g *guests) boot(ctx context.Context, one *guest) (*visit, error) {
	if g.up != nil && g.up.guest == one {
		return g.up, nil
	}
	g.off(ctx)
	m := one.machine
	m.Dir = g.scratch
	files, err := g.kit()
	if err != nil {
		return nil, err
	}
	told, err := json.Marshal(one.errand)
	if err != nil {
		return nil, err
	}
	m.Files = slices.Concat(m.Files, files, []vm.File{{Path: errandThere, Body: told}})
	booted, err := vm.Boot(ctx, m)
	if err != nil {
		return nil, err
	}
	how := "KVM"
	if booted.Emulated() {
		how = "emulated: its timings decide no claim"
	}
	g.tell("guest %s is up after %v (%s, %s)", one.env, booted.Took.Round(100*time.Millisecond), m.Kernel.Release, how)
	g.up = &visit{Guest: booted, guest: one}
	return g.up, nil
}

// off ends the guest that is up, in order. What was measured there is here already,
// and the machine ends with it: what it says as it ends is a note.
func (g *guests) off(ctx context.Context) {
	v := g.up
	if v == nil {
		return
	}
	g.up = nil
	if err := v.end(ctx); err != nil {
		g.notes = append(g.notes, fmt.Sprintf("guest %s, as it ended: %v", v.guest.env, err))
	}
	v.Cut()
}

// close ends all and gives the lock back.
func (g *guests) close(ctx context.Context) error {
	g.off(ctx)
	err := g.unshelter()
	if g.lock != nil {
		err = errors.Join(err, g.lock.Release())
		g.lock = nil
	}
	return err
}

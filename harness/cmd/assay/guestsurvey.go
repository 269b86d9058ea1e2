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

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/vm"
)

// askGuests asks guests, in the place of this machine, what they make of the plan. The
// host lock is held from here on: their CPUs are this machine's. On an error nothing
// is left.
func (l *lab) askGuests(ctx context.Context, p *prepared, w wishes) (err error) {
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

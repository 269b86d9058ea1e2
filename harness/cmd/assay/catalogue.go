package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// A catalogue is what there is to name in an experiment: spec.Catalogue over
// the knobs compiled in and the workloads of the tree. A workload is built and
// asked only once it is named.
type catalogue struct {
	ctx       context.Context
	builder   build.Builder
	programs  []string
	described map[string]wire.Description
	err       error // the first failure to build or ask: it is the caller's to report

	toolchains map[string]toolchain // those asked so far, by the folder and the settings
	ours       map[string]bool      // programs of commands that the toolchain here could have built
}

type toolchain struct {
	build.Toolchain
	err error
}

func newCatalogue(ctx context.Context, b build.Builder) (*catalogue, error) {
	programs, err := b.Programs(ctx)
	if err != nil {
		return nil, err
	}
	return &catalogue{ctx: ctx, builder: b, programs: programs, described: map[string]wire.Description{}, toolchains: map[string]toolchain{}, ours: map[string]bool{}}, nil
}

func (c *catalogue) Knobs() []string {
	var names []string
	for _, k := range knob.All() {
		names = append(names, k.Name)
	}
	return names
}

func (c *catalogue) Level(program, key, text string) (string, bool, error) {
	role, name := knob.Address(key)
	if _, ok := knob.Lookup(name); !ok {
		return "", false, nil
	}
	if role == "" {
		canonical, err := knob.Parse(name, text)
		return canonical, true, reason(err)
	}
	switch d := c.describe(program); {
	case len(d.Roles) > 1 && d.UnderTest().Name == role:
		return "", true, fmt.Errorf("%s is the role under test, which knobs address without a name: write %s", role, name)
	case !slices.Contains(d.Beside(), role):
		return "", false, nil
	}
	canonical, err := knob.ParseFor(role, name, text)
	return canonical, true, reason(err)
}

// reason is what is wrong with a level, without its key, which whoever knows the
// place puts before it.
func reason(err error) error {
	var bad *knob.BadLevel
	if errors.As(err, &bad) {
		return bad.Reason()
	}
	return err
}

// Roles are none of an outside program's, whose name is empty here.
func (c *catalogue) Roles(program string) []string {
	if program == "" {
		return nil
	}
	return c.describe(program).Beside()
}

func (c *catalogue) Programs() []string { return c.programs }

func (c *catalogue) Params(program string) []string {
	var names []string
	for _, p := range c.describe(program).Params {
		names = append(names, p.Name)
	}
	return names
}

func (c *catalogue) Param(program, param, text string) (string, error) {
	params := c.describe(program).Params
	i := slices.IndexFunc(params, func(p wire.Param) bool { return p.Name == param })
	return params[i].Canonical(text)
}

func (c *catalogue) Metrics(program string) []string {
	var units []string
	for _, m := range metrics(c.describe(program)) {
		units = append(units, m.Unit)
	}
	return units
}

func (c *catalogue) Metric(program, unit string) (exact, ok bool) {
	all := metrics(c.describe(program))
	i := slices.IndexFunc(all, func(m wire.Metric) bool { return m.Unit == unit })
	return i >= 0 && all[i].Exact, i >= 0
}

// Misfits are of a command only where it is a Go program of the version that builds
// here. A toolchain whose sources can't be read is not known to lack anything.
func (c *catalogue) Misfits(w spec.Workload, levels map[string]string) []spec.Misfit {
	if w.Command != nil && !c.likeOurs(w.Argv(levels)[0]) {
		return nil
	}
	dir := ""
	if w.Gotest != nil {
		dir = w.Gotest.Dir.Text
	}
	t := c.toolchain(dir, knob.Toolchain(levels))
	found := knob.Misfits(levels, t.Toolchain)
	if errors.Is(t.err, build.ErrNoToolchain) {
		found = []knob.Misfit{knob.NoToolchain(levels, t.err)}
	}
	var all []spec.Misfit
	for _, m := range found {
		all = append(all, spec.Misfit{Key: m.Key, Level: m.Level, Why: m.Why + spec.Suggest(m.Text, m.There)})
	}
	return all
}

// likeOurs says whether a program is one that the toolchain here could have built, so
// that it reads what its sources know.
func (c *catalogue) likeOurs(program string) bool {
	known, asked := c.ours[program]
	if !asked {
		bin, err := c.builder.Command(c.ctx, program, "")
		_, known = bin.Settings[build.KeyDebugs]
		known = known && err == nil
		c.ours[program] = known
	}
	return known
}

// toolchain is the one that builds from a folder with some settings.
func (c *catalogue) toolchain(dir string, settings map[string]string) toolchain {
	key := fmt.Sprint(dir, settings)
	t, known := c.toolchains[key]
	if !known {
		t.Toolchain, t.err = c.builder.Toolchain(c.ctx, dir, settings)
		c.toolchains[key] = t
	}
	return t
}

// Group looks for a counter of the role under test, or of one beside it.
func (c *catalogue) Group(program, unit string) string {
	if program != "" {
		d := c.describe(program)
		if slices.ContainsFunc(d.Metrics, func(m wire.Metric) bool { return m.Unit == unit }) {
			return ""
		}
		for _, role := range d.Beside() {
			if own, ok := strings.CutPrefix(unit, role+"-"); ok {
				unit = own
			}
		}
	}
	switch group := sample.GroupOf(unit); group {
	case sample.Runtime, sample.Cgroup, sample.Perf:
		return string(group)
	}
	return ""
}

func (c *catalogue) Counters() []string {
	var units []string
	for _, m := range sample.Counters() {
		units = append(units, m.Unit)
	}
	return units
}

func (c *catalogue) Built(key string) bool {
	k, ok := knob.Lookup(key)
	return ok && k.Scope == knob.Build
}

func (c *catalogue) Executable(program string) error {
	_, err := c.builder.Executable(program)
	return err
}

func (c *catalogue) Package(dir, path string) error {
	_, err := c.builder.Package(c.ctx, dir, path)
	return err
}

// has refuses a program that the tree does not hold.
func (c *catalogue) has(program string) error {
	if slices.Contains(c.programs, program) {
		return nil
	}
	return usagef("no workload %q%s (there are: %s)", program, spec.Suggest(program, c.programs), strings.Join(c.programs, ", "))
}

// metrics are the units that a line can hold: the workload's own, and the
// counters that the harness adds where the workload has no such unit itself.
func metrics(d wire.Description) []wire.Metric {
	all := slices.Clone(d.Metrics)
	for _, m := range sample.Counters(d.Beside()...) {
		if strings.HasSuffix(m.Unit, sample.WholeProcess) {
			continue
		}
		if !slices.ContainsFunc(all, func(o wire.Metric) bool { return o.Unit == m.Unit }) {
			all = append(all, m)
		}
	}
	return all
}

// describe builds a workload and asks it what it is, once.
func (c *catalogue) describe(program string) wire.Description {
	if d, ok := c.described[program]; ok {
		return d
	}
	bin, err := c.builder.Build(c.ctx, program, nil)
	var d wire.Description
	if err == nil {
		d, err = c.builder.Describe(c.ctx, bin)
	}
	if err == nil {
		err = distinct(d)
	}
	if err != nil && c.err == nil {
		c.err = err
	}
	c.described[program] = d
	return d
}

// distinct refuses a role by whose name a knob could not be told from others: in
// cpu.max, cpu is no role.
func distinct(d wire.Description) error {
	for _, role := range d.Beside() {
		for _, k := range knob.All() {
			if family, _, ok := strings.Cut(k.Name, "."); ok && family == role {
				return fmt.Errorf("workload %s: role %q has the name of the knob %s: call it something else", d.Name, role, k.Name)
			}
		}
	}
	return nil
}

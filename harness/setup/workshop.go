package setup

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/spec"
)

// A Maker makes what cells run, for this machine or for another.
type Maker interface {
	Build(ctx context.Context, program string, env map[string]string) (build.Binary, error)
	Test(ctx context.Context, dir, path string, env map[string]string) (build.Binary, error)
	Command(ctx context.Context, name, dir string) (build.Binary, error)
}

// A Builder makes what cells run here. [build.Builder] is the real one.
type Builder interface {
	Maker

	// Benchmarks are those of a test binary by name; an error where it does not say.
	Benchmarks(ctx context.Context, bin build.Binary) ([]string, error)
}

// Artefact is what a cell runs: a workload or a test binary, built with settings,
// or the program of a command where it is. A program that is not there is [Unfit].
func Artefact(ctx context.Context, b Maker, w spec.Workload, levels, env map[string]string) (build.Binary, error) {
	switch {
	case w.Gotest != nil:
		return b.Test(ctx, w.Gotest.Dir.Text, w.Gotest.Package.Text, env)
	case w.Command != nil:
		bin, err := b.Command(ctx, w.Argv(levels)[0], w.Dir.Text)
		if err != nil {
			return bin, Unfit{err}
		}
		return bin, nil
	}
	return b.Build(ctx, w.Program.Text, env)
}

// Made is what a cell runs.
type Made struct {
	Binary  build.Binary
	Layouts map[uint64]build.Binary // the same, linked in the orders that blocks draw
}

// Make makes what cells run, and writes down what that is. builds are the settings of
// each cell, see [Site.Builds]; equal ones are built once.
func (s Site) Make(ctx context.Context, m Maker, builds map[int]map[string]string) (map[int]Made, build.Record, error) {
	record := build.Record{Description: s.Description}
	shop := workshop{maker: m, workload: s.Plan.Spec.Workload, made: map[string]build.Binary{}}
	all := map[int]Made{}
	for _, cell := range slices.Sorted(maps.Keys(builds)) {
		made, err := shop.make(ctx, s.Plan.Settings(s.Plan.Cells[cell]), builds[cell], s.Plan.Layouts())
		if err != nil {
			return nil, record, s.placed(err)
		}
		record.Add(cell, made.Binary)
		for layout, bin := range made.Layouts {
			record.AddLayout(cell, layout, bin)
		}
		all[cell] = made
	}
	return all, record, nil
}

// A workshop keeps what was made for one cell for the others.
type workshop struct {
	maker    Maker
	workload spec.Workload
	made     map[string]build.Binary // by what tells artefacts apart
}

// make makes what a cell runs, and the same once for each order of functions.
func (w workshop) make(ctx context.Context, levels, env map[string]string, layouts []uint64) (m Made, err error) {
	if m.Binary, err = w.binary(ctx, levels, env); err != nil {
		return m, err
	}
	m.Layouts = map[uint64]build.Binary{}
	for _, seed := range layouts {
		if m.Layouts[seed], err = w.binary(ctx, levels, knob.WithLayout(env, seed)); err != nil {
			return m, err
		}
	}
	return m, nil
}

// binary makes the workload with some settings, unless it has been made. A
// command's program may be the level of a param.
func (w workshop) binary(ctx context.Context, levels, env map[string]string) (build.Binary, error) {
	key := fmt.Sprint(env)
	if w.workload.Command != nil {
		key = w.workload.Argv(levels)[0]
	}
	if bin, ok := w.made[key]; ok {
		return bin, nil
	}
	bin, err := Artefact(ctx, w.maker, w.workload, levels, env)
	if err == nil {
		w.made[key] = bin
	}
	return bin, err
}

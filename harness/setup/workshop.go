package setup

import (
	"context"
	"fmt"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/spec"
)

// A Maker makes what cells run, for this machine or for another.
type Maker interface {
	Build(ctx context.Context, program string, env map[string]string) (build.Binary, error)
	Test(ctx context.Context, dir, path string, env map[string]string) (build.Binary, error)
	Command(name, dir string) (build.Binary, error)
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
		bin, err := b.Command(w.Argv(levels)[0], w.Dir.Text)
		if err != nil {
			return bin, Unfit{err}
		}
		return bin, nil
	}
	return b.Build(ctx, w.Program.Text, env)
}

// A workshop keeps what was made for one cell for the others.
type workshop struct {
	builder  Builder
	workload spec.Workload
	made     map[string]build.Binary // by what tells artefacts apart
}

// binary makes the workload with some settings, unless it has been made. A
// command's program may be the level of a param.
func (w *workshop) binary(ctx context.Context, levels, env map[string]string) (build.Binary, error) {
	key := fmt.Sprint(env)
	if w.workload.Command != nil {
		key = w.workload.Argv(levels)[0]
	}
	if bin, ok := w.made[key]; ok {
		return bin, nil
	}
	bin, err := Artefact(ctx, w.builder, w.workload, levels, env)
	if err == nil {
		w.made[key] = bin
	}
	return bin, err
}

// layouts makes the same once for each order of functions.
func (w *workshop) layouts(ctx context.Context, levels, env map[string]string, seeds []uint64) (map[uint64]build.Binary, error) {
	all := map[uint64]build.Binary{}
	for _, seed := range seeds {
		bin, err := w.binary(ctx, levels, knob.WithLayout(env, seed))
		if err != nil {
			return nil, err
		}
		all[seed] = bin
	}
	return all, nil
}

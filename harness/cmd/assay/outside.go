package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
)

// artefact is what a cell runs: a workload or a test binary, built with its
// settings, or the program of a command where it is.
func (p *prepared) artefact(ctx context.Context, levels, env map[string]string) (build.Binary, error) {
	switch w := p.plan.Spec.Workload; {
	case w.Gotest != nil:
		return p.builder.Test(ctx, w.Gotest.Dir.Text, w.Gotest.Package.Text, env)
	case w.Command != nil:
		bin, err := p.builder.Command(w.Argv(levels)[0], w.Dir.Text)
		return bin, usage(err)
	default:
		return p.builder.Build(ctx, w.Program.Text, env)
	}
}

// arguments are those of a role of a cell's program. benchtime is that of a gotest.
func (p *prepared) arguments(levels map[string]string, role string, inject float64, benchtime string) []string {
	switch w := p.plan.Spec.Workload; {
	case w.Gotest != nil:
		return append(run.TestArgs(*w.Gotest, benchtime), run.Args(levels, "", 0)...)
	case w.Command != nil:
		return w.Argv(levels)[1:]
	}
	return run.Args(levels, role, inject)
}

// asked is the benchtime of the experiment; "" for what is no gotest.
func (p *prepared) asked() string {
	g := p.plan.Spec.Workload.Gotest
	switch {
	case g == nil:
		return ""
	case g.Benchtime.Text == "":
		return spec.DefaultBenchtime
	}
	return g.Benchtime.Text
}

// pilotLimit bounds a gotest whose iterations are still to be found.
const pilotLimit = 10 * time.Minute

// iterate finds how many iterations a gotest's trials make, where the experiment
// gives a time, and has all cells make as many. A run that is gone on with takes
// the number that its folder has. It returns the pilot among the attempts done.
func (p *prepared) iterate(ctx context.Context, c run.Config, r *recorder, cells map[int]run.Setup) ([]sample.Sample, error) {
	g := p.plan.Spec.Workload.Gotest
	if g == nil {
		return c.Done, nil
	}
	if _, counted := g.Iterations(); counted {
		return c.Done, nil
	}
	it, err := iterations(r.folder.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		var s sample.Sample
		if s, err = run.Pilot(ctx, c, pilotLimit); err != nil {
			return c.Done, err
		}
		if !s.Counts() {
			return c.Done, fmt.Errorf("the pilot, which finds how many iterations a trial makes, failed: %s: %s", s.Outcome, s.Error)
		}
		c.Done = append(c.Done, s)
		it = run.Count(s.Lines, g.Time(), p.plan.Name(p.plan.Cells[s.Cell]))
		err = results.WriteJSON(r.folder.Dir, results.IterationsFile, it)
	}
	if err != nil {
		return c.Done, err
	}
	r.note("every trial makes %s, found in the cell %s for %s", it.Benchtime, it.Cell, it.Time)
	for _, setup := range cells {
		setup.Roles[0].Args = p.arguments(setup.Roles[0].Levels, "", 0, it.Benchtime)
	}
	return c.Done, nil
}

// iterations are those that a folder has; fs.ErrNotExist where it has none.
func iterations(dir string) (it run.Iterations, err error) {
	return it, results.ReadJSON(dir, results.IterationsFile, &it)
}

// warmed is the look at the warm-ups of an outside program: only they show
// whether it prints what the claims are about.
func (p *prepared) warmed() func([]sample.Sample) error {
	if !p.plan.Spec.Workload.Outside() {
		return nil
	}
	return func(warm []sample.Sample) error {
		if err := verdict.Printed(p.plan, warm); err != nil {
			return fmt.Errorf("%w\nno block was begun: mend the program or the claims", err)
		}
		return nil
	}
}

// unseen are the notes of a plan on claims that only the warm-up can hold against
// what the program prints.
func (p *prepared) unseen() []string {
	w := p.plan.Spec.Workload
	if !w.Outside() {
		return nil
	}
	var notes []string
	if w.Gotest != nil && w.Gotest.Time() > 0 {
		notes = append(notes, fmt.Sprintf("one attempt before the first block finds how many iterations take %s; then every trial makes as many", p.asked()))
	}
	for _, c := range p.plan.Spec.Claims {
		if w.Open() {
			notes = append(notes, fmt.Sprintf("claim %s: whether the program prints %s is not known before the warm-up, and is looked at then", c.ID.Text, c.Compare.Metric))
		}
	}
	return notes
}

// unchanged holds a command's programs against what they were at the start: a
// program that was replaced under a run makes two experiments of it.
func (p *prepared) unchanged(cells map[int]run.Setup) error {
	if p.plan.Spec.Workload.Command == nil {
		return nil
	}
	var errs []error
	seen := map[string]bool{}
	for _, s := range cells {
		if seen[s.Binary.Path] {
			continue
		}
		seen[s.Binary.Path] = true
		now, err := p.builder.Command(s.Binary.Path, "")
		if err == nil && now.SHA256 != s.Binary.SHA256 {
			err = fmt.Errorf("%s was changed under the run: its sha256 is %.12s, was %.12s", filepath.Base(s.Binary.Path), now.SHA256, s.Binary.SHA256)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

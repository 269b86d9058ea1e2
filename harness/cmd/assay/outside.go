package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/verdict"
)

// gaugeLimit bounds a gotest whose iterations are still to be found, where the
// experiment has no timeout of its own: a thousand benchmarks may take the time asked
// for, and half as much again until package testing has found their iterations.
func gaugeLimit(asked time.Duration) time.Duration { return 10*time.Minute + 1500*asked }

// iterate finds how many iterations a gotest's trials make, where the experiment
// gives a time, and tells it to whoever makes the trials. A run that is gone on with
// takes the number that its folder has. It returns the attempt that found it among those done.
func (p *prepared) iterate(ctx context.Context, c run.Config, r *recorder, tell func(turns []run.Turn)) ([]sample.Sample, error) {
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
		if s, err = run.Gauge(ctx, c, gaugeLimit(g.Time())); err != nil {
			return c.Done, err
		}
		if !s.Counts() {
			longer := ""
			if s.Outcome == sample.Timeout {
				longer = " (give it longer with design.timeout, or a shorter benchtime)"
			}
			return c.Done, fmt.Errorf("the attempt that finds how many iterations a trial makes failed in %s: %s: %s%s", p.plan.Name(p.plan.Cells[s.Cell]), s.Outcome, s.Error, longer)
		}
		c.Done = append(c.Done, s)
		it = run.Count(s.Lines, g.Time(), p.plan.Name(p.plan.Cells[s.Cell]))
		err = results.WriteJSON(r.folder.Dir, results.IterationsFile, it)
	}
	if err != nil {
		return c.Done, err
	}
	r.note("every trial makes %s, found in the cell %s for %s", it, it.Cell, it.Time)
	tell(it.Processes(g.Bench.Text, g.Skip.Text))
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

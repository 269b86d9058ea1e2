package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
)

// gaugeLimit bounds a gotest whose iterations are still to be found, where the
// experiment has no timeout of its own: a thousand benchmarks may take the time asked
// for, and half as much again until package testing has found their iterations.
func (p *prepared) gaugeLimit(g *spec.Gotest) time.Duration {
	return cmp.Or(time.Duration(p.plan.Spec.Design.Timeout), 20*time.Minute+1500*g.Time())
}

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
		r.tell(fmt.Sprintf("finding how many iterations of each benchmark take %s, in one attempt of at most %v", g.Asked(), p.gaugeLimit(g)))
		if s, err = run.Gauge(ctx, c, p.gaugeLimit(g)); err != nil {
			return c.Done, err
		}
		if !s.Counts() {
			longer := ""
			if s.Outcome == sample.Timeout {
				longer = "\n" + cmp.Or(took("it was ended after", s), "time ran out") + "\ngive it longer with design.timeout, or a shorter benchtime"
			}
			return c.Done, fmt.Errorf("the attempt that finds how many iterations a trial makes failed in %s: %s: %s%s", p.plan.Name(p.plan.Cells[s.Cell]), s.Outcome, s.Error, longer)
		}
		r.tell(took("that took", s))
		c.Done = append(c.Done, s)
		it = run.Count(s.Lines, *g, p.plan.Name(p.plan.Cells[s.Cell]))
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

// errUnprinted ends a run that can't be gone on with: what is mended is another one.
var errUnprinted = errors.New("no block was begun: mend the program or the claims, and start a new run")

// warmed is the look at the warm-ups of an outside program: only they show
// whether it prints what the claims are about, and what takes their time.
func (p *prepared) warmed(r *recorder) func([]sample.Sample) error {
	if !p.plan.Spec.Workload.Outside() {
		return nil
	}
	return func(warm []sample.Sample) error {
		if late(warm) {
			return fmt.Errorf("no warm-up was done in time: %s\n%s\nno block was begun: give trials longer with design.timeout, or less to do",
				warm[0].Error, cmp.Or(took("it was ended after", warm[0]), "time ran out"))
		}
		if err := verdict.Printed(p.plan, warm); err != nil {
			return fmt.Errorf("%w\n%w", err, errUnprinted)
		}
		for _, s := range warm {
			if s.Counts() {
				r.tell(took("a trial takes about", s))
				break
			}
		}
		return nil
	}
}

// late says that time ran out for all of some trials.
func late(trials []sample.Sample) bool {
	return len(trials) > 0 && !slices.ContainsFunc(trials, func(s sample.Sample) bool { return s.Outcome != sample.Timeout })
}

// A trial that takes so long is told with the benchmarks that take the most of it, and
// at least a tenth.
const (
	longTrial = 10 * time.Second
	mostSpent = 3
)

// took says how long a trial took and what of it; empty where that is no matter.
func took(what string, s sample.Sample) string {
	wall := time.Duration(s.Wall)
	if wall < longTrial {
		return ""
	}
	var parts []string
	for _, one := range s.Spent {
		if d := time.Duration(one.NS); d*10 >= wall && len(parts) < mostSpent {
			parts = append(parts, fmt.Sprintf("%v of it %s", rough(d), one.Name))
		}
	}
	text := fmt.Sprintf("%s %v", what, rough(wall))
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ") + ", with what that sets up (workload.gotest.skip leaves benchmarks out)"
	}
	return text
}

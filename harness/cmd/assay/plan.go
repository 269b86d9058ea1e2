package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

// planFlags are the flags of assay plan.
type planFlags struct {
	run       runFlags // json, wait, seed, vm, those of the design
	needsRoot bool
	noStart   bool // --no-pilot
	full      bool
	pilot     string
}

func planCommand(l *lab) *cobra.Command {
	var f planFlags
	c := &cobra.Command{
		Use:   "plan NAME",
		Short: "Show what an experiment would do, and change nothing",
		Long: `Plan reads and checks an experiment, lays out its cells and blocks, and says what
this machine makes of it: how long it would take, which files would be written with
what, which cells can't be tested and why. Its time, and claim by claim the smallest
effect that the planned blocks could detect and the blocks that would settle it,
are told by a pilot: the run named by --pilot, else the latest of the experiment.
Without one they are told by this machine's calibration, where there is one of the
same workload; else the workload is started once, with no knob set, for the time
alone.

--vm boots the guests that assay run --vm would run in, and says what these make of it.

--budget says what a run of so much time could detect; --precision how long it takes
to know every effect that well. They change the design as assay run --budget and
--precision do, which then run what this shows.`,
		Example: `  assay plan thp-gc
  assay plan thp-gc --budget 30m         # which effects half an hour could detect
  assay plan thp-gc --precision 1% --pilot results/thp-gc/DIR
  assay plan quota-gomaxprocs --vm kernel=6.1,cpus=4   # what a guest makes of it
  assay plan thp-gc --full --seed 7      # plan.json itself
  assay plan thp-gc --needs-root         # why root is needed; nothing where it is not`,
		Args:              exactly(1),
		ValidArgsFunction: offer(l.experimentNames),
		RunE:              func(c *cobra.Command, args []string) error { return l.plan(c.Context(), args[0], f) },
	}
	flags := c.Flags()
	flags.BoolVar(&f.run.json, "json", false, "print the overview as JSON")
	flags.BoolVar(&f.full, "full", false, "print plan.json, every block and trial")
	flags.BoolVar(&f.needsRoot, "needs-root", false, "print only why root is needed, a reason a line")
	flags.BoolVar(&f.noStart, "no-pilot", false, "do not start the workload to tell the time")
	flags.StringVar(&f.pilot, "pilot", "", "the results folder that tells times and spread (default: the latest run)")
	f.run.designFlags(c)
	f.run.vmFlags(c, "ask")
	flags.StringVar(&f.run.seed, "seed", "", "draw the order of trials from this number")
	return c
}

// plan prints what an experiment would do.
func (l *lab) plan(ctx context.Context, name string, f planFlags) error {
	p, err := l.lookAt(ctx, name, f.run)
	switch {
	case err != nil:
		return err
	case f.needsRoot:
		return l.reasonsForRoot(p)
	case f.full:
		return l.fullPlan(p)
	}
	known, err := l.know(p, f.pilot)
	if err != nil {
		return err
	}
	view := l.overview(ctx, p, known, !f.noStart && p.guests == nil)
	if f.run.json {
		return l.json(view)
	}
	return view.print(l.stdout)
}

// lookAt prepares an experiment as a run would, in guests where they are asked for,
// which are gone again then.
func (l *lab) lookAt(ctx context.Context, name string, f runFlags) (*prepared, error) {
	w, err := f.wishes()
	if err != nil {
		return nil, err
	}
	p, err := l.prepare(ctx, name, w)
	if err == nil && p.guests != nil {
		err = p.guests.close(ctx)
	}
	return p, err
}

func (l *lab) reasonsForRoot(p *prepared) error {
	for _, reason := range p.feasible.Root {
		if _, err := fmt.Fprintln(l.stdout, reason); err != nil {
			return err // no reason seen must mean that there is none
		}
	}
	return nil
}

func (l *lab) fullPlan(p *prepared) error {
	b, err := p.plan.Encode()
	if err != nil {
		return err
	}
	_, err = l.stdout.Write(b)
	return err
}

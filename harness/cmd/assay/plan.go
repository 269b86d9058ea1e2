package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func planCommand(l *lab) *cobra.Command {
	var asJSON, needsRoot, noPilot, full bool
	var seed string
	c := &cobra.Command{
		Use:   "plan NAME",
		Short: "Show what an experiment would do, and change nothing",
		Long: `Plan reads and checks an experiment, lays out its cells and blocks, and says what
this machine makes of it: how long it would take, which files would be written with
what, which cells can't be tested and why. To tell the time it starts the workload
once, with no knob set, unless an earlier run of the experiment is there to tell.
From such a run it also says, claim by claim, the smallest effect that the planned
blocks could detect.`,
		Example: `  assay plan thp-gc
  assay plan thp-gc --full --seed 7      # plan.json itself
  assay plan thp-gc --needs-root         # why root is needed; nothing where it is not`,
		Args:              exactly(1),
		ValidArgsFunction: offer(l.experimentNames),
		RunE: func(c *cobra.Command, args []string) error {
			n, err := parseSeed(seed)
			if err != nil {
				return err
			}
			p, err := l.prepare(c.Context(), args[0], n)
			if err != nil {
				return err
			}
			switch {
			case needsRoot:
				return l.reasonsForRoot(p)
			case full:
				return l.fullPlan(p)
			}
			o := l.overview(c.Context(), p, !noPilot)
			if asJSON {
				return l.json(o)
			}
			return o.print(l.stdout)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&asJSON, "json", false, "print the overview as JSON")
	flags.BoolVar(&full, "full", false, "print plan.json, every block and trial")
	flags.BoolVar(&needsRoot, "needs-root", false, "print only why root is needed, a reason a line")
	flags.BoolVar(&noPilot, "no-pilot", false, "do not start the workload to tell the time")
	flags.StringVar(&seed, "seed", "", "draw the order of trials from this number")
	return c
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

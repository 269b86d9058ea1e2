package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/setup"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
)

// runFlags are the flags of assay run.
type runFlags struct {
	seed    string
	resume  string
	gate    bool
	strict  bool
	wait    bool
	quiet   bool
	json    bool
	results string
	vm      string

	blocks    int // these three change the design, for one run
	precision string
	budget    string
}

// wishes is what the flags ask of an experiment.
func (f runFlags) wishes() (w wishes, err error) {
	w.wait, w.quiet = f.wait, f.quiet
	if w.seed, err = parseSeed(f.seed); err != nil {
		return w, err
	}
	if w.override, err = spec.ParseOverride(f.blocks, f.precision, f.budget); err != nil {
		return w, usage(err)
	}
	w.vm, err = f.guests()
	return w, err
}

// designFlags are the flags that change the design.
func (f *runFlags) designFlags(c *cobra.Command) {
	flags := c.Flags()
	flags.IntVar(&f.blocks, "blocks", 0, "run so many blocks, whatever the file says")
	flags.StringVar(&f.precision, "precision", "", "stop once every claim is known this well, such as 1%")
	flags.StringVar(&f.budget, "budget", "", "start no block that would not end within this time, such as 30m")
}

func runCommand(l *lab) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run NAME | run --resume[=DIR] [NAME]",
		Short: "Run an experiment and report on it",
		Long: `Run takes the host lock, sets the knobs of each trial, runs the workload in fresh
cgroups, puts the machine back as it was, and writes results/NAME/TIME/: samples,
tables, plots and a verdict on every claim. Cells that this machine can't test are
named with the reason before anything runs; the rest runs. A cell whose attempts fail
nine times in a row is given up: its trials are left out from then on, claims on it
stay open, and the report says what it said.

--vm runs it in guests that are booted for it, under QEMU, in the place of this
machine: one guest for each level of the knob kernel, or of the kernel named. They
have what is asked for: CPUs, threads of a core, NUMA nodes, memory, swap, and with
cpufreq a pretended driver of these frequencies. What a gotest or a command runs goes
along where it is linked statically. Nothing of this machine is set. Where a guest's
CPU is emulated, its settings, counts and exact values are real and its timings are
not: they decide no claim.

--blocks, --precision and --budget change the design for this run: that is part of
the plan and of its hash, stands in the report's first line, and is kept by
--resume. Without --blocks a run may then have more blocks than the file's
max-blocks.

Exit codes: 0 done; 1 the harness or a workload failed, or something could not be
restored; 2 usage or a bad file, nothing started; 3 a claim refuted, 4 inconclusive
(both under --gate); 5 nothing was testable here; 6 the host lock is held;
129, 130, 143 after SIGHUP, SIGINT, SIGTERM, everything restored.`,
		Example: `  sudo assay run thp-gc
  assay run gogc-sweep --seed 7
  assay run gogc-sweep --precision 1% --budget 30m
  assay run experiments/mine.yaml --gate
  assay run quota-gomaxprocs --vm kernel=6.1,arch=arm64,cpus=4,numa=2
  assay run thp-gc --resume        # the latest run of thp-gc
  assay run --resume=results/thp-gc/20261120T183000Z-1a2b3c`,
		Args:              upTo(1),
		ValidArgsFunction: offer(l.experimentNames),
		RunE:              func(c *cobra.Command, args []string) error { return l.run(c.Context(), args, f) },
	}
	flags := c.Flags()
	flags.StringVar(&f.seed, "seed", "", "draw the order of trials from this number (default: drawn, and recorded)")
	flags.StringVar(&f.resume, "resume", "", "go on with an interrupted run: the latest of NAME, or the one in DIR")
	flags.Lookup("resume").NoOptDefVal = latest
	flags.BoolVar(&f.gate, "gate", false, "exit 3 where a claim is refuted, 4 where one is inconclusive")
	flags.BoolVar(&f.strict, "strict", false, "refuse to start where some cell can't be tested here")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "no progress, no report on stdout; only where the results are")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	flags.StringVar(&f.results, "results", "", "where results go (default: results/ of the checkout)")
	f.designFlags(c)
	f.vmFlags(c, "run in")
	return c
}

// run is a run from its command line to its exit code.
func (l *lab) run(ctx context.Context, args []string, f runFlags) error {
	p, resumed, err := l.toRun(ctx, args, f)
	if err != nil {
		return err
	}
	if p.guests != nil {
		defer p.guests.close(context.WithoutCancel(ctx)) // which a session has done already
	}
	for _, reason := range setup.Reasons(p.plan, p.feasible) {
		fmt.Fprintln(l.stderr, reason)
	}
	for _, note := range verdict.OutOfReach(p.plan) {
		fmt.Fprintln(l.stderr, "note:", note)
	}
	if err := p.refuse(f.strict); err != nil {
		return err
	}
	if resumed == nil {
		l.tellShort(ctx, p, f)
	}
	dir, err := l.begin(ctx, p, resumed, f)
	if dir != "" {
		defer l.handBack(dir)
	}
	var after afterwards
	switch {
	case errors.As(err, &after):
		return l.concludeDespite(dir, f, after)
	case err != nil:
		return l.goOn(dir, args, f, err)
	}
	return l.conclude(dir, f)
}

// concludeDespite reports on a run that is complete, though something was not put
// back after it. That is the graver news, and the exit code is its.
func (l *lab) concludeDespite(dir string, f runFlags, after afterwards) error {
	err := l.conclude(dir, f)
	var o outcome
	if errors.As(err, &o) {
		err = o.err
	}
	return outcome{exitFailed, errors.Join(after.err, err)}
}

// refuse ends it before anything is touched, where nothing, or under --strict
// not everything, can be tested.
func (p *prepared) refuse(strict bool) error {
	switch skip := len(p.feasible.Untestable()); {
	case !p.feasible.Testable():
		return outcome{exitNotTestable, errors.New("nothing of this experiment is testable here")}
	case skip > 0 && strict:
		return outcome{exitNotTestable, fmt.Errorf("not testable here: %d of %s, and --strict was given (without it the rest runs)", skip, prose.Plural(len(p.plan.Cells), "cell"))}
	}
	return nil
}

// goOn adds to an error that cut a run short how to go on.
func (l *lab) goOn(dir string, args []string, f runFlags, err error) error {
	if dir == "" || errors.Is(err, errUnprinted) {
		return err
	}
	again := "assay run" + l.given()
	if f.vm != "" {
		again += " --vm=" + f.vm
	}
	again += " --resume=" + dir
	if callerIDs() != nil {
		again = "sudo " + again
	}
	if len(args) == 1 && strings.HasSuffix(args[0], spec.Ext) {
		again += " " + args[0] // not among the checkout's own experiments
	}
	fmt.Fprintf(l.stderr, "what was measured stands in %s\ngo on with: %s\n", dir, again)
	return err
}

// conclude judges and reports on a complete run and maps it to the exit code.
func (l *lab) conclude(dir string, f runFlags) error {
	d := delivery{quiet: f.quiet, gate: f.gate}
	if f.json {
		d.format = "json"
	}
	return l.deliver(dir, d)
}

func parseSeed(text string) (*uint64, error) {
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		return nil, usagef("--seed %s: a whole number from 0 to 2^64-1", text)
	}
	return &n, nil
}

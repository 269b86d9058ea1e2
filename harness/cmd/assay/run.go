package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
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

// begin builds what the cells need and runs a session, here or in guests. The folder
// is named even where an error ended it.
func (l *lab) begin(ctx context.Context, p *prepared, resumed *results.Run, f runFlags) (dir string, err error) {
	var cells map[int]run.Setup
	var record build.Record
	if p.guests != nil {
		record, err = p.guests.build(ctx, p)
	} else {
		cells, record, err = p.setups(ctx)
	}
	if err == nil && resumed != nil {
		err = p.matches(resumed, record)
	}
	switch {
	case err != nil:
		return "", err
	case p.guests != nil:
		return l.away(ctx, p, record, resumed, f)
	}
	return l.session(ctx, p, cells, record, resumed, f)
}

// away runs the blocks that are left in guests. Nothing of this machine is set.
func (l *lab) away(ctx context.Context, p *prepared, record build.Record, resumed *results.Run, f runFlags) (dir string, err error) {
	r, ses, done, err := l.open(p, record, resumed, f)
	if r == nil {
		return "", err
	}
	dir = r.folder.Dir
	if err == nil {
		err = ses.Log(dir)
	}
	if err == nil {
		ses.Stopped, err = p.inGuests(ctx, r, p.config(p.guests, r, &ses, done))
	}
	closing := p.guests.close(ctx)
	ses.Notes = append(ses.Notes, p.guests.notes...)
	return dir, r.end(&ses, err, closing)
}

// end closes the records of a session with what went wrong while it measured, err,
// and while it gave back what it had. A nil recorder has no records.
func (r *recorder) end(ses *results.Session, err, closing error) error {
	if r != nil {
		ses.Ended = time.Now().UTC()
		if err != nil {
			ses.Stopped = err.Error()
		}
		closing = errors.Join(closing, ses.Log(r.folder.Dir), r.close())
	}
	switch {
	case closing == nil:
		return err
	case err == nil:
		return afterwards{closing}
	}
	return outcome{exitFailed, errors.Join(err, closing)}
}

// inGuests runs the plan in guests.
func (p *prepared) inGuests(ctx context.Context, r *recorder, c run.Config) (stopped string, err error) {
	defer r.meter.close()
	c.Done, err = p.iterate(ctx, c, r, func(turns []run.Turn) { p.guests.iterate(ctx, turns) })
	if err != nil {
		return "", err
	}
	return run.Run(ctx, c)
}

// afterwards is an error of giving the machine back after all was measured.
type afterwards struct{ err error }

func (a afterwards) Error() string { return a.err.Error() }
func (a afterwards) Unwrap() error { return a.err }

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
	case skip == len(p.plan.Cells):
		return outcome{exitNotTestable, errors.New("nothing of this experiment is testable here")}
	case skip > 0 && strict:
		return outcome{exitNotTestable, fmt.Errorf("not testable here: %d of %s, and --strict was given (without it the rest runs)", skip, prose.Plural(len(p.plan.Cells), "cell"))}
	}
	return nil
}

// session takes the machine, runs the blocks that are left, and gives it back.
// The folder is named even where an error ended it: what was measured stands.
func (l *lab) session(ctx context.Context, p *prepared, cells map[int]run.Setup, record build.Record, resumed *results.Run, f runFlags) (dir string, err error) {
	id := runID(p.plan.Spec.Name)
	s, err := l.enter(ctx, p, id, f.wait)
	if err != nil {
		return "", err
	}
	left := false
	defer func() {
		if !left { // a panic: put the machine back, then let it go on
			s.leave()
		}
	}()
	r, ses, done, err := l.open(p, record, resumed, f)
	if r != nil {
		dir = r.folder.Dir
	}
	if err == nil {
		err = l.measure(ctx, s, p, cells, r, &ses, done)
	}
	closing := s.giveBack(&ses)
	left = true
	return dir, r.end(&ses, err, closing)
}

// giveBack leaves the stage and notes in the session what could not be put back.
func (s *stage) giveBack(ses *results.Session) error {
	report, err := s.leave()
	ses.Notes = append(ses.Notes, remains(report)...)
	return errors.Join(err, unrestored(report))
}

// measure runs the plan on the stage.
func (l *lab) measure(ctx context.Context, s *stage, p *prepared, cells map[int]run.Setup, r *recorder, ses *results.Session, done []sample.Sample) error {
	keep := setup.Keep(p.host.CPU.Allowed, cells)
	ses.Notes = append(ses.Notes, keep.Crowding(cells)...)
	free, err := still(keep.CPUs)
	if err != nil {
		return err
	}
	defer free()
	if err := ses.Log(r.folder.Dir); err != nil {
		return err
	}
	ctx, cancel := s.whileGuarded(ctx)
	defer cancel()
	executor, err := s.executor(p, cells, r.folder.Dir)
	if err != nil {
		return err
	}
	defer executor.Collectors.Close()
	ses.Notes = append(ses.Notes, executor.Missing()...)
	c := p.config(executor, r, ses, done)
	defer r.meter.close()
	if c.Done, err = p.iterate(ctx, c, r, func(turns []run.Turn) { setup.Iterate(cells, turns) }); err != nil {
		return err
	}
	ses.Stopped, err = run.Run(ctx, c)
	return errors.Join(err, setup.Unchanged(p.plan.Spec.Workload, p.builder, cells))
}

// config is one session's work by an executor.
func (p *prepared) config(e run.Executor, r *recorder, ses *results.Session, done []sample.Sample) run.Config {
	return run.Config{
		Plan: p.plan, Session: ses.Session, Executor: e, Sink: r,
		Untestable: p.feasible.Untestable(), Done: done, Precise: p.precise(r.gist), Warmed: p.warmed(), Now: time.Now,
	}
}

// whileGuarded ends the context where someone kills the guardian: a run goes on
// only while there is someone to restore after it.
func (s *stage) whileGuarded(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-s.guardian.Gone():
			cancel(errors.New("the guardian was killed: the run is stopped and the machine put back"))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// goOn adds to an error that cut a run short how to go on.
func (l *lab) goOn(dir string, args []string, f runFlags, err error) error {
	if dir == "" {
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

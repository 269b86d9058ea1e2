package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/report"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/setup"
	"github.com/assaylab/assay/workloads/wire"
)

// calibrateFlags are the flags of assay calibrate.
type calibrateFlags struct {
	run        runFlags // quiet, json, wait, results, seed
	workload   string
	params     []string
	arms       int
	blocks     int
	group      int
	budget     time.Duration
	inject     string
	sequential bool
	self       bool
	metric     string // where the slowdown is looked for
	from       string
}

func calibrateCommand(l *lab) *cobra.Command {
	var f calibrateFlags
	c := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure what this machine can tell: false alarms, noise floor, detectable effects",
		Long: `Calibrate runs identical cells through the whole pipeline: arms that differ in a
variable of the environment that nothing reads. How often they are called different
is this machine's false-alarm rate; how alike they are known to be is its noise
floor; how often a trial was tainted, its rate of false taints. They are kept, with
the smallest detectable effect of every metric, as the machine's profile, which later
reports on it cite.

--inject adds an arm with a known slowdown and says how many blocks find it.
--from judges the folder of an earlier calibration again, in groups of --group
blocks, and prints it: nothing is measured and nothing kept.
--sequential also measures the usual way, all of A, then all of B, on as many
trials, in turn with the interleaved blocks, and judges it by Mann-Whitney.
--self asks another question: one cell is watched in several manners, from bare, as
if started by hand, to every group of counters, and the ratios of its own times say
what the watching costs. It wants windows of 100 ms or more, and says so of shorter ones.`,
		Example: `  sudo assay calibrate
  sudo assay calibrate --inject 2% --sequential --budget 30m
  sudo assay calibrate --self --blocks 40
  assay calibrate --workload procs --param spin=100000 --blocks 200`,
		Args: exactly(0),
		RunE: func(c *cobra.Command, _ []string) error {
			if f.from != "" {
				return l.again(f)
			}
			return l.calibrate(c.Context(), f)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.workload, "workload", "gc-churn", "what to run")
	flags.StringSliceVar(&f.params, "param", nil, "a param of it as NAME=LEVEL; for gc-churn live-heap=1MiB and cycles=4 where none is given, with --self cycles=40")
	flags.IntVar(&f.arms, "arms", 2, "identical cells")
	flags.IntVar(&f.blocks, "blocks", mostBlocks, "interleaved blocks at most")
	flags.IntVar(&f.group, "group", 10, "blocks of one comparison")
	flags.DurationVar(&f.budget, "budget", 5*time.Minute, "time for all of it")
	flags.StringVar(&f.inject, "inject", "", "a known slowdown to be found, such as 2%")
	flags.StringVar(&f.metric, "metric", "ns/op", "where --inject is looked for")
	flags.StringVar(&f.from, "from", "", "measure nothing: judge the folder of an earlier calibration again")
	flags.BoolVar(&f.sequential, "sequential", false, "also measure all of A, then all of B")
	flags.BoolVar(&f.self, "self", false, "measure what the harness and each group of counters cost the workload")
	flags.BoolVar(&f.run.json, "json", false, "print the calibration as JSON")
	flags.BoolVarP(&f.run.quiet, "quiet", "q", false, "no progress")
	flags.BoolVar(&f.run.wait, "wait", false, "wait for the host lock")
	flags.StringVar(&f.run.seed, "seed", "", "draw the order of trials from this number (default: drawn, and recorded)")
	flags.StringVar(&f.run.results, "results", "", "where results go (default: results/ of the checkout)")
	return c
}

// mostBlocks bounds the plan where only the budget bounds the run.
const mostBlocks = 5000

// calibrate runs identical cells and keeps what they say of this machine.
func (l *lab) calibrate(ctx context.Context, f calibrateFlags) error {
	text, err := f.experiment()
	if err != nil {
		return err
	}
	p, err := l.prepareText(ctx, f.name(), text.text(), f.run.seed)
	if err != nil {
		return text.blame(err)
	}
	if f.sequential {
		p.plan = profile.Series(p.plan, f.group)
	}
	if f.self {
		return l.calibrateSelf(ctx, p, f)
	}
	if err := p.refuse(true); err != nil {
		return fmt.Errorf("%w\n%s", err, strings.Join(setup.Reasons(p.plan, p.feasible), "\n"))
	}
	cells, record, err := p.setups(ctx)
	if err != nil {
		return err
	}
	return l.calibration(ctx, p, cells, record, f, func(dir string) error {
		e, err := l.calibrated(dir, p, record, f)
		if err != nil {
			return err
		}
		return l.tell(e, f)
	})
}

// calibration measures cells in a session of their own and has the folder judged.
// What could not be put back afterwards does not keep it from that.
func (l *lab) calibration(ctx context.Context, p *prepared, cells map[int]run.Setup, record build.Record, f calibrateFlags, judge func(dir string) error) error {
	dir, err := l.session(ctx, p, cells, record, nil, f.run)
	if dir != "" {
		defer l.handBack(dir)
	}
	var after afterwards
	if err != nil && !errors.As(err, &after) {
		if dir != "" {
			fmt.Fprintf(l.stderr, "what was measured stands in %s; a calibration can't be gone on with\n", dir)
		}
		return err
	}
	return errors.Join(err, judge(dir))
}

// again judges the folder of an earlier calibration.
func (l *lab) again(f calibrateFlags) error {
	var kept profile.Entry
	if err := results.ReadJSON(f.from, profileFile, &kept); err != nil {
		return usagef("--from: %w (is it the folder of a calibration?)", err)
	}
	r, err := results.Read(f.from)
	if err != nil {
		return usage(err)
	}
	l.warn(f.from, r.Damage())
	p, err := recorded(f.from, r)
	if err != nil {
		return err
	}
	e, err := calibrateFrom(r, metrics(p.description), f.group)
	if err != nil {
		return usage(err)
	}
	e.Origin = kept.Origin
	return l.tell(e, f)
}

// calibrateFrom hands on what a folder holds: of the counters those that taints go by.
func calibrateFrom(r results.Run, ms []wire.Metric, group int) (profile.Entry, error) {
	first := r.First()
	var units []string
	for _, rule := range sample.Rules() {
		units = append(units, rule.Unit)
	}
	if err := r.Counters(first, units); err != nil {
		return profile.Entry{}, err
	}
	return profile.Calibrate(profile.Input{Plan: r.Plan, Samples: r.Chosen(), First: first, Metrics: ms, Group: group})
}

// calibrated judges the folder of a calibration and keeps the entry, there and in
// the machine's profile.
func (l *lab) calibrated(dir string, p *prepared, record build.Record, f calibrateFlags) (profile.Entry, error) {
	r, err := results.Read(dir)
	if err != nil {
		return profile.Entry{}, err
	}
	e, err := calibrateFrom(r, metrics(p.description), f.group)
	if err != nil {
		return e, err
	}
	e.Origin = p.origin(dir, record)
	if err := results.WriteJSON(dir, profileFile, e); err != nil {
		return e, err
	}
	if err := results.Seal(dir); err != nil {
		return e, err
	}
	return e, l.keep(e)
}

// origin is what was measured just now into a folder.
func (p *prepared) origin(dir string, record build.Record) profile.Origin {
	o := profile.Origin{
		Machine: p.host.Machine, Workload: p.plan.Spec.Workload.Name(), Settings: p.plan.Fixed, Folder: absolute(dir),
		Kernel: p.host.Kernel, Go: p.host.GoVersion, Assay: Version, Ended: time.Now().UTC(), Load: load(),
	}
	for _, b := range record.Binaries {
		o.Source = b.Source
	}
	return o
}

func (l *lab) tell(e profile.Entry, f calibrateFlags) error {
	if f.run.json {
		return l.json(e)
	}
	width, _ := terminalWidth(l.stdout)
	return report.CalibrateText(l.stdout, e, width)
}

// load is the load averages over 1, 5 and 15 minutes, as the kernel has them.
func load() string {
	text, err := machine.Read("proc/loadavg")
	if f := strings.Fields(text); err == nil && len(f) >= 3 {
		return strings.Join(f[:3], " ")
	}
	return ""
}

// absolute is a path that still leads there from elsewhere.
func absolute(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}

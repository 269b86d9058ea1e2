package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/resource"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/workloads/wire"
)

// A Local makes attempts on this machine. The order of one attempt: apply
// changed host knobs, settle, verify, make the leaves, start, window, counters,
// verify, remove.
type Local struct {
	FS      sysfs.FS
	Name    string              // of this environment: "host"
	Knobs   *knob.Session       // machine knobs, journalled
	Provide *resource.Set       // resources that cells want, journalled; nil where none does
	Groups  *cgroup.Slot        // where leaves are made
	Cells   map[int]Setup       // testable cells
	User    *launch.User        // whom workloads run as; nil for the harness's own user
	Scratch string              // where the folder of the trials is made
	Watch   func(pid int) error // tell the guardian of a process outside cgroups; nil where the leaf holds it
	Unwatch func(pid int) error // that it has ended; nil where Watch is
	Expect  []int               // exit statuses that are no failure

	Collectors *collect.Set  // what is read at both ends of the window
	Perf       *collect.Perf // events of the processor to be counted; nil for none

	// Find finds the metrics of a program that prints them in words of its own;
	// nil for one that prints benchmark lines.
	Find *sample.Finder

	// Measure are the groups of counters that stand on the lines; nil is the usual ones.
	Measure []string

	Folder string // of the run: where recordings are kept

	// Told is told of each benchmark of a test binary that begins, from another
	// goroutine, while an attempt that is not timed is under way; nil for nobody.
	Told func(benchmark string)

	homes [2]home         // the folder of the trials, by side
	there []resource.Spec // what was provided last

	// mu is held for what the trials of one step do to the machine and to what is
	// read of it: they run at once.
	mu sync.Mutex
}

// A Setup is what a cell means here.
type Setup struct {
	Cell    plan.Cell
	Binary  build.Binary            // of every role
	Layouts map[uint64]build.Binary // the same, linked in the orders that blocks draw
	Roles   []Role                  // in the order in which they start; the last one prints
	Beside  []Role                  // the same on the CPUs of the other side of a duet; nil without one
	Talks   bool                    // the program knows the control channel: one that has several roles does

	// Bare starts processes as by hand: outside of the groups, without the channel.
	Bare bool

	// Collect are the groups of counters that are read; nil is all. Only what tries
	// the harness itself reads fewer: proofs and taints need them.
	Collect []sample.Group
}

// A Role is what a cell means for one process of its trials.
type Role struct {
	Name    string
	Tested  bool              // the role under test: what is set, counted and proved of the machine goes with it
	Levels  map[string]string // every key that addresses it, fixed ones included
	Effects knob.Effects
	Causes  []string // kinds of taint that are evidence here
	Kernel  bool     // threads of the kernel work for it: their time is not that of others
	Args    []string
	Then    [][]string // arguments of further processes, one after the other, of a role that does not talk
	CPUs    []int      // that it may use; measured where it is under test
}

// Tested is the role under test.
func (s Setup) Tested() Role {
	return s.Roles[slices.IndexFunc(s.Roles, func(r Role) bool { return r.Tested })]
}

// paramPrefix marks a key that is a param of the workload.
const paramPrefix = wire.RoleParam + "."

// Args gives a workload's arguments for a cell: its params, sorted, then the role,
// where there are several ("" for none), and the injected slowdown.
func Args(levels map[string]string, role string, inject float64) []string {
	var args []string
	for _, key := range slices.Sorted(maps.Keys(levels)) {
		if name, ok := strings.CutPrefix(key, paramPrefix); ok {
			args = append(args, "-"+name+"="+levels[key])
		}
	}
	if role != "" {
		args = append(args, "-"+wire.FlagRole+"="+role)
	}
	if inject > 0 {
		args = append(args, "-"+wire.FlagInject+"="+strconv.FormatFloat(100*inject, 'f', -1, 64)+"%")
	}
	return args
}

// Missing says, a line for each, what can't be counted on this machine and why, and
// what of the harness's own standing the workloads can't be rid of.
func (l *Local) Missing() []string {
	lines := l.Collectors.Missing()
	for _, c := range l.Cells {
		if !c.Talks {
			lines = append(lines, unseen)
			break
		}
	}
	if left := launch.Inherited(); len(left) > 0 {
		lines = append(lines, fmt.Sprintf("workloads have from the shell or service that started assay, which stays: %s (start assay without; of all but limits root can rid them)", strings.Join(left, ", ")))
	}
	if l.Perf != nil {
		lines = append(lines, l.Perf.Missing()...)
	}
	return lines
}

// settle is how long a changed machine knob is left alone before the next
// trial, for the kernel's own threads (khugepaged, kswapd) to see it.
const settle = 20 * time.Millisecond

// Try makes the attempts of a step, once it is calm where one of them has [Attempt.Patience].
// The trials of a step want the machine knobs alike.
func (l *Local) Try(ctx context.Context, step []Attempt) ([]sample.Sample, error) {
	var trials []*trial
	together := newMeeting(len(step))
	for _, a := range step {
		t, err := l.trial(a, together)
		if err != nil {
			return nil, err
		}
		trials = append(trials, t)
	}
	l.calm(ctx, trials)
	err := l.apply(trials[0].tested().Effects)
	if gone := (*knob.Vanished)(nil); errors.As(err, &gone) {
		return missing(trials, gone), nil
	}
	if err != nil {
		return nil, err
	}
	errs := make([]error, len(trials))
	var others sync.WaitGroup
	for i, t := range trials[1:] {
		others.Go(func() { errs[i+1] = t.try(ctx) })
	}
	errs[0] = trials[0].try(ctx)
	others.Wait()
	return samples(trials), errors.Join(errs...)
}

func samples(trials []*trial) []sample.Sample {
	all := make([]sample.Sample, len(trials))
	for i, t := range trials {
		all[i] = t.s
	}
	return all
}

// missing are the samples of trials whose knob is not there any more.
func missing(trials []*trial, gone error) []sample.Sample {
	for _, t := range trials {
		t.s.Start = time.Now().UTC()
		t.s.Outcome, t.s.Error = sample.Gone, "not testable any more: "+gone.Error()
	}
	return samples(trials)
}

// trial is an attempt that has not begun.
func (l *Local) trial(a Attempt, together *meeting) (*trial, error) {
	setup, ok := l.Cells[a.Cell.Index]
	if !ok {
		return nil, fmt.Errorf("cell %d was not prepared", a.Cell.Index)
	}
	if laid, ok := setup.Layouts[a.Nuisance[spec.NuisanceLayout]]; ok {
		setup.Binary = laid
	}
	roles := setup.Roles
	if a.Trial.Side > 0 {
		roles = setup.Beside
	}
	return &trial{Local: l, Setup: setup, attempt: a, s: sample.Sample{Env: l.Name}, actors: cast(roles), together: together}, nil
}

// try makes one attempt. An error means that what it made could not be removed.
func (t *trial) try(ctx context.Context) error {
	defer t.together.come()
	t.s.Start = time.Now().UTC()
	if t.disturbed("before the start") {
		return nil
	}
	if err := t.perform(ctx); err != nil {
		t.s.Outcome, t.s.Error = sample.Broken, err.Error()
		return t.end()
	}
	t.judge()
	t.keep()
	return t.end()
}

func (l *Local) apply(e knob.Effects) error {
	provided, err := l.provide(e.Provide)
	if err != nil || l.Knobs == nil {
		return err
	}
	changed, err := l.Knobs.Apply(e.Host)
	if (changed || provided) && err == nil {
		time.Sleep(settle)
	}
	return err
}

// provide makes what the cell wants and takes away what the one before wanted.
func (l *Local) provide(want []resource.Spec) (changed bool, err error) {
	if l.Provide == nil {
		return false, nil
	}
	if !slices.Equal(want, l.there) || len(l.Provide.Verify()) > 0 {
		if err := errors.Join(l.vacate(0), l.vacate(1)); err != nil {
			return false, err
		}
	}
	l.there = want
	return l.Provide.Apply(want)
}

// name is the trial's among the groups of a run.
func (t *trial) name() string { return fmt.Sprintf("%d.%d", t.attempt.Trial.N, t.attempt.Number) }

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/resource"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/sysfs"
)

// A stage is the machine while a run has it: the lock, the guardian, the
// journal, the knobs and the groups, taken in this order and given back in
// reverse.
type stage struct {
	lock     *journal.Lock
	guardian *journal.Guardian
	journal  *journal.Journal
	knobs    *knob.Session
	provide  *resource.Set
	slot     *cgroup.Slot
	scratch  string
	log      *os.File // of the guardian
}

// enter takes the machine for a run. What an earlier run left is put back
// first. On an error all that was taken is given back.
func (l *lab) enter(ctx context.Context, p *prepared, id string, wait bool) (s *stage, err error) {
	s = &stage{}
	defer func() {
		if err != nil {
			_, closing := s.leave()
			err = errors.Join(err, closing)
		}
	}()
	if s.lock, err = l.acquire(ctx, id, wait); err != nil {
		var held *journal.Held
		if errors.As(err, &held) {
			err = fmt.Errorf("%w (--wait does that)", err)
		}
		return s, err
	}
	state, err := l.stateDir()
	if err != nil {
		return s, err
	}
	if s.journal, err = journal.Open(state); err != nil {
		return s, elsewhere(err, "--state names another folder for the journal")
	}
	if err := s.guard(l, state); err != nil {
		return s, err
	}
	if err := l.recover(s.journal); err != nil {
		return s, err
	}
	return s, s.take(p, id)
}

// guard starts the guardian: before the first write there is someone to undo it.
func (s *stage) guard(l *lab, state string) (err error) {
	if s.log, err = os.OpenFile(filepath.Join(state, "guardian.log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return fmt.Errorf("guardian's log: %w", err)
	}
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program for the guardian: %w", err)
	}
	s.guardian, err = journal.Guard(exe, []string{"guardian", "--state", state, "--lock", l.lockPath()}, s.lock, s.log)
	return err
}

// recover puts back what an earlier run left. Where something of it can't be
// put back, nothing new is started on top.
func (l *lab) recover(j *journal.Journal) error {
	report, err := j.Restore(machine, undoers, journal.Options{})
	if err != nil {
		return err
	}
	if len(report.Lines) > 0 {
		fmt.Fprintf(l.stderr, "an earlier run was cut short; put back what it left:\n%s", report)
	}
	if !report.OK() {
		return errors.New("what an earlier run left could not all be put back: see assay restore --help")
	}
	return nil
}

// take notes and makes what a run needs of the machine. The folder is noted first,
// so that it goes last: until its group is gone, a workload may write to it.
func (s *stage) take(p *prepared, id string) (err error) {
	if err := s.shelter(id); err != nil {
		return err
	}
	if s.slot, err = p.groups.NewSlot(id, noteGroups(s.journal, id)); err != nil {
		return err
	}
	states, resources, err := p.site().Demands(p.feasible)
	if err != nil {
		return err
	}
	if s.knobs, err = knob.NewSession(s.journal, machine, id, knob.Writes(states)); err != nil {
		return err
	}
	s.provide = resource.New(s.journal, id, s.scratch)
	return s.rehearse(p.places, states, resources)
}

// rehearse sets the machine knobs of every cell once, and makes what any provides,
// so that a level that the kernel refuses ends it before the first trial and not
// hours into a run. Each such level is told at its place in the experiment.
func (s *stage) rehearse(places spec.Places, states, resources []knob.Demand) error {
	var refused []error
	refuse := func(d knob.Demand, err error) {
		if key, level := d.Blame(err); err != nil && key != "" {
			err = places.Fault(key, level, err)
		}
		refused = append(refused, err)
	}
	var writes [][]sysfs.Write
	for _, d := range states {
		writes = append(writes, d.State)
	}
	failed, err := s.knobs.Rehearse(writes)
	if err != nil {
		return err
	}
	for i, err := range failed {
		refuse(states[i], err)
	}
	for _, d := range resources {
		_, err := s.provide.Apply([]resource.Spec{d.Resource})
		refuse(d, err)
	}
	_, err = s.provide.Apply(nil)
	if err := errors.Join(append(once(refused), err)...); err != nil {
		return usagef("%w\nthe kernel takes no such level: nothing was started, and all is put back", err)
	}
	return nil
}

// once leaves out the errors that say what one before them says: of a level that
// several cells have.
func once(errs []error) []error {
	seen := map[string]bool{}
	return slices.DeleteFunc(errs, func(err error) bool {
		again := err != nil && seen[err.Error()]
		if err != nil {
			seen[err.Error()] = true
		}
		return again
	})
}

// shelter makes the folder in which the trials have theirs.
func (s *stage) shelter(id string) error {
	dir, err := makeFolder(s.journal, id)
	if err != nil {
		return fmt.Errorf("folder for the trials: %w", err)
	}
	s.scratch = dir
	return os.Chmod(dir, 0o711) // the calling user's trials pass through it
}

// leave gives everything back and says what became of it. The folder of the
// trials goes last, by the journal, when no process can write to it any more.
func (s *stage) leave() (report journal.Report, err error) {
	var errs []error
	if s.slot != nil {
		errs = append(errs, s.slot.Close())
	}
	if s.provide != nil {
		errs = append(errs, s.provide.Close())
	}
	switch {
	case s.knobs != nil:
		report, err = s.knobs.Close(undoers)
		errs = append(errs, err)
	case s.journal != nil && s.guardian != nil:
		report, err = s.journal.Restore(machine, undoers, journal.Options{})
		errs = append(errs, err)
	}
	if s.journal != nil {
		errs = append(errs, s.journal.Close())
	}
	if s.guardian != nil {
		errs = append(errs, s.guardian.Done())
	}
	if s.log != nil {
		errs = append(errs, s.log.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Release())
	}
	return report, errors.Join(errs...)
}

package main

import (
	"context"
	"errors"
	"time"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/setup"
)

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
	r, err := l.open(p, record, resumed, f)
	if r != nil {
		dir = r.folder.Dir
	}
	if err == nil {
		err = s.perform(ctx, p, cells, dir, func(ctx context.Context, executor *run.Local, notes []string) error {
			r.session.Notes = append(r.session.Notes, notes...)
			executor.Told = r.meter.hear
			err := p.measure(ctx, r, executor, func(turns []run.Turn) { setup.Iterate(cells, turns) })
			return errors.Join(err, setup.Unchanged(ctx, p.plan.Spec.Workload, p.builder, cells))
		})
	}
	closing := s.giveBack(r)
	left = true
	return dir, r.end(err, closing)
}

// away runs the blocks that are left in guests. Nothing of this machine is set.
func (l *lab) away(ctx context.Context, p *prepared, record build.Record, resumed *results.Run, f runFlags) (dir string, err error) {
	r, err := l.open(p, record, resumed, f)
	if r == nil {
		return "", err
	}
	if err == nil {
		err = p.measure(ctx, r, p.guests, func(turns []run.Turn) { p.guests.iterate(ctx, turns) })
	}
	closing := p.guests.close(ctx)
	r.session.Notes = append(r.session.Notes, p.guests.notes...)
	return r.folder.Dir, r.end(err, closing)
}

// measure runs what is left of the plan. tell gives the executor the iterations that
// the trials of a gotest shall make.
func (p *prepared) measure(ctx context.Context, r *recorder, e run.Executor, tell func(turns []run.Turn)) (err error) {
	if err := r.session.Log(r.folder.Dir); err != nil {
		return err
	}
	defer r.meter.close()
	c := run.Config{
		Plan: p.plan, Session: r.session.Session, Executor: e, Sink: r,
		Untestable: p.feasible.Untestable(), Done: r.done, Precise: p.precise(r.gist), Warmed: p.warmed(r), Now: time.Now,
	}
	if c.Done, err = p.iterate(ctx, c, r, tell); err != nil {
		return err
	}
	r.session.Stopped, err = run.Run(ctx, c)
	return err
}

// afterwards is an error of giving the machine back after all was measured.
type afterwards struct{ err error }

func (a afterwards) Error() string { return a.err.Error() }

func (a afterwards) Unwrap() error { return a.err }

// end closes the records of a session with what went wrong while it measured, err,
// and while it gave back what it had. A nil recorder has no records.
func (r *recorder) end(err, closing error) error {
	if r != nil {
		r.session.Ended = time.Now().UTC()
		if err != nil {
			r.session.Stopped = err.Error()
		}
		closing = errors.Join(closing, r.session.Log(r.folder.Dir), r.close())
	}
	switch {
	case closing == nil:
		return err
	case err == nil:
		return afterwards{closing}
	}
	return outcome{exitFailed, errors.Join(err, closing)}
}

// giveBack leaves the stage and has noted what could not be put back.
func (s *stage) giveBack(r *recorder) error {
	report, err := s.leave()
	if r != nil {
		r.session.Notes = append(r.session.Notes, remains(report)...)
		r.session.Restored = report.Settings()
	}
	return errors.Join(err, unrestored(report))
}

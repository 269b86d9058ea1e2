package driver

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/assaylab/assay/workloads/wire"
)

// trial is the life of a process that prints: set up, ready, go, begin, the window, end,
// check, print. The line comes last: where anything failed there is none.
func (w Workload) trial(o options, control *wire.Conn, stdout io.Writer) error {
	defer control.Close()
	t, err := o.setup(o.role)
	if err != nil {
		return err
	}
	processes, err := w.processes()
	if err != nil {
		return errors.Join(err, t.Close())
	}
	r := &Result{declared: w.metrics()}
	if o.stats {
		r.stats = newStats()
	}
	if noting, ok := t.(Coursed); ok && o.course {
		r.course = new(Course)
		noting.Note(r.course)
	}
	if err := errors.Join(measure(t, r, o, processes, control), t.Close()); err != nil {
		return err
	}
	return w.print(r, stdout)
}

// measure runs the window between the messages of the control channel. The runtime
// is read outside of these, so that its reading is no part of the window.
func measure(t Trial, r *Result, o options, processes []process, control *wire.Conn) error {
	if err := control.Ready(); err != nil {
		return err
	}
	if err := control.AwaitGo(); err != nil {
		return err
	}
	stop, err := record(o.profile, o.trace)
	if err != nil {
		return err
	}
	err = window(t, r, o.inject, processes, control)
	if err := errors.Join(err, stop()); err != nil {
		return err
	}
	if err := t.Report(r); err != nil {
		return err
	}
	for _, p := range processes {
		peak, err := peakRSS(fmt.Sprintf("/proc/%d/status", p.pid))
		if err != nil {
			return fmt.Errorf("peak RSS: %w", err)
		}
		r.Set(p.unit(unitPeak), float64(peak))
	}
	return r.err
}

// window is from begin to end.
func window(t Trial, r *Result, inject float64, processes []process, control *wire.Conn) error {
	r.stats.begin()
	if err := control.Begin(); err != nil {
		return err
	}
	cpu, err := cpuTimes(processes)
	if err != nil {
		return err
	}
	start := time.Now()
	ops, err := t.Run()
	if err != nil {
		return err
	}
	slow(inject, start, time.Now)
	r.Window = time.Since(start)
	after, err := cpuTimes(processes)
	if err != nil {
		return err
	}
	if err := control.End(); err != nil {
		return err
	}
	r.stats.end()
	r.Ops = ops
	if ops < 1 {
		return errors.New("no operation was done")
	}
	r.Set(unitOp, float64(r.Window)/float64(ops))
	for i, p := range processes {
		r.Set(p.unit(unitCPU), float64(after[i]-cpu[i])/float64(ops))
	}
	return nil
}

package driver

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/assaylab/assay/workloads/wire"
)

// trial is the life of one process: set up, ready, go, begin, the window, end,
// check, print. The line comes last: where anything failed there is none.
func (w Workload) trial(o options, control *wire.Conn, stdout io.Writer) error {
	defer control.Close()
	t, err := o.setup(o.role)
	if err != nil {
		return err
	}
	r := &Result{declared: w.metrics()}
	if err := errors.Join(measure(t, r, o.inject, control), t.Close()); err != nil {
		return err
	}
	return w.print(r, stdout)
}

// measure runs the window between the messages of the control channel.
func measure(t Trial, r *Result, inject float64, control *wire.Conn) error {
	for _, step := range []func() error{control.Ready, control.AwaitGo, control.Begin} {
		if err := step(); err != nil {
			return err
		}
	}
	cpu := cpuTime()
	start := time.Now()
	ops, err := t.Run()
	if err != nil {
		return err
	}
	slow(inject, start, time.Now)
	r.Window = time.Since(start)
	cpu = cpuTime() - cpu

	if err := control.End(); err != nil {
		return err
	}
	r.Ops = ops
	if ops < 1 {
		return errors.New("no operation was done")
	}
	r.Set(unitOp, float64(r.Window)/float64(ops))
	r.Set(unitCPU, float64(cpu)/float64(ops))
	if err := t.Report(r); err != nil {
		return err
	}
	peak, err := peakRSS("/proc/self/status")
	if err != nil {
		return fmt.Errorf("peak RSS: %w", err)
	}
	r.Set(unitPeak, float64(peak))
	return r.err
}

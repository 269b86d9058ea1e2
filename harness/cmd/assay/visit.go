package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/vm"
)

// A visit is a guest from its boot to its end, and the agent in it.
type visit struct {
	*vm.Guest
	guest  *guest
	remote *run.Remote   // nil: the agent was not started
	said   bytes.Buffer  // by the agent; after gone
	gone   chan struct{} // closed when the agent has ended
	status error         // how; after gone
}

// What a guest may take beyond the timeout of its trials, to begin and to end: an
// emulated one is some ten times slower than this machine.
const (
	leeway    = 10 * time.Minute
	goneAfter = time.Minute
)

// begin starts the agent and waits until it has taken its machine.
func (v *visit) begin(ctx context.Context) (notes []string, err error) {
	v.gone = make(chan struct{})
	go func() {
		defer close(v.gone)
		// Without the context of the run: what ends it ends the guest.
		status, err := v.Run(context.Background(), vm.Command{Args: []string{agentThere, "agent", "run"}, Env: guestEnv, Stderr: &v.said})
		if v.status = err; err == nil && status != exitDone {
			v.status = fmt.Errorf("its agent exited with %d: %s", status, bytes.TrimSpace(v.said.Bytes()))
		}
		if err == nil && status == exitUsage {
			v.status = unwilling{v.status}
		}
		v.Conn().Close() // nobody answers any more
	}()
	defer v.within(ctx, leeway)()
	if v.remote, notes, err = run.Meet(v.Conn()); err != nil {
		return nil, v.explain(ctx, err)
	}
	return notes, nil
}

// An unwilling agent is one that can't do what it is asked to, in any guest like this one.
type unwilling struct{ error }

// onceMore enters a guest again where the first try lost it, as a machine that is busy
// may do with one that it has just booted.
func onceMore(ctx context.Context, enter func() (*visit, error), tell func(format string, args ...any)) (*visit, error) {
	v, err := enter()
	var lost *run.Lost
	var refused unwilling
	if ctx.Err() != nil || !errors.As(err, &lost) || errors.As(err, &refused) {
		return v, err
	}
	tell("%v: booting it once more", err)
	return enter()
}

// within cuts the guest off where it takes too long or the run is stopped, until
// the function that it returns is called.
func (v *visit) within(ctx context.Context, most time.Duration) func() {
	ctx, cancel := context.WithTimeout(ctx, most)
	stop := context.AfterFunc(ctx, v.Cut)
	return func() { stop(); cancel() }
}

// try has a step made.
func (v *visit) try(ctx context.Context, step []run.Attempt) ([]sample.Sample, error) {
	defer v.within(ctx, 2*step[0].Timeout+leeway)()
	samples, err := v.remote.Try(ctx, step)
	if err != nil {
		return nil, v.explain(ctx, err)
	}
	return samples, nil
}

// explain adds to the error of a broken line what the agent said as it ended.
func (v *visit) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case <-v.gone:
	case <-time.After(goneAfter):
		v.Cut()
		<-v.gone
	}
	if v.status != nil {
		return fmt.Errorf("%w: %w", err, v.status)
	}
	return err
}

// lost are the samples of a step whose guest is gone.
func (v *visit) lost(step []run.Attempt, begun time.Time, why error) []sample.Sample {
	all := make([]sample.Sample, len(step))
	for i := range all {
		all[i] = sample.Sample{
			Env: v.guest.env, Emulated: v.Emulated(), Start: begun.UTC(), Wall: int64(time.Since(begun)),
			Outcome: sample.Broken, Error: why.Error(),
		}
	}
	return all
}

// end has the agent put its machine back, and the guest power off. A run that was
// stopped has no use for either.
func (v *visit) end(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	defer v.within(ctx, leeway)()
	if v.remote != nil {
		if err := v.remote.End(); err != nil {
			return v.explain(ctx, err)
		}
		<-v.gone
		if v.status != nil {
			return v.status
		}
	}
	return v.Off(ctx)
}

package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/assaylab/assay/harness/collect"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// A trial is one attempt under way.
type trial struct {
	*Local
	Setup
	attempt Attempt
	s       sample.Sample
	actors  []*actor // in the order in which they start; the last one prints

	together *meeting // with the other trials of its step

	measured bool // the end of the window was heard of, and its counters read
	timedOut bool

	mu    sync.Mutex
	over  bool   // all were killed: whoever starts now is killed too
	heard *actor // whose word or end is waited for
}

// perform starts the roles, takes them through the window and waits for their
// ends. The whole tree is killed at the timeout or when the run is stopped; all
// waits below then end by themselves. The error says that the harness itself could
// not make the trial.
func (t *trial) perform(ctx context.Context) error {
	timer := time.AfterFunc(t.attempt.Timeout, func() { t.abort(true) })
	stop := context.AfterFunc(ctx, func() { t.abort(false) })
	err := t.play()
	timer.Stop()
	stop()
	if err == nil {
		t.proveAfter()
	}
	t.kill() // what the roles left behind
	return err
}

// abort kills a trial that is under way, for want of time or for another reason.
func (t *trial) abort(timedOut bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		t.timedOut = timedOut
		t.killAll()
	}
}

// play is a trial from its first role's start to its last role's end.
func (t *trial) play() error {
	err := t.raise()
	if err != nil {
		t.kill()
	} else if p := t.printer(); p.process != nil {
		t.await(p)
		p.foul = t.window(p)
		err = t.sequel(p)
	}
	for _, a := range slices.Backward(t.actors) {
		if a.process != nil {
			t.await(a)
			a.dismiss(t.Talks)
		}
	}
	return err
}

// raise starts the roles, each once the one before it is ready. Where one does
// not get ready the rest is not started.
func (t *trial) raise() error {
	for _, a := range t.actors {
		if err := t.start(a); err != nil {
			return err
		}
		if a == t.printer() {
			return nil
		}
		t.await(a)
		if _, a.foul = a.conn.Expect(wire.MsgReady, t.attempt.Timeout); a.foul != nil {
			return nil
		}
		a.mind(t.kill)
	}
	return nil
}

// proveAfter is the third point of the proof where no end of a window was heard
// of: the program does not talk, or it failed before.
func (t *trial) proveAfter() {
	if t.measured || t.s.Outcome == sample.Void {
		return
	}
	t.readLevels()
	t.disturbed("after the end")
}

// window speaks the harness's side of the control channel and reads counters
// where the script allows. A program that knows nothing of it is not spoken to:
// its window is the process.
func (t *trial) window(p *actor) error {
	if !t.Talks {
		t.s.Window = sample.Whole
		t.prove(p)
		return nil
	}
	t.s.Window = sample.Measured
	if _, err := p.conn.Expect(wire.MsgReady, t.attempt.Timeout); err != nil {
		return err
	}
	t.together.wait()
	if t.disturbed("just before the window") {
		t.kill()
		return nil
	}
	for _, a := range t.actors {
		t.prove(a)
	}
	if err := p.conn.Send(wire.MsgGo); err != nil {
		return err
	}
	begin, err := p.conn.Expect(wire.MsgBegin, t.attempt.Timeout)
	if err != nil {
		return err
	}
	t.moment(false, func(a *actor, m collect.Moment) { a.begun = m })
	for _, a := range t.actors {
		if err := a.enable(); err != nil {
			return err
		}
	}
	if err := p.conn.Send(wire.MsgOK); err != nil {
		return err
	}
	end, err := p.conn.Expect(wire.MsgEnd, t.attempt.Timeout)
	if err != nil {
		return err
	}
	for _, a := range t.actors {
		a.events = a.counted()
	}
	t.moment(true, func(a *actor, m collect.Moment) { a.closed = m })
	t.measured = true
	t.atEnd(end - begin)
	return p.conn.Send(wire.MsgOK)
}

// atEnd reads what only living processes show, and the files of their leaves.
func (t *trial) atEnd(window int64) {
	t.readLevels()
	t.count(window)
	t.disturbed("after the window")
}

// readLevels reads every file that a level of this cell set or observes: those
// of the roles' own leaves, and the machine's.
func (t *trial) readLevels() {
	for _, a := range t.actors {
		if a.leaf != nil {
			a.readLeaf()
		}
	}
	e := t.tested()
	machine := slices.Clone(e.Effects.Observe)
	for _, w := range e.Effects.Host {
		machine = append(machine, w.File)
	}
	e.proof.Host = map[string]string{}
	for _, file := range machine {
		if text, err := t.FS.Read(file); err == nil {
			e.proof.Host[file] = text
		}
	}
}

// disturbed holds the machine knobs, and what is provided, against what was set and
// made. What someone changed makes the trial void.
func (t *trial) disturbed(when string) bool {
	t.Local.mu.Lock()
	defer t.Local.mu.Unlock()
	var what []string
	if t.Provide != nil {
		what = t.Provide.Verify()
	}
	if t.Knobs != nil {
		changes, err := t.Knobs.Verify()
		for _, c := range changes {
			what = append(what, fmt.Sprintf("%s is %q, was set to %q", c.File, c.Got, c.Want))
		}
		if err != nil {
			what = append(what, err.Error())
		}
	}
	if what == nil {
		return false
	}
	t.s.Outcome = sample.Void
	t.s.Error = fmt.Sprintf("changed by someone else, seen %s: %s", when, strings.Join(what, "; "))
	return true
}

// kill ends the whole tree of every role.
func (t *trial) kill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.killAll()
}

// killAll is with mu held.
func (t *trial) killAll() {
	t.over = true
	for _, a := range t.actors {
		a.kill()
	}
}

// await notes whom the trial waits for: whoever that is when time runs out has
// not done its part.
func (t *trial) await(a *actor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.over {
		t.heard = a
	}
}

// closeAll closes what the harness holds of the processes.
func (t *trial) closeAll() {
	for _, a := range t.actors {
		a.close()
	}
}

// end takes away what the attempt made. A leaf that can't be removed stops the
// run: it would be found by no one.
func (t *trial) end() error {
	t.closeAll()
	var errs []error
	for _, a := range t.actors {
		if a.leaf != nil {
			errs = append(errs, a.leaf.Remove())
		}
		if a.process != nil && t.Unwatch != nil {
			errs = append(errs, t.Unwatch(a.process.PID))
		}
	}
	return errors.Join(append(errs, t.clean(t.attempt.Trial.Side))...)
}

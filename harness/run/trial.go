package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/cgroup"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/launch"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// A trial is one attempt under way.
type trial struct {
	*Local
	Setup
	attempt Attempt
	s       sample.Sample

	leaf           *cgroup.Leaf
	process        *launch.Process
	stdout, stderr *pipe
	control        *socket

	evidence      knob.Evidence
	exit          launch.Exit
	timedOut      bool
	foul          error // what was wrong with the workload's side of the conversation
	begun, closed reading
}

func (t *trial) open() (err error) {
	if t.stdout, err = newPipe(keepStdout, false); err != nil {
		return err
	}
	if t.stderr, err = newPipe(keepStderr, true); err != nil {
		return err
	}
	t.control, err = newSocket()
	return err
}

func (t *trial) closeChildEnds() {
	closeFile(&t.stdout.child)
	closeFile(&t.stderr.child)
	closeFile(&t.control.child)
}

func (t *trial) closeAll() {
	for _, p := range []*pipe{t.stdout, t.stderr} {
		if p != nil {
			p.close()
		}
	}
	if t.control != nil {
		t.control.close()
	}
}

// converse takes the workload through its window and waits for its end. A
// watchdog kills the whole tree at the timeout or when the run is stopped; all
// waits below then end by themselves.
func (t *trial) converse(ctx context.Context) {
	deadline := time.Now().Add(t.attempt.Timeout)
	ended := make(chan struct{})
	guarded := make(chan struct{})
	go func() {
		defer close(guarded)
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		select {
		case <-timer.C:
			t.timedOut = true
			t.kill()
		case <-ctx.Done():
			t.kill()
		case <-ended:
		}
	}()
	t.foul = t.window()
	if t.foul != nil && t.Talks {
		// Whoever left the script is given the end of the channel for an
		// answer, and then the time that is left to end.
		closeFile(&t.control.ours)
	}
	var err error
	if t.exit, err = t.process.Wait(); err != nil {
		t.foul = errors.Join(t.foul, err)
	}
	close(ended)
	<-guarded
	t.proveAfter()
	t.kill() // what the workload left behind
}

// proveAfter is the third point of the proof where no end of a window was heard
// of: the program does not talk, or it failed before.
func (t *trial) proveAfter() {
	if t.closed.counts != nil || t.s.Outcome == sample.Void {
		return
	}
	t.readLevels()
	t.disturbed("after the end")
}

// window speaks the harness's side of the control channel and reads counters
// where the script allows. A program that knows nothing of it is not spoken to:
// its window is the process.
func (t *trial) window() error {
	if !t.Talks {
		t.s.Window = sample.Whole
		return nil
	}
	t.s.Window = sample.Measured
	c := wire.NewConn(t.control.ours)
	if _, err := c.Expect(wire.MsgReady, t.attempt.Timeout); err != nil {
		return err
	}
	if t.disturbed("just before the window") {
		t.kill()
		return nil
	}
	t.prove()
	if err := c.Send(wire.MsgGo); err != nil {
		return err
	}
	begin, err := c.Expect(wire.MsgBegin, t.attempt.Timeout)
	if err != nil {
		return err
	}
	t.begun = t.read()
	if err := c.Send(wire.MsgOK); err != nil {
		return err
	}
	end, err := c.Expect(wire.MsgEnd, t.attempt.Timeout)
	if err != nil {
		return err
	}
	t.closed = t.read()
	t.atEnd(end - begin)
	return c.Send(wire.MsgOK)
}

// prove reads, before the window, what the process was born with.
func (t *trial) prove() {
	t.evidence.Env = environ(t.FS, t.process.PID)
	t.evidence.Build = t.Binary.Settings
	t.evidence.Affinity = affinity(t.process.PID)
	t.evidence.Process = knob.ReadProcess(t.FS, t.process.PID, t.Effects)
}

// atEnd reads what only a living process shows, and the leaf's files.
func (t *trial) atEnd(window int64) {
	t.readLevels()
	t.s.Counters = t.closed.since(t.begun, window, t.CPUs)
	for unit, v := range living(t.FS, t.process.PID) {
		t.s.Counters[unit] = v
	}
	t.disturbed("after the window")
}

// readLevels reads every file that a level of this cell set or observes: those
// of the workload's own leaf, and the machine's.
func (t *trial) readLevels() {
	t.evidence.Leaf, t.evidence.Host = map[string]string{}, map[string]string{}
	leaf, machine := slices.Clone(t.Effects.ObserveLeaf), slices.Clone(t.Effects.Observe)
	for _, w := range t.Effects.Cgroup {
		leaf = append(leaf, w.File)
	}
	for _, w := range t.Effects.Host {
		machine = append(machine, w.File)
	}
	for _, file := range leaf {
		if text, err := t.leaf.Read(file); err == nil {
			t.evidence.Leaf[file] = text
		}
	}
	for _, file := range machine {
		if text, err := t.FS.Read(file); err == nil {
			t.evidence.Host[file] = text
		}
	}
}

// disturbed holds the machine knobs against what was set. What someone changed
// makes the trial void.
func (t *trial) disturbed(when string) bool {
	if t.Knobs == nil {
		return false
	}
	changes, err := t.Knobs.Verify()
	if err == nil && len(changes) == 0 {
		return false
	}
	t.s.Outcome = sample.Void
	var what []string
	for _, c := range changes {
		what = append(what, fmt.Sprintf("%s is %q, was set to %q", c.File, c.Got, c.Want))
	}
	if err != nil {
		what = append(what, err.Error())
	}
	t.s.Error = fmt.Sprintf("changed by someone else, seen %s: %s", when, strings.Join(what, "; "))
	return true
}

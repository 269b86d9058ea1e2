package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/vm"
)

// Guests are the machines that a run has in the place of this one: one a kernel.
// One is up at a time, so that none takes CPUs from another; a step of another
// kernel's boots that one anew.
type guests struct {
	want    wanted
	lock    *journal.Lock
	journal *journal.Journal // of their folder: nothing else of this machine is touched
	scratch string           // their folder
	dir     string           // in it: files that they are sent with
	all     []*guest
	of      map[int]*guest // cell -> the one of its kernel
	up      *visit         // nil: none
	tell    func(format string, args ...any)
	notes   []string // for the report
}

// A guest is one kernel's machine.
type guest struct {
	series  string
	env     string
	machine vm.Machine
	errand  errand
	survey  survey
	noted   bool // its notes are among those of all
}

// teller says what goes on, unless quiet.
func (l *lab) teller(quiet bool) func(format string, args ...any) {
	if quiet {
		return func(string, ...any) {}
	}
	return func(format string, args ...any) { fmt.Fprintf(l.stderr, format+"\n", args...) }
}

// shelter makes the folder of the guests, and puts back first what an earlier run left.
// The name is short: sockets lie in it, whose paths the kernel bounds (unix(7)).
func (g *guests) shelter(l *lab, id string) error {
	state, err := l.stateDir()
	if err != nil {
		return err
	}
	if g.journal, err = journal.Open(state); err != nil {
		return elsewhere(err, "--state names another folder for the journal")
	}
	if err := l.recover(g.journal); err != nil {
		return err
	}
	if g.scratch, err = makeFolder(g.journal, id); err != nil {
		return fmt.Errorf("folder for the guests: %w", err)
	}
	g.dir = filepath.Join(g.scratch, "kit")
	return os.Mkdir(g.dir, 0o700)
}

// unshelter takes the folder away.
func (g *guests) unshelter() error {
	if g.journal == nil {
		return nil
	}
	report, err := g.journal.Restore(machine, undoers, journal.Options{})
	err = errors.Join(err, unrestored(report), g.journal.Close())
	g.journal = nil
	return err
}

// guestEnv is the environment of the agent.
var guestEnv = []string{"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TMPDIR=/tmp", "LANG=C"}

// Try has a step made in the guest of its kernel. A guest that is lost on the way
// fails the step's trials, which are tried again in a new one.
func (g *guests) Try(ctx context.Context, step []run.Attempt) ([]sample.Sample, error) {
	one := g.of[step[0].Cell.Index]
	v, err := onceMore(ctx, func() (*visit, error) { return g.enter(ctx, one) }, g.tell)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	samples, err := v.try(ctx, step)
	if err != nil {
		g.up = nil
		v.Cut()
		return v.lost(step, begun, fmt.Errorf("guest %s: %w", one.env, err)), nil
	}
	for i := range samples {
		samples[i].InGuest(v.Emulated())
	}
	return samples, nil
}

// enter is a guest that is up and has taken the plan on.
func (g *guests) enter(ctx context.Context, one *guest) (*visit, error) {
	v, err := g.boot(ctx, one)
	if err != nil || v.remote != nil {
		return v, err
	}
	notes, err := v.begin(ctx)
	if err != nil {
		g.up = nil
		v.Cut()
		return nil, fmt.Errorf("guest %s: %w", one.env, err)
	}
	if !one.noted {
		one.noted = true
		for _, n := range notes {
			g.notes = append(g.notes, one.env+": "+n)
		}
	}
	return v, nil
}

// boot is a guest that is up. Another one that was is ended first.
func (g *guests) boot(ctx context.Context, one *guest) (*visit, error) {
	if g.up != nil && g.up.guest == one {
		return g.up, nil
	}
	g.off(ctx)
	m := one.machine
	m.Dir = g.scratch
	files, err := g.kit()
	if err != nil {
		return nil, err
	}
	told, err := json.Marshal(one.errand)
	if err != nil {
		return nil, err
	}
	m.Files = slices.Concat(m.Files, files, []vm.File{{Path: errandThere, Body: told}})
	booted, err := vm.Boot(ctx, m)
	if err != nil {
		return nil, err
	}
	how := "KVM"
	if booted.Emulated() {
		how = "emulated: its timings decide no claim"
	}
	g.tell("guest %s is up after %v (%s, %s)", one.env, booted.Took.Round(100*time.Millisecond), m.Kernel.Release, how)
	g.up = &visit{Guest: booted, guest: one}
	return g.up, nil
}

// off ends the guest that is up, in order. What was measured there is here already,
// and the machine ends with it: what it says as it ends is a note.
func (g *guests) off(ctx context.Context) {
	v := g.up
	if v == nil {
		return
	}
	g.up = nil
	if err := v.end(ctx); err != nil {
		g.notes = append(g.notes, fmt.Sprintf("guest %s, as it ended: %v", v.guest.env, err))
	}
	v.Cut()
}

// close ends all and gives the lock back.
func (g *guests) close(ctx context.Context) error {
	g.off(ctx)
	err := g.unshelter()
	if g.lock != nil {
		err = errors.Join(err, g.lock.Release())
		g.lock = nil
	}
	return err
}

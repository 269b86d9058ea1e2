// Package setup says what a plan means on one machine, before anything is touched.
//
//  1. [Site.Feasible] finds out which cells can be tested there, and [Reasons]
//     says why the others can't.
//  2. [Site.Cells] makes a [run.Setup] of every cell that can: its processes with
//     their CPUs, arguments and effects, and the binaries that they run. Where these
//     are made elsewhere, [Site.Builds] says of what and [Site.Make] makes them.
//  3. [Site.Demands] is what the cells want of the machine, to be tried beforehand.
//  4. [Keep] finds CPUs for the harness, out of the way of these, and says who
//     has to share one with whom.
//
// The machine may be this one or a guest: the room is the same on both sides.
package setup

import (
	"context"
	"fmt"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/workloads/wire"
)

// A Site is a plan and the machine that it is to run on.
type Site struct {
	File        string // the experiment's, for messages
	Plan        plan.Plan
	Description wire.Description              // of the workload
	Host        host.Host                     // as it was read
	Reach       func(controller string) error // whether a leaf can have a controller, by its v2 name: nil or why not
	Events      func() map[string]string      // events that the processor or the kernel can't count, by unit, with the reasons; asked where a claim is on one
}

// Unfit is an error of the experiment, not of the machine or of a build: it asks for
// what can't be, or names a program that is not there.
type Unfit struct{ Err error }

func (u Unfit) Error() string { return u.Err.Error() }
func (u Unfit) Unwrap() error { return u.Err }

// reachable is the host with the controllers that a leaf can have.
func (s Site) reachable() host.Host { return knob.Reachable(s.Host, s.Reach) }

// Cells resolves and builds every testable cell, by its index. The error names the
// cell whose levels do not resolve, holds what the compiler said, or is [Unfit].
func (s Site) Cells(ctx context.Context, b Builder, f knob.Feasibility) (map[int]run.Setup, build.Record, error) {
	cells, builds := map[int]run.Setup{}, map[int]map[string]string{}
	for _, c := range s.testable(f) {
		set, env, err := s.cell(c)
		if err != nil {
			return nil, build.Record{}, err
		}
		cells[c.Index], builds[c.Index] = set, env
	}
	made, record, err := s.Make(ctx, b, builds)
	if err != nil {
		return nil, record, err
	}
	for i, set := range cells {
		set.Binary, set.Layouts = made[i].Binary, made[i].Layouts
		cells[i] = set
	}
	return cells, record, s.matched(ctx, b, cells)
}

// Builds are the settings that testable cells are built with, layouts apart, for a
// builder that is elsewhere.
func (s Site) Builds(f knob.Feasibility) (map[int]map[string]string, error) {
	all := map[int]map[string]string{}
	for _, c := range s.testable(f) {
		e, err := s.resolve(c, s.reachable())
		if err != nil {
			return nil, err
		}
		all[c.Index] = e.Build
	}
	return all, nil
}

// Demands are what testable cells want of the machine, each once.
func (s Site) Demands(f knob.Feasibility) (states, resources []knob.Demand, err error) {
	var cells []map[string]string
	for _, c := range s.testable(f) {
		cells = append(cells, s.Plan.Settings(c))
	}
	return knob.Demands(cells, s.reachable())
}

func (s Site) testable(f knob.Feasibility) []plan.Cell {
	var cells []plan.Cell
	for _, c := range f.Cells {
		if c.Testable {
			cells = append(cells, s.Plan.Cells[c.Index])
		}
	}
	return cells
}

// cell is what one cell means, on each side of a duet, and the settings that what it
// runs is built with.
func (s Site) cell(c plan.Cell) (set run.Setup, builds map[string]string, err error) {
	set = run.Setup{Cell: c, Talks: !s.Plan.Spec.Workload.Outside()}
	sides, err := s.sides(c, s.reachable())
	if err != nil {
		return set, nil, err
	}
	for i, side := range sides {
		tested, err := s.resolve(c, side)
		if err != nil {
			return set, nil, err
		}
		roles, err := s.roles(c, tested, side)
		if err != nil {
			return set, nil, err
		}
		if builds = tested.Build; i == 0 {
			set.Roles = roles
		} else {
			set.Beside = roles
		}
	}
	return set, builds, nil
}

// resolve gives the effects of a cell on the role under test.
func (s Site) resolve(c plan.Cell, h host.Host) (knob.Effects, error) {
	e, err := knob.Resolve(s.Plan.Settings(c), h)
	return e, s.of(c, err)
}

// of adds to an error which cell it is of.
func (s Site) of(c plan.Cell, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cell %s: %w", s.Plan.Name(c), err)
}

package main

import (
	"fmt"
	"strconv"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
)

// cpusKey is the knob by which a workload has a number of CPUs.
const cpusKey = "cpus"

// duet holds a plan whose trials run two at a time against what that takes, and
// notes the cells that have no CPUs of their own here, or no partner.
func (p *prepared) duet() error {
	if !p.plan.Duet() {
		return nil
	}
	if err := p.duetKey(); err != nil {
		return err
	}
	for _, cells := range p.plan.Steps() {
		why, err := p.apart(cells)
		if err != nil {
			return err
		}
		for _, c := range cells {
			if f := &p.feasible.Cells[c]; f.Testable && why != "" {
				f.Testable, f.Why = false, why
			}
		}
	}
	return nil
}

// duetKey refuses what can't have two levels at once.
func (p *prepared) duetKey() error {
	key := p.plan.Spec.Design.Duet
	why := ""
	k, isKnob := knob.Lookup(key.Text)
	switch {
	case isKnob && (k.Scope == knob.Machine || k.Scope == knob.Provided):
		why = key.Text + " is set for the whole machine, and can't have two levels at once (without a duet its cells are paired within blocks)"
	case key.Text == cpusKey:
		why = "the two sides have as many CPUs, and " + cpusKey + " varies"
	case len(p.description.Roles) > 1:
		why = p.description.Name + " has several roles with CPUs of their own, and two such trials at once are not laid out"
	}
	if why == "" {
		return nil
	}
	return usagef("%s:%d:%d: design.duet: %s", p.file, key.Pos.Line, key.Pos.Column, why)
}

// apart says why the cells of a step can't run beside each other here; "" where they can.
func (p *prepared) apart(cells plan.Step) (why string, err error) {
	for _, c := range cells {
		if f := p.feasible.Cells[c]; !f.Testable {
			return "not without its partner in the duet: " + f.Why, nil
		}
	}
	sides, err := p.sides(p.plan.Cells[cells[0]], p.host)
	if err == nil && sides == nil {
		why = fmt.Sprintf("each of the two trials of a duet needs CPUs on cores of its own, and this process may use %s",
			host.FormatCPUs(p.host.CPU.Allowed))
	}
	return why, err
}

// sides are the host as the trials of a step see it, by side: in a duet each has its
// own share of the CPUs. There are none where the shares can't be had.
func (p *prepared) sides(c plan.Cell, h host.Host) ([]host.Host, error) {
	if !p.plan.Duet() {
		return []host.Host{h}, nil
	}
	n, err := strconv.Atoi(p.plan.Level(c, cpusKey))
	if err != nil {
		return nil, usagef("%s: design.duet: say how many CPUs each of the two trials has (isolation: {%s: 1})", p.file, cpusKey)
	}
	one, two, ok := h.Shares(n)
	if !ok {
		return nil, nil
	}
	left, right := h, h
	left.CPU.Allowed, right.CPU.Allowed = one, two
	return []host.Host{left, right}, nil
}

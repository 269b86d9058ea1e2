package setup

import (
	"fmt"
	"strconv"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/knob"
	"github.com/assaylab/assay/harness/plan"
)

// duet notes in f the cells of a duet that have no CPUs of their own here, or no
// partner. What can't be a duet on any machine is [Unfit].
func (s Site) duet(f *knob.Feasibility) error {
	if err := s.duetKey(); err != nil {
		return err
	}
	for _, cells := range s.Plan.Steps() {
		why, err := s.apart(cells, *f)
		if err != nil {
			return err
		}
		for _, c := range cells {
			if cell := &f.Cells[c]; cell.Testable && why != "" {
				cell.Testable, cell.Why = false, why
			}
		}
	}
	return nil
}

// duetKey refuses what can't have two levels at once.
func (s Site) duetKey() error {
	key := s.Plan.Spec.Design.Duet
	why := ""
	k, isKnob := knob.Lookup(key.Text)
	switch {
	case isKnob && (k.Scope == knob.Machine || k.Scope == knob.Provided):
		why = key.Text + " is set for the whole machine, and can't have two levels at once (without a duet its cells are paired within blocks)"
	case key.Text == knob.CPUsKey:
		why = "the two sides have as many CPUs, and " + knob.CPUsKey + " varies"
	case len(s.Description.Roles) > 1:
		why = s.Description.Name + " has several roles with CPUs of their own, and two such trials at once are not laid out"
	}
	if why == "" {
		return nil
	}
	return Unfit{fmt.Errorf("%s: design.duet: %s", place(key.Pos, s.File), why)}
}

// apart says why the cells of a step can't run beside each other here; "" where they can.
func (s Site) apart(cells plan.Step, f knob.Feasibility) (why string, err error) {
	for _, c := range cells {
		if !f.Cells[c].Testable {
			return "not without its partner in the duet: " + f.Cells[c].Why, nil
		}
	}
	sides, err := s.sides(s.Plan.Cells[cells[0]], s.Host)
	if err == nil && sides == nil {
		why = fmt.Sprintf("each of the two trials of a duet needs CPUs on cores of its own, and this process may use %s",
			host.FormatCPUs(s.Host.CPU.Allowed))
	}
	return why, err
}

// sides are the host as the trials of a step see it, by side: in a duet each has its
// own share of the CPUs. There are none where the shares can't be had.
func (s Site) sides(c plan.Cell, h host.Host) ([]host.Host, error) {
	if !s.Plan.Duet() {
		return []host.Host{h}, nil
	}
	n, err := strconv.Atoi(s.Plan.Level(c, knob.CPUsKey))
	if err != nil {
		return nil, Unfit{fmt.Errorf("%s: design.duet: say how many CPUs each of the two trials has (isolation: {%s: 1})", s.File, knob.CPUsKey)}
	}
	one, two, ok := h.Shares(n)
	if !ok {
		return nil, nil
	}
	left, right := h, h
	left.CPU.Allowed, right.CPU.Allowed = one, two
	return []host.Host{left, right}, nil
}

package plan

import "fmt"

// paired says which cell of a duet has nobody to run with.
func (p *Plan) paired() error {
	if !p.Duet() {
		return nil
	}
	for _, s := range p.Steps() {
		if len(s) == 1 {
			return fmt.Errorf("design.duet: %s has no cell to run with (include or exclude both levels of %s)",
				p.Name(p.Cells[s[0]]), p.Spec.Design.Duet.Text)
		}
	}
	return nil
}

// company are the cells that a control needs beside it: in a duet the one with
// the other level, so that it runs as the cell it repeats does, in company.
func (p *Plan) company(base Cell) []Cell {
	if !p.Duet() {
		return nil
	}
	var with []Cell
	for _, c := range p.Cells {
		if c.Arm == ArmMain && c.Index != base.Index && p.stepOf(c) == p.stepOf(base) {
			with = append(with, c)
		}
	}
	return with
}

// StepOf are the trials that run at once with t, itself among them, in the order of sides.
func (b Block) StepOf(t Trial) []Trial {
	var step []Trial
	for _, o := range b.Trials {
		if o.Step == t.Step {
			step = append(step, o)
		}
	}
	return step
}

// Duet says whether trials run two at a time.
func (p *Plan) Duet() bool { return p.Spec.Design.Duet.Text != "" }

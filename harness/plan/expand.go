package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/assaylab/assay/harness/spec"
)

// expand turns factors into cells: zip, cross, include, exclude, controls.
func (p *Plan) expand() error {
	cells := []map[string]string{{}}
	for _, g := range p.groups() {
		cells = cross(cells, g)
	}
	for _, s := range p.Spec.Include {
		cell := s.Levels()
		if missing := p.missing(cell); missing != "" {
			return fmt.Errorf("include: %s: no level for %s (an included cell names every factor)", s, missing)
		}
		if !slices.ContainsFunc(cells, func(c map[string]string) bool { return maps.Equal(c, cell) }) {
			cells = append(cells, cell)
		}
	}
	for _, s := range p.Spec.Exclude {
		left := slices.DeleteFunc(cells, func(c map[string]string) bool { return p.matches(c, s) })
		if len(left) == len(cells) {
			return fmt.Errorf("exclude: %s matches no cell", s)
		}
		cells = left
	}
	if len(cells) == 0 {
		return fmt.Errorf("exclude leaves no cell")
	}
	for _, c := range cells {
		p.add(Cell{Arm: ArmMain, Levels: c})
	}
	return p.controls()
}

// groups notes the factors and returns what is crossed: each group is a list
// of partial cells, one for a plain factor's level or a step of a zip.
func (p *Plan) groups() [][]map[string]string {
	var groups [][]map[string]string
	single := func(fs []spec.Factor) {
		for _, f := range fs {
			if g := p.zip([]spec.Factor{f}); g != nil {
				groups = append(groups, g)
			}
		}
	}
	single(p.Spec.Knobs)
	for _, z := range p.Spec.Zip {
		groups = append(groups, p.zip(z))
	}
	single(p.Spec.Workload.Params)
	return groups
}

// zip advances factors together. A lone factor with one level is fixed, not crossed.
func (p *Plan) zip(fs []spec.Factor) []map[string]string {
	if len(fs) == 1 && len(fs[0].Levels) == 1 {
		p.Fixed[fs[0].Key.Text] = fs[0].Levels[0].Text
		return nil
	}
	steps := make([]map[string]string, len(fs[0].Levels))
	for i := range steps {
		steps[i] = map[string]string{}
	}
	for _, f := range fs {
		var distinct []string
		for i, l := range f.Levels {
			steps[i][f.Key.Text] = l.Text
			if !slices.Contains(distinct, l.Text) {
				distinct = append(distinct, l.Text)
			}
		}
		p.Factors = append(p.Factors, Factor{Key: f.Key.Text, Levels: distinct})
	}
	return steps
}

// cross joins every cell with every part; the last factor varies fastest.
func cross(cells, parts []map[string]string) []map[string]string {
	var out []map[string]string
	for _, c := range cells {
		for _, part := range parts {
			joined := maps.Clone(c)
			maps.Copy(joined, part)
			out = append(out, joined)
		}
	}
	return out
}

// controls adds the aa cell and the positive one.
func (p *Plan) controls() error {
	c := p.Spec.Design.Controls
	if c.AA != nil {
		base, err := p.find("controls.aa", c.AA)
		if err != nil {
			return err
		}
		p.control(Cell{Arm: ArmAA, Levels: base.Levels}, base)
	}
	if c.Positive == nil {
		return nil
	}
	at := c.Positive.At
	if at == nil {
		at = c.AA
	}
	base, err := p.find("controls.positive", at)
	if err != nil {
		return err
	}
	p.control(Cell{Arm: ArmPositive, Levels: base.Levels, Inject: c.Positive.Inject}, base)
	return nil
}

// control adds a control of a plain cell, with the company that it needs.
func (p *Plan) control(c, base Cell) {
	with := p.company(base)
	p.add(c)
	for _, other := range with {
		p.add(Cell{Arm: c.Arm, Levels: other.Levels})
	}
}

// find is the first plain cell that a selection matches.
func (p *Plan) find(where string, s spec.Selection) (Cell, error) {
	for _, c := range p.Cells {
		if c.Arm == ArmMain && p.matches(c.Levels, s) {
			return c, nil
		}
	}
	return Cell{}, fmt.Errorf("%s: %s matches no cell", where, s)
}

func (p *Plan) add(c Cell) {
	c.Index = len(p.Cells)
	p.Cells = append(p.Cells, c)
}

// matches says whether a cell has every level that s names, fixed keys included.
func (p *Plan) matches(cell map[string]string, s spec.Selection) bool {
	for _, set := range s {
		l, ok := cell[set.Key.Text]
		if !ok {
			l = p.Fixed[set.Key.Text]
		}
		if l != set.Level.Text {
			return false
		}
	}
	return true
}

// missing is the first factor that a cell does not name, or "".
func (p *Plan) missing(cell map[string]string) string {
	for _, f := range p.Factors {
		if _, ok := cell[f.Key]; !ok {
			return f.Key
		}
	}
	return ""
}

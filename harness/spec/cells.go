package spec

import (
	"maps"
	"slices"
	"strings"
)

// groups are what is crossed: the factors of one group advance together.
func (e Experiment) groups() [][]Factor {
	var all [][]Factor
	for _, f := range e.Knobs {
		all = append(all, []Factor{f})
	}
	all = append(all, e.Zip...)
	for _, f := range e.Workload.Params {
		all = append(all, []Factor{f})
	}
	return all
}

// A cell is one combination of levels: key -> level, all that is held included.
type cell map[string]string

func (c cell) has(s Selection) bool {
	return !slices.ContainsFunc(s, func(set Setting) bool { return c[set.Key.Text] != set.Level.Text })
}

// rest is what a cell has apart from the keys that a selection names.
func (c cell) rest(s Selection) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(c)) {
		if _, named := s.level(key); !named {
			parts = append(parts, key+"="+c[key])
		}
	}
	return strings.Join(parts, "\x00")
}

// crossed are all cells before any is included or excluded. The matrix must be
// known to be small.
func (e Experiment) crossed() []cell {
	cells := []cell{{}}
	for _, s := range e.Isolation {
		cells[0][s.Key.Text] = s.Level.Text
	}
	for _, g := range e.groups() {
		var next []cell
		for _, c := range cells {
			for i := range g[0].Levels {
				joined := maps.Clone(c)
				for _, f := range g {
					joined[f.Key.Text] = f.Levels[i].Text
				}
				next = append(next, joined)
			}
		}
		cells = next
	}
	return cells
}

// every are all cells before any is excluded.
func (e Experiment) every() []cell {
	cells := e.crossed()
	base := cells[0]
	for _, s := range e.Include {
		c := maps.Clone(base)
		for _, set := range s {
			c[set.Key.Text] = set.Level.Text
		}
		cells = append(cells, c)
	}
	return cells
}

// cells are all that a plan has. The matrix must be known to be small.
func (e Experiment) cells() []cell {
	return slices.DeleteFunc(e.every(), func(c cell) bool { return slices.ContainsFunc(e.Exclude, c.has) })
}

// expand are the cells. It notes exclusions that leave nothing out, or nothing over.
func (k *checker) expand(e Experiment) []cell {
	cells := e.every()
	for _, s := range e.Exclude {
		before := len(cells)
		cells = slices.DeleteFunc(cells, func(c cell) bool { return c.has(s) })
		switch len(cells) {
		case before:
			k.fail(s.place(), "", "exclude: no cell has %s", s)
		case 0:
			k.fail(s.place(), "", "exclude: %s leaves no cell", s)
			return nil
		}
	}
	return cells
}

// occupied notes selections that name no cell, and claims whose two sides have no
// cells that differ in nothing else.
func (k *checker) occupied(e Experiment) {
	cells := k.expand(e)
	if len(k.errs) > 0 {
		return
	}
	k.some(cells, "design.controls.aa", e.Design.Controls.AA)
	if p := e.Design.Controls.Positive; p != nil {
		k.some(cells, "design.controls.positive.at", p.At)
	}
	for _, claim := range e.Claims {
		where := "claim " + claim.ID.Text
		of := k.some(cells, where+": of", claim.Compare.Of)
		k.shares(claim, of)
		for _, to := range claim.Compare.To {
			other := k.some(cells, where+": to", to)
			if len(of) > 0 && len(other) > 0 && !paired(of, other, claim.Compare.Of, to) {
				k.fail(to.place(), "", "%s: no cell with %s is like one with %s in all else: name in both what a zip moves along",
					where, to, claim.Compare.Of)
			}
		}
	}
}

// shares notes a claim on a share whose side has several cells. A share counts
// blocks: the trials of two cells in one block are not independent.
func (k *checker) shares(claim Claim, of []cell) {
	var each Selection
	for _, key := range claim.Compare.Each {
		each = append(each, Setting{Key: key})
	}
	for _, p := range claim.Parts() {
		if p.Relation.Quantity != Share {
			continue
		}
		cases := map[string]string{} // the levels of each -> those of all else
		for _, c := range of {
			var split Selection
			for _, s := range each {
				split = append(split, Setting{s.Key, Scalar{Text: c[s.Key.Text]}})
			}
			rest, seen := cases[split.String()]
			if seen && rest != c.rest(nil) {
				k.fail(p.Relation.Pos, "", "claim %s: a share is of one cell, and several have %s (name a level of every key that varies in of, or split with each)",
					claim.ID.Text, claim.Compare.Of)
				break
			}
			cases[split.String()] = c.rest(nil)
		}
	}
}

// some are the cells that a selection matches; none is noted.
func (k *checker) some(cells []cell, where string, s Selection) []cell {
	var all []cell
	for _, c := range cells {
		if c.has(s) {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		k.fail(s.place(), "", "%s: no cell has %s", where, s)
	}
	return all
}

// paired says whether some cell of one side has a partner on the other.
func paired(of, to []cell, ofKeys, toKeys Selection) bool {
	named := slices.Concat(ofKeys, toKeys)
	rests := map[string]bool{}
	for _, c := range of {
		rests[c.rest(named)] = true
	}
	return slices.ContainsFunc(to, func(c cell) bool { return rests[c.rest(named)] })
}

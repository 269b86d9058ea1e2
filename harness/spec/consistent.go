package spec

import (
	"fmt"
	"slices"
)

// Limits of a plan. Every planned trial is a line of plan.json.
const (
	maxCells  = 10_000
	maxTrials = 1_000_000
)

// consistent holds the parts of an experiment against each other, as far as
// that needs no catalogue: levels are compared by their text alone.
func consistent(e Experiment) error {
	c := consistency{problems: e.problems(), Experiment: e, keys: e.held()}
	c.keys.collisions(&c.problems)
	repeats(&c.problems, e)
	c.workload()
	c.cells()
	c.selections()
	c.claims()
	c.wholePlots()
	c.duet()
	c.columns()
	return c.err()
}

type consistency struct {
	problems
	Experiment
	keys ring
}

// cells counts the matrix without making it.
func (c *consistency) cells() {
	cells := 1
	for _, g := range c.groups() {
		cells *= len(g[0].Levels)
		if cells+len(c.Include) > maxCells {
			c.fail(g[0].Key.Pos, "", "with %s the matrix has over 10,000 cells", g[0].Key.Text)
			return
		}
	}
	d := c.Design
	if d.MaxBlocks < d.Blocks {
		c.fail(c.origin.place("design.max-blocks"), fmt.Sprintf("%d or more", d.Blocks),
			"design.max-blocks %d is below blocks, %d", d.MaxBlocks, d.Blocks)
	}
	if trials := (cells + len(c.Include)) * max(d.Blocks, d.MaxBlocks); trials > maxTrials {
		c.fail(c.origin.place("design.max-blocks", "design.blocks", "knobs"), "", "%d cells in %d blocks are over 1,000,000 trials",
			cells+len(c.Include), max(d.Blocks, d.MaxBlocks))
	}
}

// selections looks at every selection but those of claims.
func (c *consistency) selections() {
	for i, s := range c.Include {
		c.known("include", s)
		c.complete(s)
		c.once("include", s, c.Include[:i])
	}
	for i, s := range c.Exclude {
		c.known("exclude", s)
		c.once("exclude", s, c.Exclude[:i])
	}
	c.known("design.controls.aa", c.Design.Controls.AA)
	if p := c.Design.Controls.Positive; p != nil {
		c.known("design.controls.positive.at", p.At)
	}
}

// known notes keys that the experiment does not set. more are known besides.
func (c *consistency) known(where string, s Selection, more ...string) {
	for _, set := range s {
		c.knownKey(where, set.Key, more...)
	}
}

func (c *consistency) knownKey(where string, key Scalar, more ...string) (held, bool) {
	h, ok := c.keys.get(key.Text)
	if !ok && !slices.Contains(more, key.Text) {
		names := append(c.keys.names(false), more...)
		c.fail(key.Pos, list(names), "%s: %q is no key of this experiment%s", where, key.Text, Suggest(key.Text, names))
	}
	return h, ok
}

// complete notes what an included cell leaves open, and what it names in vain.
func (c *consistency) complete(s Selection) {
	for _, h := range c.keys {
		_, named := s.level(h.Key.Text)
		if h.varies() && !named {
			c.fail(s.place(), list(c.keys.names(true)), "include: the cell has no level for %s", h.Key.Text)
		}
	}
	for _, set := range s {
		if h, ok := c.keys.get(set.Key.Text); ok && !h.varies() {
			c.fail(set.Key.Pos, list(c.keys.names(true)), "include: %s is held at %s and need not be named", set.Key.Text, h.Levels[0].Text)
		}
	}
}

func (c *consistency) once(where string, s Selection, before []Selection) {
	if slices.ContainsFunc(before, s.equal) {
		c.fail(s.place(), "", "%s: {%s} stands twice", where, s)
	}
}

// wholePlots notes keys of plots that are not there or do not vary.
func (c *consistency) wholePlots() {
	for _, key := range c.Design.WholePlot {
		if h, ok := c.knownKey("design.whole-plot", key); ok && !h.varies() {
			c.fail(key.Pos, list(c.keys.names(true)), "design.whole-plot: %s is held at %s and is never changed", key.Text, h.Levels[0].Text)
		}
	}
}

// duet notes a key of pairs that is not there or does not make pairs.
func (c *consistency) duet() {
	key := c.Design.Duet
	if key.Text == "" {
		return
	}
	h, ok := c.knownKey("design.duet", key)
	switch {
	case !ok:
	case len(h.Levels) != 2:
		c.fail(key.Pos, "a key with two levels", "design.duet: %s has %d, and two cells are run at once", key.Text, len(h.Levels))
	case h.zipped:
		c.fail(key.Pos, "a key with two levels", "design.duet: %s is zipped: its cells differ in more than one key", key.Text)
	case slices.ContainsFunc(c.Design.WholePlot, func(slow Scalar) bool { return slow.Text == key.Text }):
		c.fail(key.Pos, "", "design.duet: %s is also in whole-plot, and both of its levels are run at once", key.Text)
	}
}

// columns notes a table column that is not there or does not vary.
func (c *consistency) columns() {
	key := c.Report.Columns
	if key.Text == "" {
		return
	}
	if h, ok := c.keys.get(key.Text); !ok || !h.varies() {
		c.fail(key.Pos, list(c.keys.names(true)), "report.columns: %q is no key that varies", key.Text)
	}
}

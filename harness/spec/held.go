package spec

import (
	"slices"
	"strings"
)

// A held is a key that the experiment sets, with the levels it takes.
type held struct {
	Factor
	section string // "knobs"
	zipped  bool
}

// varies says whether the key takes several levels.
func (h held) varies() bool {
	return slices.ContainsFunc(h.Levels, func(l Scalar) bool { return l.Text != h.Levels[0].Text })
}

// distinct are the levels without the repeats that a zip may have.
func (h held) distinct() []string {
	var all []string
	seen := map[string]bool{}
	for _, l := range h.Levels {
		if !seen[l.Text] {
			seen[l.Text] = true
			all = append(all, l.Text)
		}
	}
	return all
}

// held are all keys that the experiment sets, in order of expansion, isolation last.
func (e Experiment) held() []held {
	var all []held
	for _, f := range e.Knobs {
		all = append(all, held{f, "knobs", false})
	}
	for _, g := range e.Zip {
		for _, f := range g {
			all = append(all, held{f, "zip", true})
		}
	}
	for _, f := range e.Workload.Params {
		all = append(all, held{f, "workload.params", false})
	}
	for _, s := range e.Isolation {
		all = append(all, held{Factor{s.Key, []Scalar{s.Level}}, "isolation", false})
	}
	return all
}

// placeOf is where a level of a key stands, or, for no level, the key.
func (e Experiment) placeOf(key, level string) Pos {
	for _, h := range e.held() {
		if h.Key.Text != key {
			continue
		}
		for _, l := range h.Levels {
			if l.Text == level {
				return l.Pos
			}
		}
		return h.Key.Pos // or the level is one that only an included cell has
	}
	return Pos{}
}

// A ring finds a held key by its name.
type ring []held

func (r ring) get(key string) (held, bool) {
	i := slices.IndexFunc(r, func(h held) bool { return h.Key.Text == key })
	if i < 0 {
		return held{}, false
	}
	return r[i], true
}

// names are the keys, or those that vary.
func (r ring) names(varyingOnly bool) []string {
	var all []string
	for _, h := range r {
		if !varyingOnly || h.varies() {
			all = append(all, h.Key.Text)
		}
	}
	return all
}

// collisions notes keys set in two places, and keys that results could not tell
// apart: there they are lower case.
func (r ring) collisions(p *problems) {
	seen := map[string]held{}
	for _, h := range r {
		first, twice := seen[strings.ToLower(h.Key.Text)]
		switch {
		case !twice:
			seen[strings.ToLower(h.Key.Text)] = h
		case first.Key.Text == h.Key.Text:
			p.fail(h.Key.Pos, "", "%s stands in %s and in %s (line %d)", h.Key.Text, h.section, first.section, first.Key.Pos.Line)
		default:
			p.fail(h.Key.Pos, "", "%s and %s (line %d) are one key in results, where keys are lower case", h.Key.Text, first.Key.Text, first.Key.Pos.Line)
		}
	}
}

// repeats notes levels that stand twice. Within a zip a level may, the whole step may not.
func repeats(p *problems, e Experiment) {
	for _, f := range slices.Concat(e.Knobs, e.Workload.Params) {
		if first, second, found := repeated(f.Levels); found {
			p.fail(second.Pos, "", "level %s of %s stands twice (first in line %d, column %d)",
				second.Text, f.Key.Text, first.Pos.Line, first.Pos.Column)
		}
	}
	for _, g := range e.Zip {
		for _, f := range g {
			if !(held{Factor: f}).varies() {
				p.fail(f.Key.Pos, "", "zip: %s is %s in every step, and belongs under knobs or params", f.Key.Text, f.Levels[0].Text)
			}
		}
		steps := make([]Scalar, len(g[0].Levels))
		for i := range steps {
			var s Selection
			for _, f := range g {
				s = append(s, Setting{f.Key, f.Levels[i]})
			}
			steps[i] = Scalar{s.String(), g[0].Levels[i].Pos}
		}
		if first, second, found := repeated(steps); found {
			p.fail(second.Pos, "", "zip: the step %s stands twice (first in line %d, column %d)",
				second.Text, first.Pos.Line, first.Pos.Column)
		}
	}
}

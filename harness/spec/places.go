package spec

import (
	"fmt"

	"github.com/assaylab/assay/harness/prose"
)

// Places are where the keys and levels of an experiment stand in its files: of a key by
// its name, of a level by "thp=always". They are for what only a machine finds out, and
// go along to one that does not have the files.
type Places map[string]Place

// A Place is a position in a file, and the line there.
type Place struct {
	At   Pos
	Line string
}

// Places are those of what the cells set. An experiment that came from JSON knows none.
func (e Experiment) Places() Places {
	all, quoted := Places{}, e.problems()
	note := func(name string, at Pos) {
		if _, known := all[name]; !known && at != (Pos{}) {
			all[name] = Place{At: at, Line: quoted.line(at)}
		}
	}
	for _, h := range e.held() {
		note(h.Key.Text, h.Key.Pos)
		for _, l := range h.Levels {
			note(h.Key.Text+"="+l.Text, l.Pos)
		}
	}
	return all
}

// Fault is an error of a level that only the machine finds out, at the place of the
// level, or, where only an included cell has it, of its key.
func (p Places) Fault(key, level string, why error) error {
	where, ok := p[key+"="+level]
	if !ok {
		where = p[key]
	}
	return Error{Pos: where.At, Line: where.Line, Msg: prose.Cut(fmt.Sprintf("%s=%s: %v", key, level, why), mostMessage)}
}

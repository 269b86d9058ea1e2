package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Catalogue is what there is to name in an experiment: the knobs of the
// harness and the workloads of the tree. The command hands it in.
type Catalogue interface {
	// Knobs lists knob names in order; a family ends in ".*" ("env.*").
	Knobs() []string
	// Level parses a level of a knob ("thp", "env.X", or "load.gogc" where the
	// program has a role load) into its canonical text. The error says what is
	// wrong and what is allowed, without the key. ok is false where there is no such knob.
	Level(program, knob, text string) (canonical string, ok bool, err error)

	// Programs lists the workloads.
	Programs() []string
	// Params lists the params of a program, without the "param." prefix.
	Params(program string) []string
	// Roles lists the roles of a program that knobs address by name.
	Roles(program string) []string
	// Param parses a level of a param into its canonical text. It is asked for
	// params of the list only.
	Param(program, param, text string) (canonical string, err error)
	// Metrics lists the units that lines of the program can hold, counters of
	// the harness included.
	Metrics(program string) []string
	// Metric says whether there is such a unit, and whether its value has no
	// noise: claims on it are then decided by repetition.
	Metric(program, unit string) (exact, ok bool)

	// Misfits says what of a cell's levels, by key, that which the cell is built
	// with does not know. The levels are canonical.
	Misfits(w Workload, levels map[string]string) []Misfit

	// Counters lists the units that the harness adds to the lines of any program.
	Counters() []string
	// Group is the word of measure without which the harness does not count a unit;
	// "" for one that it counts always, or that the program prints itself ("" for an
	// outside one).
	Group(program, unit string) string
	// Built says whether a knob is a setting of the build.
	Built(knob string) bool
	// Executable says where it looked for a command's program and found none.
	Executable(program string) error
	// Package says why a Go package can't be found from a folder.
	Package(dir, path string) error
}

// A Misfit is a key of a cell, or one level of it, that the toolchain of the cell
// does not know, or a toolchain that can't be had.
type Misfit struct {
	Key   string
	Level string // "" where the key itself is at fault
	Why   string
}

// Default is a level of every knob: not touched, the observed value recorded.
const Default = "default"

// Check holds an experiment against what there is to name and gives it back
// with every level in canonical text. The one given stays as it is. An error is
// [Errors].
func Check(e Experiment, c Catalogue) (Experiment, error) {
	k := &checker{problems: e.problems(), Catalogue: c, workload: e.Workload, program: e.Workload.Program, measure: e.Measure}
	e, err := k.named(e)
	if err != nil {
		return Experiment{}, err
	}
	repeats(&k.problems, e)
	k.keys = e.held()
	e = k.selections(e)
	k.metrics(e)
	k.misfits(e)
	if len(k.errs) == 0 {
		k.occupied(e)
	}
	if err := k.err(); err != nil {
		return Experiment{}, err
	}
	return e, nil
}

// Misspelt says what an experiment that [Load] refused names and there is not: its
// program, knobs, params and levels, at the place of each, among what of the file
// could not be read. A key with a slip in it makes every claim on the right one look
// wrong, and this is the cause. Nil where all of it is there and can be read.
func Misspelt(e Experiment, c Catalogue) error {
	k := &checker{problems: e.problems(), Catalogue: c, workload: e.Workload, program: e.Workload.Program, measure: e.Measure}
	if e.origin != nil {
		k.errs = slices.Clone(e.origin.unread)
	}
	if len(k.errs) > 0 && k.program.Text == "" { // what a trial runs may be what could not be read
		k.canonical(e)
		return k.err()
	}
	_, err := k.named(e)
	return err
}

// named is an experiment whose program, keys and levels there are, in canonical text.
func (k *checker) named(e Experiment) (Experiment, error) {
	if k.workload.Outside() {
		k.outside(e)
	} else if !slices.Contains(k.Programs(), k.program.Text) {
		k.fail(k.program.Pos, list(k.Programs()), "there is no workload %q%s", k.program.Text, Suggest(k.program.Text, k.Programs()))
		k.program = Scalar{}
	}
	e = k.canonical(e)
	return e, k.err()
}

// nameless says that it is not known what a trial runs: nor, then, what params and
// roles it has.
func (k *checker) nameless() bool { return !k.workload.Outside() && k.program.Text == "" }

type checker struct {
	problems
	Catalogue
	workload Workload
	program  Scalar
	measure  []string
	keys     ring
}

// canonical parses the levels of every key.
func (k *checker) canonical(e Experiment) Experiment {
	e.Knobs = k.factors(e.Knobs)
	e.Workload.Params = k.factors(e.Workload.Params)
	e.Zip = slices.Clone(e.Zip)
	for i, g := range e.Zip {
		e.Zip[i] = k.factors(g)
	}
	e.Isolation = slices.Clone(e.Isolation)
	for i, s := range e.Isolation {
		if k.exists(s.Key) {
			e.Isolation[i].Level = k.level(s.Key.Text, s.Level)
		}
	}
	return e
}

func (k *checker) factors(fs []Factor) []Factor {
	fs = slices.Clone(fs)
	for i, f := range fs {
		if !k.exists(f.Key) {
			continue
		}
		fs[i].Levels = slices.Clone(f.Levels)
		for j, l := range f.Levels {
			fs[i].Levels[j] = k.level(f.Key.Text, l)
		}
	}
	return fs
}

// misfits notes what the toolchains of the cells do not know, each thing once.
func (k *checker) misfits(e Experiment) {
	seen := map[Misfit]bool{}
	for _, c := range e.cells() {
		for _, m := range k.Misfits(k.workload, c) {
			if !seen[m] {
				seen[m] = true
				k.fail(e.placeOf(m.Key, m.Level), "", "%s: %s", m.Key, m.Why)
			}
		}
	}
}

// exists notes a key that is neither a knob nor a param of the program.
func (k *checker) exists(key Scalar) bool {
	if param, ok := strings.CutPrefix(key.Text, ParamPrefix); ok {
		switch {
		case k.workload.Outside():
			return true // a flag that it has not, it refuses itself
		case k.nameless():
			return false
		}
		all := k.Params(k.program.Text)
		if !slices.Contains(all, param) {
			k.fail(key.Pos, list(all), "%s has no param %q%s", k.program.Text, param, Suggest(param, all))
			return false
		}
		return true
	}
	_, ok, err := k.Level(k.program.Text, key.Text, Default)
	switch {
	case !ok && k.nameless() && strings.Contains(key.Text, "."): // it may address a role
	case !ok:
		k.fail(key.Pos, list(k.Knobs()), "there is no knob %q%s", key.Text, Suggest(key.Text, k.Knobs()))
	case err != nil:
		k.fail(key.Pos, "", "%s: %v", key.Text, err)
	}
	return ok && err == nil
}

// level is a level in canonical text; what can't be parsed is noted. Default is
// a level of every knob and of no param.
func (k *checker) level(key string, l Scalar) Scalar {
	var err error
	text := l.Text
	if param, ok := strings.CutPrefix(key, ParamPrefix); ok {
		if k.workload.Outside() {
			return l
		}
		text, err = k.Param(k.program.Text, param, l.Text)
	} else if l.Text != Default {
		text, _, err = k.Level(k.program.Text, key, l.Text)
	}
	if err != nil {
		k.fail(l.Pos, "", "%s: %s", key, notALevel(l.Text, err))
		return l
	}
	return Scalar{text, l.Pos}
}

// notALevel says that a text is no level. A reason that quotes it says so itself.
func notALevel(text string, why error) string {
	if strings.HasPrefix(why.Error(), strconv.Quote(text)) {
		return why.Error()
	}
	return fmt.Sprintf("%q is not a level: %v", text, why)
}

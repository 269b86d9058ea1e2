package knob

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"syscall"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/resource"
	"github.com/assaylab/assay/harness/sysfs"
)

// Feasibility is feasible.json: what this host makes of a plan.
type Feasibility struct {
	Levels []LevelSupport `json:"levels"`          // of every knob of the plan, by key and in the plan's order
	Cells  []CellSupport  `json:"cells"`           // of every cell, in the plan's order
	Root   []string       `json:"root,omitempty"`  // why root is needed: what can't be tested without
	Notes  []string       `json:"notes,omitempty"` // what to know of the knobs named, before believing a result

	// Uncounted are units of claims that this machine can't count, with the reasons;
	// filled by the caller.
	Uncounted map[string]string `json:"uncounted,omitempty"`
}

// Testable says whether any cell can be tested here.
func (f Feasibility) Testable() bool {
	return slices.ContainsFunc(f.Cells, func(c CellSupport) bool { return c.Testable })
}

// Untestable are the cells that can't be tested here, by index, with the reasons.
func (f Feasibility) Untestable() map[int]string {
	m := map[int]string{}
	for _, c := range f.Cells {
		if !c.Testable {
			m[c.Index] = c.Why
		}
	}
	return m
}

// A Support is yes, no because, or could not find out because.
type Support struct {
	Word SupportWord `json:"support"`
	Why  string      `json:"why,omitempty"` // and what to do about it
}

// A SupportWord is one of three.
type SupportWord string

const (
	Yes     SupportWord = "yes"
	No      SupportWord = "no"
	Unknown SupportWord = "could not find out"
)

// A LevelSupport is one level of one knob on this host, and what it would write where.
type LevelSupport struct {
	Key   string `json:"key"`
	Level string `json:"level"`
	Support
	Host     []HostWrite       `json:"host,omitempty"`
	Cgroup   []sysfs.Write     `json:"cgroup,omitempty"`   // of the leaf
	Provide  []resource.Spec   `json:"provide,omitempty"`  // made before, removed afterwards
	Affinity string            `json:"affinity,omitempty"` // CPU list
	Process  []string          `json:"process,omitempty"`  // other settings of the process: "nice 5"
	Env      map[string]string `json:"env,omitempty"`
	Build    map[string]string `json:"build,omitempty"`
}

// A HostWrite is a file of the machine that a level would set. Where it says so
// already nothing is written, and no privilege is needed.
type HostWrite struct {
	File string `json:"file"`
	Now  string `json:"now"`
	Want string `json:"want"`
}

// A CellSupport says whether a cell can be tested here.
type CellSupport struct {
	Index    int    `json:"index"`
	Testable bool   `json:"testable"`
	Why      string `json:"why,omitempty"` // "not testable here: ..." without that prefix
}

// Feasible says what of a plan can be tested on a host, without changing
// anything. reach answers whether a leaf can have a controller, by its v2 name.
func Feasible(p plan.Plan, h host.Host, reach func(controller string) error) Feasibility {
	s := scout{host: Reachable(h, reach), reach: reach, writable: h.FS.Writable}
	var f Feasibility
	support := make(map[[3]string]Support)
	for _, kl := range levelsOf(p) {
		l, needsRoot := s.best(p, kl, support)
		f.Levels = append(f.Levels, l)
		if needsRoot {
			f.Root = join(f.Root, []string{l.Why})
		}
		_, name := Address(kl.key)
		if k, _ := Lookup(name); k.Note != "" && kl.level != Default {
			f.Notes = join(f.Notes, []string{k.Name + ": " + k.Note})
		}
	}
	for _, c := range p.Cells {
		why := s.cell(p.Settings(c), support)
		f.Cells = append(f.Cells, CellSupport{Index: c.Index, Testable: len(why) == 0, Why: strings.Join(why, "; ")})
	}
	return f
}

// best is what a level comes to in the cells that have it, which may find different
// things on the host, as some provide what it needs: a yes where any says so. Every
// answer goes into support, by what the cell gives, key and level.
func (s scout) best(p plan.Plan, kl keyLevel, support map[[3]string]Support) (best LevelSupport, needsRoot bool) {
	asked := false
	for _, c := range p.Cells {
		levels := p.Settings(c)
		at := [3]string{giving(levels), kl.key, kl.level}
		if _, known := support[at]; known || levels[kl.key] != kl.level {
			continue
		}
		in := s
		in.host = Given(levels, s.host)
		l, root := in.level(kl.key, kl.level, kl.advice)
		support[at] = l.Support
		if !asked || l.Word == Yes && best.Word != Yes {
			best, needsRoot, asked = l, root, true
		}
	}
	if !asked { // no cell has it
		best, needsRoot = s.level(kl.key, kl.level, kl.advice)
	}
	return best, needsRoot
}

// cell says why a cell can't be tested: levels that exclude each other, levels
// that are not supported, or roles that need more CPUs than are left.
func (s scout) cell(levels map[string]string, support map[[3]string]Support) (why []string) {
	for _, role := range append([]string{""}, addressed(levels)...) {
		own := Levels(levels, role)
		if err := conflict(own); err != nil {
			why = append(why, err.Error())
		}
		for _, name := range inOrder(own) {
			if s := support[[3]string{giving(levels), keyOf(role, name), own[name]}]; s.Word != Yes {
				why = append(why, s.Why)
			}
		}
	}
	if len(why) > 0 {
		return why
	}
	return s.beside(levels)
}

// beside asks whether the roles that levels address by name find room beside the
// one under test.
func (s scout) beside(levels map[string]string) (why []string) {
	roles := addressed(levels)
	if len(roles) == 0 {
		return nil
	}
	tested, err := Resolve(levels, s.host)
	if err != nil {
		return []string{err.Error()}
	}
	for _, role := range roles {
		if _, err := ResolveBeside(role, levels, s.host, tested); err != nil {
			why = append(why, err.Error())
		}
	}
	return why
}

// A keyLevel is one level that some cell of a plan has.
type keyLevel struct{ key, level, advice string }

// levelsOf lists factors in file order, then what is held fixed, by key.
func levelsOf(p plan.Plan) []keyLevel {
	var all []keyLevel
	add := func(key, level, advice string) {
		_, name := Address(key)
		if _, ok := Lookup(name); ok {
			all = append(all, keyLevel{key, level, advice})
		}
	}
	for _, f := range p.Factors {
		for _, level := range f.Levels {
			add(f.Key, level, "drop the level")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.Fixed)) {
		add(key, p.Fixed[key], "drop the knob")
	}
	return all
}

// A scout finds out, without touching anything.
type scout struct {
	host     host.Host
	reach    func(controller string) error
	writable func(file string) error
}

// level finds out about one level; needsRoot says that root would make it possible.
func (s scout) level(key, level, advice string) (l LevelSupport, needsRoot bool) {
	l = LevelSupport{Key: key, Level: level, Support: Support{Word: Yes}}
	_, name := Address(key)
	e, err := effects(name, level, s.host)
	if err != nil {
		l.Support = supportOf(key, level, err)
		var no *Unsupported
		return l, errors.As(err, &no) && no.Root
	}
	l.Provide, l.Cgroup, l.Env, l.Build = e.Provide, e.Cgroup, e.Env, e.Build
	l.Affinity, l.Process = host.FormatCPUs(e.Process.Affinity), e.Process.Words()
	for _, w := range e.Host {
		now, err := s.host.FS.Read(w.File)
		l.Host = append(l.Host, HostWrite{File: w.File, Now: w.Same.Value(now), Want: w.Value})
		if err == nil && w.Same.Equal(now, w.Value) {
			continue
		}
		if err = s.writable(w.File); err != nil {
			l.Support = s.refused(key, level, w.File, advice, err)
			return l, !s.host.Root && errors.Is(err, fs.ErrPermission)
		}
	}
	for _, w := range e.Cgroup {
		if err := s.leaf(controller(w.File)); err != nil {
			l.Support = Support{Word: No, Why: fmt.Sprintf("%s=%s: setting %s of the leaf: %v, or %s", key, level, w.File, err, advice)}
			return l, !s.host.Root && errors.Is(err, fs.ErrPermission)
		}
	}
	return l, false
}

func (s scout) leaf(controller string) error {
	if s.reach == nil {
		return unsupported("no cgroups can be made here")
	}
	return s.reach(controller)
}

func supportOf(key, level string, err error) Support {
	if isUnsupported(err) {
		return Support{Word: No, Why: fmt.Sprintf("%s=%s: %v", key, level, err)}
	}
	return Support{Word: Unknown, Why: fmt.Sprintf("%s=%s: could not find out whether this host has it: %v", key, level, err)}
}

// refused says why a file of the machine can't be written, and what to do.
func (s scout) refused(key, level, file, advice string, err error) Support {
	what := fmt.Sprintf("%s=%s: writing %s", key, level, file)
	switch {
	case errors.Is(err, fs.ErrPermission) && !s.host.Root:
		return Support{Word: No, Why: fmt.Sprintf("%s needs root: run with sudo, or %s", what, advice)}
	case errors.Is(err, syscall.EROFS):
		return Support{Word: No, Why: fmt.Sprintf("%s: it is mounted read-only, as in a container: run on the machine itself, or %s", what, advice)}
	case errors.Is(err, fs.ErrNotExist):
		return Support{Word: No, Why: fmt.Sprintf("%s: this kernel has no such file: %s", what, advice)}
	case errors.Is(err, fs.ErrPermission):
		return Support{Word: No, Why: fmt.Sprintf("%s is not permitted, though this is root (a container, or a kernel that is locked down): %s", what, advice)}
	}
	return Support{Word: Unknown, Why: fmt.Sprintf("%s: could not find out: %v", what, err)}
}

package knob

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/resource"
)

// Resolve gives the effects of a cell: all its levels by key, those of fixed keys
// included. Keys that name no knob (params, the arm) have none. The host is one
// narrowed by [Reachable]. The error wraps errors.ErrUnsupported where the cell
// is definitely not possible here, and begins with the key and level at fault.
func Resolve(levels map[string]string, h host.Host) (Effects, error) {
	if err := conflict(levels); err != nil {
		return Effects{}, err
	}
	h = Given(levels, h)
	all := Effects{Env: map[string]string{}, Build: map[string]string{}, Parts: map[string]Effects{}}
	for _, key := range inOrder(levels) {
		e, err := effects(key, levels[key], h)
		if err != nil {
			return Effects{}, fmt.Errorf("%s=%s: %w", key, levels[key], err)
		}
		all.Parts[key] = e
		all.add(e)
	}
	return all, nil
}

// effects of one level; default means to look, not to touch.
func effects(key, level string, h host.Host) (Effects, error) {
	k, ok := Lookup(key)
	switch {
	case !ok:
		return Effects{}, errUnknown
	case level == Default:
		return look(k, key, h)
	case k.V1 != "" && onV1(h, controller(k.Leaf)):
		return Effects{}, unsupported("%s: use a cgroup v2 host", k.V1)
	}
	if k.Arch != "" {
		if err := executes(k.Arch, h); err != nil {
			return Effects{}, err
		}
	}
	e, err := k.Effects(key, level, h)
	e.ObserveProcess = join(e.ObserveProcess, proofs(e.Process))
	return e, err
}

// look names what shows the level that is there.
func look(k Knob, key string, h host.Host) (Effects, error) {
	var e Effects
	if k.Host != nil && !k.Act {
		var err error
		if e.Observe, err = k.files(key, h.FS); err != nil {
			return Effects{}, err
		}
	}
	if k.Leaf != "" {
		e.ObserveLeaf = []string{k.Leaf}
	}
	e.ObserveProcess = k.Shown
	if k.Kind != "" {
		e.ObserveProvided = []resource.Kind{k.Kind}
	}
	return e, nil
}

// add joins the effects of another key.
func (e *Effects) add(o Effects) {
	e.Host = append(e.Host, o.Host...)
	e.Provide = append(e.Provide, o.Provide...)
	e.ObserveProvided = append(e.ObserveProvided, o.ObserveProvided...)
	e.Cgroup = append(e.Cgroup, o.Cgroup...)
	e.Observe = join(e.Observe, o.Observe)
	e.ObserveLeaf = join(e.ObserveLeaf, o.ObserveLeaf)
	e.ObserveProcess = join(e.ObserveProcess, o.ObserveProcess)
	e.Process = e.Process.With(o.Process)
	merge(e.Build, o.Build, "GOFLAGS", " ")
	merge(e.Env, o.Env, "GODEBUG", ",")
}

// merge copies variables; one of them is a list, which grows.
func merge(into, from map[string]string, list, separator string) {
	for name, value := range from {
		if old := into[name]; name == list && old != "" {
			value = old + separator + value
		}
		into[name] = value
	}
}

func join(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// conflict finds two knobs of a cell that exclude each other. A level that is
// default sets nothing and so excludes nothing.
func conflict(levels map[string]string) error {
	keys := inOrder(levels)
	for i, a := range keys {
		for _, b := range keys[i+1:] {
			if levels[a] != Default && levels[b] != Default && exclude(a, b) {
				return unsupported("%s and %s can't be set together: drop one of them", a, b)
			}
		}
		if k, _ := Lookup(a); levels[a] != Default {
			if err := k.lonely(levels); err != nil {
				return err
			}
			if k.Clash == nil {
				continue
			}
			if err := k.Clash(a, levels); err != nil {
				return err
			}
		}
	}
	return nil
}

// lonely says of a knob that means nothing by itself what it lacks in a cell.
func (k Knob) lonely(levels map[string]string) error {
	var keys []string
	for _, needed := range k.Needs {
		key, _, _ := strings.Cut(needed, "=")
		if level, set := levels[key]; set && level != Default {
			return nil
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil
	}
	return unsupported("%s means nothing without %s: set it too", k.Name, strings.Join(keys, " or "))
}

func exclude(a, b string) bool {
	ka, _ := Lookup(a)
	kb, _ := Lookup(b)
	return slices.Contains(ka.Not, kb.Name) || slices.Contains(kb.Not, ka.Name)
}

// Kinds are the resources of a cell that are looked at, provided or not.
func (e Effects) Kinds() []resource.Kind {
	kinds := slices.Clone(e.ObserveProvided)
	for _, spec := range e.Provide {
		kinds = append(kinds, spec.Kind)
	}
	return kinds
}

// Causes are the kinds of taint that are evidence in a cell, sorted.
func Causes(levels map[string]string) []string {
	var kinds []string
	for _, key := range inOrder(levels) {
		if k, _ := Lookup(key); levels[key] != Default {
			kinds = join(kinds, k.Causes)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// Reachable is the host with only those controllers that a leaf made by this user
// can have: reach answers for one, nil or why not. A nil reach means none. Knobs
// that make do without a controller then do.
func Reachable(h host.Host, reach func(controller string) error) host.Host {
	h.Controllers = slices.DeleteFunc(slices.Clone(h.Controllers), func(c string) bool {
		return reach == nil || reach(c) != nil
	})
	return h
}

// controller is what a file of a leaf belongs to: "memory" of "memory.max".
func controller(file string) string {
	name, _, _ := strings.Cut(file, ".")
	return name
}

func isUnsupported(err error) bool { return errors.Is(err, errors.ErrUnsupported) }

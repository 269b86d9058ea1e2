package knob

import (
	"errors"
	"maps"
	"slices"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/resource"
	"github.com/assaylab/assay/harness/sysfs"
)

// A Demand is what some cell wants of the machine and the kernel may refuse: a state
// of its files, or a resource.
type Demand struct {
	State    []sysfs.Write
	Resource resource.Spec // where State is nil

	levels map[string]string // of the first cell that wants it
	parts  map[string]Effects
}

// Demands are those of cells, each once, in the order of the cells. The host is one
// narrowed by [Reachable], on which the levels of all cells are possible.
func Demands(cells []map[string]string, h host.Host) (states, resources []Demand, err error) {
	for _, levels := range cells {
		e, err := Resolve(levels, h)
		if err != nil {
			return nil, nil, err
		}
		state := Demand{State: append([]sysfs.Write{}, e.Host...), levels: levels, parts: e.Parts}
		if !slices.ContainsFunc(states, func(d Demand) bool { return slices.Equal(d.State, e.Host) }) {
			states = append(states, state)
		}
		for _, spec := range e.Provide {
			if !slices.ContainsFunc(resources, func(d Demand) bool { return d.Resource == spec }) {
				resources = append(resources, Demand{Resource: spec, levels: levels, parts: e.Parts})
			}
		}
	}
	return states, resources, nil
}

// Writes are those of all states, each once, for [NewSession].
func Writes(states []Demand) []sysfs.Write {
	var all []sysfs.Write
	for _, d := range states {
		for _, w := range d.State {
			if !slices.Contains(all, w) {
				all = append(all, w)
			}
		}
	}
	return all
}

// Blame finds the key and the level that an error of the demand is about: of a
// state the one that sets the file which the kernel refused. The key is "" where that
// is none of them.
func (d Demand) Blame(err error) (key, level string) {
	provides := func(part Effects) bool { return slices.Contains(part.Provide, d.Resource) }
	if d.State == nil {
		return d.find(provides)
	}
	var failed *SetError
	if !errors.As(err, &failed) {
		return "", ""
	}
	return d.find(func(part Effects) bool {
		return slices.ContainsFunc(part.Host, func(w sysfs.Write) bool { return w.File == failed.File && w.Value == failed.Value })
	})
}

func (d Demand) find(has func(part Effects) bool) (key, level string) {
	for _, key := range slices.Sorted(maps.Keys(d.parts)) {
		if has(d.parts[key]) {
			return key, d.levels[key]
		}
	}
	return "", ""
}

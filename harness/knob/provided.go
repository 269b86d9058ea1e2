package knob

import (
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/resource"
)

// provided fills in what the knobs of provided resources share: the level is that of
// a resource, which is made for the cells that want it.
func provided(k Knob, kind resource.Kind, support func(level string, h host.Host) error) Knob {
	k.Scope, k.Kind = Provided, kind
	k.Parse = func(_, text string) (string, error) { return resource.Parse(kind, text) }
	k.Effects = func(_, level string, h host.Host) (Effects, error) {
		if err := support(level, h); err != nil {
			return Effects{}, err
		}
		if !h.Root {
			return Effects{}, needsRoot("providing " + string(kind))
		}
		return Effects{Provide: []resource.Spec{{Kind: kind, Level: level}}}, nil
	}
	k.Read = func(_ string, e Evidence) (string, bool) {
		text, ok := e.Provided[kind]
		return text, ok
	}
	return k
}

// Given is the host as the other knobs of a cell find it, its resources made:
// swappiness means something where the cell provides swap.
func Given(levels map[string]string, h host.Host) host.Host {
	for _, key := range inOrder(levels) {
		if k, _ := Lookup(key); k.Gives != nil && levels[key] != Default {
			k.Gives(levels[key], &h)
		}
	}
	return h
}

// giving names the levels of a cell that change the host for others.
func giving(levels map[string]string) string {
	var names []string
	for _, key := range inOrder(levels) {
		if k, _ := Lookup(key); k.Gives != nil && levels[key] != Default {
			names = append(names, key+"="+levels[key])
		}
	}
	return strings.Join(names, " ")
}

// provided holds what a process saw of a resource against what it was to be.
func (r *readings) provided(want resource.Spec) {
	seen, ok := r.e.Provided[want.Kind]
	match, hidden := want.Match(seen)
	r.hold(string(want.Kind), want.Level, seen, ok, match)
	if match && len(hidden) > 0 {
		r.rounded = append(r.rounded, "the kernel does not show "+strings.Join(hidden, ", "))
	}
}

package knob

import (
	"fmt"
	"maps"
	"slices"

	"github.com/assaylab/assay/harness/build"
)

// A Misfit is a key, or one level of it, that the toolchain of a cell does not know:
// the build would fail, or the workload would run as if it were not set.
type Misfit struct {
	Key   string
	Level string   // "" where no level of the key is known
	Why   string   // "go1.26.3 has no such experiment"
	Text  string   // what is not known, and
	There []string // what there is in its place, for a suggestion
}

// Toolchain are the build settings that choose the toolchain of a cell, for
// [build.Builder.Toolchain].
func Toolchain(levels map[string]string) map[string]string {
	level, set := levels[toolchainKey]
	if !set || level == Default {
		return nil
	}
	return chosen(level)
}

// Misfits are the keys and levels of a cell that its toolchain does not know, by key.
func Misfits(levels map[string]string, t build.Toolchain) []Misfit {
	var all []Misfit
	for _, key := range slices.Sorted(maps.Keys(levels)) {
		_, name := Address(key)
		k, ok := Lookup(name)
		if !ok || k.Knows == nil || levels[key] == Default {
			continue
		}
		if m := k.Knows(name, levels[key], t); m != nil {
			m.Key = key
			all = append(all, *m)
		}
	}
	return all
}

// NoToolchain is the misfit of a cell whose toolchain can't be had.
func NoToolchain(levels map[string]string, why error) Misfit {
	return Misfit{Key: toolchainKey, Level: levels[toolchainKey], Why: fmt.Sprint(why)}
}

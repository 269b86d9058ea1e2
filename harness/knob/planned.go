package knob

import (
	"slices"

	"github.com/assaylab/assay/harness/plan"
)

// BuildKeys are the keys of a plan that address the build, sorted.
func BuildKeys(p plan.Plan) []string {
	var keys []string
	for _, c := range p.Cells {
		for key := range p.Settings(c) {
			if k, ok := Lookup(key); ok && k.Scope == Build {
				keys = join(keys, []string{key})
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// Controllers are those whose limits some cell sets, or looks at, for some role: by
// v2 names, sorted.
func Controllers(p plan.Plan) []string {
	var names []string
	for _, c := range p.Cells {
		for key := range p.Settings(c) {
			_, name := Address(key)
			if k, ok := Lookup(name); ok && k.Leaf != "" {
				names = join(names, []string{controller(k.Leaf)})
			}
		}
	}
	slices.Sort(names)
	return names
}

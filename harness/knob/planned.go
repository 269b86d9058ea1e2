package knob

import (
	"slices"
	"strings"

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

// LimitsDisks says whether some cell sets a limit of the io controller for some role.
func LimitsDisks(p plan.Plan) bool {
	return slices.ContainsFunc(p.Cells, func(c plan.Cell) bool {
		for key := range p.Settings(c) {
			if _, name := Address(key); strings.HasPrefix(name, "io.") {
				return true
			}
		}
		return false
	})
}

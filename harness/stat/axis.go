package stat

import (
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/spec"
)

// An Axis is a direction of the matrix: a factor, or the factors of a zip,
// which move as one and can't be told apart.
type Axis struct {
	Name  string   // "thp"; "thp+gogc" for a zip
	Keys  []string // of its factors
	Steps []Levels
}

// Levels are what an axis is set to at one step: key -> canonical level.
type Levels map[string]string

// Axes are the directions of a plan's matrix, in its order.
func Axes(p plan.Plan) []Axis {
	var all []Axis
	for _, f := range p.Factors {
		i := slices.IndexFunc(p.Spec.Zip, func(g []spec.Factor) bool { return position(g, f.Key) >= 0 })
		switch {
		case i < 0:
			all = append(all, single(f))
		case position(p.Spec.Zip[i], f.Key) == 0:
			all = append(all, zipped(p.Spec.Zip[i]))
		}
	}
	return all
}

func position(group []spec.Factor, key string) int {
	return slices.IndexFunc(group, func(f spec.Factor) bool { return f.Key.Text == key })
}

func single(f plan.Factor) Axis {
	a := Axis{Name: f.Key, Keys: []string{f.Key}}
	for _, l := range f.Levels {
		a.Steps = append(a.Steps, Levels{f.Key: l})
	}
	return a
}

func zipped(group []spec.Factor) Axis {
	a := Axis{Steps: make([]Levels, len(group[0].Levels))}
	for _, f := range group {
		a.Keys = append(a.Keys, f.Key.Text)
		for i, l := range f.Levels {
			if a.Steps[i] == nil {
				a.Steps[i] = Levels{}
			}
			a.Steps[i][f.Key.Text] = l.Text
		}
	}
	a.Name = strings.Join(a.Keys, "+")
	return a
}

// String shows levels as "thp=never", keys sorted.
func (l Levels) String() string { return Question{}.show(l) }

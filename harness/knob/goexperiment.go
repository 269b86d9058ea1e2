package knob

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/build"
	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:    "goexperiment",
	Doc:     "experiments of the Go toolchain that the workload is built with (GOEXPERIMENT)",
	Scope:   Build,
	Allow:   "names with commas between, such as nogreenteagc; default for the toolchain's own",
	Try:     "goexperiment=nogreenteagc",
	Note:    "names are the toolchain's, and differ from one release to the next",
	Parse:   func(_, text string) (string, error) { return experiments(text) },
	Effects: func(_, level string, _ host.Host) (Effects, error) { return buildWith("GOEXPERIMENT", level), nil },
	Knows:   experimentsKnown,
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := fromBuild("GOEXPERIMENT", e)
		if canonical, err := experiments(text); err == nil {
			return canonical, ok
		}
		return text, ok
	},
})

// experimentsKnown holds names against the fields of internal/goexperiment.Flags.
// regabi stands for several of them (internal/buildcfg).
func experimentsKnown(_, level string, t build.Toolchain) *Misfit {
	if t.Experiments == nil {
		return nil
	}
	there := append(slices.Clone(t.Experiments), "regabi")
	for name := range strings.SplitSeq(level, ",") {
		bare := strings.TrimPrefix(name, "no")
		if !slices.Contains(there, bare) && !slices.Contains(there, name) {
			return &Misfit{Level: level, Text: bare, There: there, Why: fmt.Sprintf("the toolchain in %s has no experiment %q", t.Root, bare)}
		}
	}
	return nil
}

var experimentName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// errNone: to the go command "none" does not mean no changes. It switches
// everything off, what a release has on by default included, so that none
// against nogreenteagc would compare two programs without Green Tea.
var errNone = errors.New(`"none" would switch off the toolchain's default experiments too: write default for those, or name each as noX`)

// experiments sorts the list, so that one set has one text. Later entries of a
// name win in the go command; here two of one name are a mistake.
func experiments(text string) (string, error) {
	names := strings.Split(text, ",")
	slices.Sort(names)
	seen := make(map[string]bool)
	for _, n := range names {
		bare := strings.TrimPrefix(n, "no")
		switch {
		case n == "none":
			return "", errNone
		case !experimentName.MatchString(n):
			return "", fmt.Errorf("%q is no name of an experiment", n)
		case seen[bare]:
			return "", fmt.Errorf("%q names %s twice", text, bare)
		}
		seen[bare] = true
	}
	return strings.Join(names, ","), nil
}

func buildWith(name, value string) Effects {
	return Effects{Build: map[string]string{name: value}}
}

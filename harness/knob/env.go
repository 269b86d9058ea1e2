package knob

import (
	"fmt"
	"regexp"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "env.*",
	Doc:   "one variable of the workload's environment, such as env.MALLOC_ARENA_MAX",
	Scope: Process,
	Allow: "any text on one line",
	Try:   "env.GOTRACEBACK=all",
	Parse: func(key, text string) (string, error) {
		name := member(key)
		if !variableName.MatchString(name) {
			return "", fmt.Errorf("%q is no name of a variable: letters, digits and underscores", name)
		}
		if why := reserved[name]; why != "" {
			return "", fmt.Errorf("%s %s", name, why)
		}
		return text, plain(text)
	},
	Effects: func(key, level string, _ host.Host) (Effects, error) { return variable(member(key), level), nil },
	Read:    func(key string, e Evidence) (string, bool) { return fromEnv(member(key), e) },
})

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reserved are variables that have a knob of their own, which checks its levels
// and proves them, and those that every trial has the same.
var reserved = map[string]string{
	"PATH":         "is the same in every trial",
	"HOME":         "is the trial's own folder",
	"TMPDIR":       "is the trial's own folder",
	"LANG":         "is C in every trial",
	"GODEBUG":      "is set by key: use godebug.KEY",
	"GOGC":         "has a knob: use gogc",
	"GOMAXPROCS":   "has a knob: use gomaxprocs",
	"GOMEMLIMIT":   "has a knob: use gomemlimit",
	"GOAMD64":      "does nothing to a binary that is built: use goamd64",
	"GOARM64":      "does nothing to a binary that is built: use goarm64",
	"GOARCH":       "does nothing to a binary that is built: use goarch",
	"CGO_ENABLED":  "does nothing to a binary that is built: use cgo-enabled",
	"GOFLAGS":      "does nothing to a binary that is built: use gcflags, ldflags or pgo",
	"GOEXPERIMENT": "does nothing to a binary that is built: use goexperiment",
}

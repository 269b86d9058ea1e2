package knob

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

// The go command is given another go.mod for the build (-modfile), so that the
// tree stays as it is. -gcflags=-lang would cover the language alone, and not the
// GODEBUG defaults, by which the go line reaches the runtime.
var _ = register(Knob{
	Name:  "go-language",
	Doc:   "go line of go.mod that the workload is built by: the version of the language, and the defaults of GODEBUG",
	Scope: Build,
	Allow: "1.21 or later, up to the toolchain's own, such as 1.24 or 1.25.0",
	Try:   "go-language=1.24",
	Note:  "it holds for the packages of this module, not for those that it imports; sources that use a later language fail to build",
	Parse: func(_, text string) (string, error) {
		if !languageVersion.MatchString(text) {
			return "", fmt.Errorf("%q is no version of the language from 1.21 on", text)
		}
		return text, nil
	},
	Effects: func(_, level string, _ host.Host) (Effects, error) { return buildWith("go.mod", "go "+level), nil },
	Checked: "the binary's build info names the GODEBUG defaults that the go line changed; idle where it changed none",
	Check: func(_, level string, e Evidence) Standing {
		if debug := e.Build["DefaultGODEBUG"]; debug != "" {
			return Standing{Word: InForce, Why: "defaults of GODEBUG: " + debug}
		}
		return Standing{Word: Idle, Why: "no default of GODEBUG differs from the toolchain's: only the language can make a difference"}
	},
	Read: func(_ string, e Evidence) (string, bool) {
		line, ok := fromBuild("go.mod", e)
		return strings.TrimPrefix(line, "go "), ok
	},
})

var languageVersion = regexp.MustCompile(`^1\.(2[1-9]|[3-9][0-9])(\.[0-9]+)?$`)

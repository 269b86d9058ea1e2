package knob

import (
	"fmt"
	"path/filepath"
	"regexp"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "pgo",
	Doc:   "profile by which the compiler chooses what to inline and where to branch (go build -pgo)",
	Scope: Build,
	Allow: "off, or a CPU profile in this tree such as workloads/gc-churn/heavy.pgo",
	Try:   "pgo=off",
	Note:  "default takes default.pgo of the workload's folder, where there is one",
	Parse: func(_, text string) (string, error) {
		if text == "off" {
			return text, nil
		}
		if !profilePath.MatchString(text) || !filepath.IsLocal(text) || filepath.Clean(text) != text {
			return "", fmt.Errorf("%q is no path of a .pgo, .pprof or .prof file inside this tree", text)
		}
		return text, nil
	},
	Effects: func(_, level string, _ host.Host) (Effects, error) { return withFlag("-pgo", level), nil },
	Read:    func(_ string, e Evidence) (string, bool) { return fromBuild("-pgo", e) },
})

var profilePath = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_./-]*\.(pgo|pprof|prof)$`)

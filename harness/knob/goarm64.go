package knob

import (
	"errors"
	"regexp"
	"strings"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "goarm64",
	Doc:   "instruction set that the workload is compiled for (GOARM64)",
	Scope: Build,
	Arch:  "arm64",
	Allow: "v8.0 to v8.9, v9.0 to v9.5, each also with ,lse (atomic instructions; v8.1 has them) and ,crypto",
	Try:   "goarm64=v8.0",
	Parse: func(_, text string) (string, error) {
		if !arm64Level.MatchString(text) {
			return "", errors.New(text + " is none of its levels")
		}
		version, options, _ := strings.Cut(text, ",")
		if version != "v8.0" { // which alone lacks lse
			options = strings.Trim(strings.Replace(","+options, ",lse", "", 1), ",")
		}
		return strings.Trim(version+","+options, ","), nil
	},
	Effects: goarm64Effects,
	Read:    func(_ string, e Evidence) (string, bool) { return fromBuild("GOARM64", e) },
})

var arm64Level = regexp.MustCompile(`^(v8\.[0-9]|v9\.[0-5])(,lse)?(,crypto)?$`)

// goarm64Effects asks for the two features that the toolchain makes use of: a
// program with instructions that the CPU lacks ends at its start.
func goarm64Effects(_, level string, h host.Host) (Effects, error) {
	has, err := armFeatures(h)
	if err != nil {
		return Effects{}, err
	}
	if (!strings.HasPrefix(level, "v8.0") || strings.Contains(level, ",lse")) && !has["atomics"] {
		return Effects{}, unsupported("this CPU has no atomic instructions (LSE): v8.0 is all that it runs")
	}
	if strings.Contains(level, ",crypto") && !(has["aes"] && has["sha2"]) {
		return Effects{}, unsupported("this CPU has no crypto instructions")
	}
	return buildWith("GOARM64", level), nil
}

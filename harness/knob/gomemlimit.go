package knob

import (
	"errors"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/workloads/wire"
)

var _ = register(Knob{
	Name:  "gomemlimit",
	Doc:   "soft limit on the memory that the Go runtime manages (GOMEMLIMIT)",
	Scope: Process,
	Allow: "a size such as 512MiB, or off",
	Try:   "gomemlimit=512MiB",
	Parse: func(_, text string) (string, error) {
		if text == "off" {
			return text, nil
		}
		return sizeAbove0(text)
	},
	Effects: func(_, level string, _ host.Host) (Effects, error) { return variable("GOMEMLIMIT", level), nil },
	Read:    func(_ string, e Evidence) (string, bool) { return fromEnv("GOMEMLIMIT", e) },
})

// sizeAbove0 gives a size in the largest binary unit that divides it. The Go
// runtime reads the same units.
func sizeAbove0(text string) (string, error) {
	n, err := wire.ParseBytes(text)
	if err != nil {
		return "", err
	}
	if n == 0 {
		return "", errors.New("a limit of no memory at all starts nothing")
	}
	return wire.FormatBytes(n), nil
}

package knob

import (
	"math"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "gogc",
	Doc:   "growth of the heap, in percent of the live heap, before the next GC cycle (GOGC)",
	Scope: Process,
	Allow: "a whole number from 1, or off",
	Try:   "gogc=200",
	Parse: func(_, text string) (string, error) {
		if text == "off" {
			return text, nil
		}
		return count(text, 1, math.MaxInt32) // the runtime reads 32 bits and takes 100 for all else
	},
	Effects: func(_, level string, _ host.Host) (Effects, error) { return variable("GOGC", level), nil },
	Read:    func(_ string, e Evidence) (string, bool) { return fromEnv("GOGC", e) },
})

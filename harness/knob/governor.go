package knob

import (
	"fmt"
	"regexp"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:  "governor",
	Doc:   "what chooses the frequency of the CPUs, all of them",
	Scope: Machine,
	Allow: "one that the driver offers, such as performance, powersave, schedutil, ondemand",
	Try:   "governor=performance",
	Parse: func(_, text string) (string, error) {
		if !governorName.MatchString(text) {
			return "", fmt.Errorf("%q is no name of a governor", text)
		}
		return text, nil
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		return inPolicies(h, governorFiles, sysfs.Text, offered(h, "scaling_available_governors", level))
	},
	Read:    each(verbatim, governorFiles),
	Host:    below(governorFiles),
	Moves:   []string{preferences, minFreqFiles, maxFreqFiles},
	Settles: onWorkQueue,

	Causes: []string{"frequency"},
})

var governorName = regexp.MustCompile(`^[a-z][a-z_]*$`)

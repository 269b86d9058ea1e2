package knob

import (
	"fmt"

	"github.com/assaylab/assay/harness/host"
)

var _ = register(Knob{
	Name:  "gomaxprocs",
	Doc:   "how many threads run Go code at once (GOMAXPROCS)",
	Scope: Process,
	Allow: "a whole number from 1 to 65536",
	Try:   "gomaxprocs=2",
	Note:  "set, it also ends the updates that Go 1.25 and later make when a quota or an affinity changes",
	Parse: func(_, text string) (string, error) { return count(text, 1, 1<<16) },
	Effects: func(_, level string, _ host.Host) (Effects, error) {
		return variable("GOMAXPROCS", level), nil
	},
	Check:   gomaxprocsCheck,
	Checked: "what the workload reports of itself (metric gomaxprocs), where it does",
	Read:    func(_ string, e Evidence) (string, bool) { return fromEnv("GOMAXPROCS", e) },
})

// gomaxprocsCheck believes a workload that reports what it runs with.
func gomaxprocsCheck(_, level string, e Evidence) Standing {
	n, ok := e.Counts["gomaxprocs"]
	switch {
	case !ok:
		return Standing{Word: InForce}
	case fmt.Sprintf("%.0f", n) != level:
		return Standing{Word: NotInForce, Why: fmt.Sprintf("the workload reports GOMAXPROCS %.0f", n)}
	}
	return Standing{Word: InForce, Why: "as the workload reports"}
}

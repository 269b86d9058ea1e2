package knob

import (
	"fmt"
	"strconv"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

var _ = register(Knob{
	Name:  "nice",
	Doc:   "weight of the workload's threads against others of its group, 19 for the least",
	Scope: Process,
	Allow: "a whole number from -20 to 19",
	Try:   "nice=5",
	Note:  "the kernel weighs a leaf as a whole, so against others outside it only cpu.weight counts",
	Parse: func(_, text string) (string, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < -20 || n > 19 {
			return "", fmt.Errorf("%q is not a whole number from -20 to 19", text)
		}
		return strconv.Itoa(n), nil
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		n, err := strconv.Atoi(level)
		if err == nil && n < 0 && !h.Root {
			err = needsRoot("a nice value below 0")
		}
		return Effects{Process: launch.Settings{Nice: &n}}, err
	},
	Read:  fromProcess(niceOf),
	Shown: []string{procStat},
	Refuses: []Refusal{
		{Cell: "nice=20", Why: "from -20 to 19"},
		{Cell: "nice=-5", Where: "a user other than root", Lacks: func(h *host.Host) { h.Root = false }, Why: "needs root"},
	},
})

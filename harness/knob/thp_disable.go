package knob

import (
	"fmt"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

var _ = register(Knob{
	Name:  "thp-disable",
	Doc:   "whether transparent huge pages are off for this process, whatever the machine says (PR_SET_THP_DISABLE)",
	Scope: Process,
	Allow: "on, off",
	Try:   "thp-disable=on",
	Note:  "it needs no root, and leaves the rest of the machine as it is",
	Parse: oneOf("on", "off"),
	Effects: func(_, level string, _ host.Host) (Effects, error) {
		allowed := level == "off"
		return Effects{Process: launch.Settings{THP: &allowed}, Observe: []string{thpEnabled}}, nil
	},
	Checked: "AnonHugePages of the workload (/proc/PID/smaps_rollup)",
	Check: func(_, level string, e Evidence) Standing {
		huge, seen := e.Counts["anon-huge-bytes"]
		switch {
		case level == "on" && seen && huge > 0:
			return Standing{Word: NotInForce, Why: hugeOf(huge, e) + ", though they are disabled"}
		case level == "off" && seen && huge == 0:
			return Standing{Word: Idle, Why: fmt.Sprintf("no page of the workload was huge (%s)", hugeOf(huge, e))}
		}
		return Standing{Word: InForce}
	},
	Read:  fromProcess(thpDisabledOf),
	Shown: []string{procStatus},
})

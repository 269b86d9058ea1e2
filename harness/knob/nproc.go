package knob

import "strings"

var _ = register(rlimit(Knob{
	Name:    "nproc",
	Doc:     "how many threads and processes the workload's user may have, all of that user's counted (RLIMIT_NPROC)",
	Allow:   `a whole number, or "SOFT:HARD", or unlimited`,
	Try:     "nproc=512",
	Note:    "root is not held to it; pids.max counts the workload alone",
	Checked: "whom the workload ran as (Uid of /proc/PID/status); idle for root",
	Check: func(_, _ string, e Evidence) Standing {
		if uids, ok := statusLine(e.Process, "Uid"); ok && strings.HasPrefix(uids, "0\t") {
			return Standing{Word: Idle, Why: "the workload ran as root, whom this limit does not hold"}
		}
		return Standing{Word: InForce}
	},
}, "nproc", counted, belowHard))

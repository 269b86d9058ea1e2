package knob

import "fmt"

var _ = register(memoryLimit(Knob{
	Name:    "memory.high",
	Doc:     "memory above which the workload is slowed down and made to reclaim, and not killed",
	Try:     "memory.high=1GiB",
	V1:      "cgroup v1 has no limit that throttles (memory.soft_limit_in_bytes is a hint to global reclaim)",
	Checked: "the group's peak (memory.peak) against the limit; idle where it stayed below",
	Check: func(_, level string, e Evidence) Standing {
		peak, read, met := reached(level, e)
		switch {
		case level == "max":
			return Standing{Word: InForce}
		case !read:
			return Standing{Word: InForce, Why: "the group's peak was not read"}
		case !met:
			return Standing{Word: Idle, Why: fmt.Sprintf("peak %s of %s: the limit was not reached", size(peak), level)}
		}
		return Standing{Word: InForce, Why: fmt.Sprintf("peak %s of %s", size(peak), level)}
	},
	Causes: []string{"major-faults", "swap"},
}))

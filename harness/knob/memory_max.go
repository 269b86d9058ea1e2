package knob

import (
	"fmt"
	"strconv"

	"github.com/assaylab/assay/workloads/wire"
)

var _ = register(memoryLimit(Knob{
	Name:    "memory.max",
	Doc:     "hard limit on the workload's memory, page cache and kernel memory included",
	Try:     "memory.max=2GiB",
	Check:   memoryMaxCheck,
	Checked: "processes killed at the limit, and the group's peak (memory.peak) against it; idle where it stayed below",
	Causes:  []string{"major-faults", "swap"}, // pages of a group at its limit are dropped, and read again
}))

// near is how much of a limit has to be used for it to have had a say: the
// kernel charges in batches and begins to reclaim before the last page.
const near = 0.98

func memoryMaxCheck(_, level string, e Evidence) Standing {
	if level == "max" {
		return Standing{Word: InForce}
	}
	if kills := e.Counts["oom-kills"]; kills > 0 {
		return Standing{Word: InForce, Why: fmt.Sprintf("the kernel killed %.0f processes at the limit", kills)}
	}
	peak, ok := e.Counts["cgroup-peak-bytes"]
	limit, err := wire.ParseBytes(level)
	switch {
	case !ok || err != nil:
		return Standing{Word: InForce, Why: "the group's peak was not read"}
	case peak < near*float64(limit):
		return Standing{Word: Idle, Why: fmt.Sprintf("peak %s of %s: the limit was not reached", size(peak), size(float64(limit)))}
	}
	return Standing{Word: InForce, Why: fmt.Sprintf("peak %s of %s", size(peak), size(float64(limit)))}
}

// size shows bytes to people: "71 MiB".
func size(bytes float64) string {
	for _, u := range []struct {
		name string
		of   float64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= u.of {
			return strconv.FormatFloat(bytes/u.of, 'f', decimals(bytes/u.of), 64) + " " + u.name
		}
	}
	return strconv.FormatFloat(bytes, 'f', 0, 64) + " B"
}

// decimals keeps about three digits, and none of a whole number.
func decimals(v float64) int {
	if v >= 10 || v == float64(int64(v)) {
		return 0
	}
	return 1
}

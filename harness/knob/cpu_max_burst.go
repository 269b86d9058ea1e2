package knob

import (
	"fmt"
	"strconv"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

var _ = register(Knob{
	Name:  "cpu.max.burst",
	Doc:   "how much unused quota the workload may save up and spend later, beyond cpu.max",
	Scope: Cgroup,
	Allow: "a time in whole microseconds such as 50ms, not above the quota of cpu.max; 0s for none",
	Try:   "cpu.max.burst=50ms",
	Since: "Linux 5.14",
	After: []string{"cpu.max"},
	Needs: []string{"cpu.max=0.5"},
	Parse: func(_, text string) (string, error) {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 || d > time.Second*mostCPUs || d%time.Microsecond != 0 {
			return "", fmt.Errorf("%q is not a time in whole microseconds, such as 50ms", text)
		}
		return d.String(), nil
	},
	Effects: func(_, level string, h host.Host) (Effects, error) {
		if olderThan(h.Kernel, 5, 14) {
			return Effects{}, unsupported("it came with Linux 5.14, and this is %s", h.Kernel)
		}
		d, err := time.ParseDuration(level)
		return Effects{Cgroup: []sysfs.Write{{File: "cpu.max.burst", Value: strconv.FormatInt(d.Microseconds(), 10), Same: sysfs.Number}}}, err
	},
	Clash: burstClash,
	Refuses: []Refusal{
		{Cell: "cpu.max.burst=60ms cpu.max=0.5", Why: "above the quota"},
		{Cell: "cpu.max.burst=50ms cpu.max=max", Why: "no quota to save from"},
		{Cell: "cpu.max.burst=50ms cpu.max=0.5", Where: "a kernel before 5.14", Lacks: oldKernel, Why: "came with Linux 5.14"},
	},
	Read: func(_ string, e Evidence) (string, bool) {
		text, ok := fromLeaf("cpu.max.burst", e)
		if us, err := strconv.ParseInt(text, 10, 64); err == nil {
			return show(us), ok
		}
		return text, ok
	},
	Leaf: "cpu.max.burst",
})

// burstClash: the kernel takes no burst above the quota, nor any without one.
func burstClash(key string, levels map[string]string) error {
	burst, err := time.ParseDuration(levels[key])
	if err != nil || burst == 0 {
		return err
	}
	quota := levels["cpu.max"]
	b, err := parseBandwidth(quota)
	switch {
	case quota == "max":
		return unsupported("cpu.max.burst=%s has no quota to save from, with cpu.max=max", levels[key])
	case err != nil:
		return err
	case burst.Microseconds() > b.quota:
		return unsupported("cpu.max.burst=%s is above the quota of cpu.max=%s, %s", levels[key], quota, show(b.quota))
	}
	return nil
}

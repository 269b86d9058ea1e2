package knob

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const (
	baseSlice      = "sys/kernel/debug/sched/base_slice_ns"      // from Linux 6.6
	minGranularity = "sys/kernel/debug/sched/min_granularity_ns" // 5.13 to 6.5
	oldGranularity = "proc/sys/kernel/sched_min_granularity_ns"  // before 5.13
	debugSched     = "sys/kernel/debug/sched"
)

var _ = register(Knob{
	Name:  "sched-slice",
	Doc:   "how long a thread runs before another of its queue gets the CPU",
	Scope: Machine,
	Allow: "a time from 100µs to 1s, such as 3ms",
	Try:   "sched-slice=10ms",
	Note:  "the slice of EEVDF from Linux 6.6 on; before, the least slice of CFS, which latency_ns bounds from above",
	Since: "base_slice_ns from Linux 6.6, min_granularity_ns from 5.13 to 6.5, the sysctl before (CONFIG_SCHED_DEBUG)",
	Parse: parseSlice,
	Refuses: []Refusal{
		{Cell: "sched-slice=10µs", Why: "from 100µs to 1s"},
		{Cell: "sched-slice=10ms", Where: "a machine without debugfs", Files: map[string]string{baseSlice: ""}, Why: "debugfs is not mounted"},
	},
	Effects: sliceEffects,
	Read: func(_ string, e Evidence) (string, bool) {
		for _, file := range []string{baseSlice, minGranularity, oldGranularity} {
			if ns, err := strconv.ParseInt(strings.TrimSpace(e.Host[file]), 10, 64); err == nil {
				return time.Duration(ns).String(), true
			}
		}
		return "", false
	},
	Host: below(baseSlice, minGranularity, oldGranularity),
})

func parseSlice(_, text string) (string, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 100*time.Microsecond || d > time.Second {
		return "", fmt.Errorf("%q is not a time from 100µs to 1s", text)
	}
	return d.String(), nil
}

func sliceEffects(_, level string, h host.Host) (Effects, error) {
	d, err := time.ParseDuration(level)
	if err != nil {
		return Effects{}, err
	}
	for _, file := range []string{baseSlice, minGranularity, oldGranularity} {
		_, err := h.FS.Read(file)
		switch {
		case err == nil:
			return one(h, file, strconv.FormatInt(d.Nanoseconds(), 10), sysfs.Number)
		case errors.Is(err, fs.ErrPermission):
			return Effects{}, closedSlice(file, h)
		}
	}
	if olderThan(h.Kernel, 5, 13) {
		return Effects{}, unsupported("this kernel has no %s (CONFIG_SCHED_DEBUG)", oldGranularity)
	}
	return Effects{}, noDebugfs(h)
}

// closedSlice is for debugfs, which root alone may search, and nobody may use of
// a kernel that is locked down.
func closedSlice(file string, h host.Host) error {
	if h.Root {
		return unsupported("%s may not be read, though this is root: the kernel is locked down (sys/kernel/security/lockdown), which closes debugfs", file)
	}
	return needsRoot("reading " + file)
}

func noDebugfs(h host.Host) error {
	switch {
	case h.FS.Exists(debugSched):
		return unsupported("this kernel has neither %s nor %s", baseSlice, minGranularity)
	case !h.Root && h.FS.Exists("sys/kernel/debug"):
		return needsRoot("looking into sys/kernel/debug")
	}
	return unsupported("debugfs is not mounted, where this kernel has it: mount -t debugfs none /sys/kernel/debug")
}

package knob

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const (
	swappinessFile = "proc/sys/vm/swappiness"
	swappinessLeaf = "memory.swappiness" // v1 alone has it
)

var _ = register(Knob{
	Name:    "swappiness",
	Doc:     "how readily the kernel swaps anonymous memory rather than drop page cache",
	Scope:   Machine,
	Allow:   "a whole number from 0 to 200",
	Try:     "swappiness=10",
	Note:    "on cgroup v1 a fresh group copies its parent's value, so the leaf is set too",
	Parse:   func(_, text string) (string, error) { return count(text, 0, 200) },
	Effects: swappinessEffects,
	Since:   "Linux 5.8 for levels above 100",
	Check:   swappinessCheck,
	Checked: "pages swapped in and out on the machine (pswpin and pswpout of /proc/vmstat); idle where there were none",
	Refuses: []Refusal{
		{Cell: "swappiness=10", Where: "a machine without swap", Lacks: func(h *host.Host) { h.Swap = 0 }, Why: "has no swap"},
		{Cell: "swappiness=150", Where: "a kernel before 5.8", Lacks: oldKernel, Why: "200 came with 5.8"},
		{Cell: "swappiness=201", Why: "not a whole number from 0 to 200"},
	},
	Read: func(_ string, e Evidence) (string, bool) {
		// The leaf's own value is what a workload on v1 is subject to.
		if text, ok := fromLeaf(swappinessLeaf, e); ok {
			return text, true
		}
		text, ok := e.Host[swappinessFile]
		return text, ok
	},
	Host:   below(swappinessFile),
	Causes: []string{"swap"},
})

func swappinessEffects(_, level string, h host.Host) (Effects, error) {
	switch {
	case !h.FS.Exists(swappinessFile):
		return Effects{}, unsupported("this kernel has no %s", swappinessFile)
	case h.Swap == 0:
		return Effects{}, unsupported("this machine has no swap (proc/swaps lists none), so there is nothing to be ready for: add a swap level, such as swap: \"file:512MiB\"")
	case len(level) > 2 && level > "100" && olderThan(h.Kernel, 5, 8):
		return Effects{}, unsupported("Linux %s knows levels up to 100; 200 came with 5.8", h.Kernel)
	}
	e := Effects{Host: []sysfs.Write{{File: swappinessFile, Value: level, Same: sysfs.Number}}}
	v1 := h.Cgroup == host.CgroupV1 || h.Cgroup == host.CgroupHybrid
	switch {
	case v1 && slices.Contains(h.Controllers, "memory"):
		e.Cgroup = []sysfs.Write{{File: swappinessLeaf, Value: level, Same: sysfs.Number}}
	case v1 && ownSwappiness(h):
		return Effects{}, unsupported("processes here are in a memory group of cgroup v1, which has a swappiness of its own, and no leaf can be made to set one: run with sudo")
	}
	return e, nil
}

// ownSwappiness says whether this process is in a v1 memory group other than the
// root, which alone follows vm.swappiness (mem_cgroup_swappiness in linux/swap.h).
func ownSwappiness(h host.Host) bool {
	groups, err := h.FS.Read("proc/self/cgroup")
	return err == nil && memoryGroup.MatchString(groups)
}

var memoryGroup = regexp.MustCompile(`(?m)^\d+:([^:]*,)?memory(,[^:]*)?:/.`)

func swappinessCheck(_, _ string, e Evidence) Standing {
	in, seenIn := e.Counts["pages-swapped-in"]
	out, seenOut := e.Counts["pages-swapped-out"]
	switch {
	case !seenIn && !seenOut:
		return Standing{Word: InForce, Why: "swapping was not counted"}
	case in+out == 0:
		return Standing{Word: Idle, Why: "no page was swapped on this machine during the window"}
	}
	return Standing{Word: InForce, Why: fmt.Sprintf("%.0f pages swapped in, %.0f out, on the whole machine", in, out)}
}

// oldKernel makes a host one of a kernel before all that a knob here is newer than.
func oldKernel(h *host.Host) { h.Kernel = "4.19.0" }

// olderThan compares a kernel release, "5.4.0-90-generic". One that can't be
// read is not older: the kernel itself will say.
func olderThan(release string, major, minor int) bool {
	var a, b int
	if n, err := fmt.Sscanf(release, "%d.%d", &a, &b); n != 2 || err != nil {
		return false
	}
	return a < major || (a == major && b < minor)
}

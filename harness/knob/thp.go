package knob

import (
	"fmt"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const (
	thpFolder  = "sys/kernel/mm/transparent_hugepage/"
	thpEnabled = thpFolder + "enabled"
	thpDefrag  = thpFolder + "defrag"

	minFreeFile = "proc/sys/vm/min_free_kbytes"
)

var _ = register(Knob{
	Name:    "thp",
	Doc:     "transparent huge pages for anonymous memory",
	Scope:   Machine,
	Allow:   "never, madvise, always",
	Try:     "thp=always",
	Note:    "since Go 1.21.1 the heap asks for no huge pages, so madvise gives it none; while khugepaged runs the kernel raises vm.min_free_kbytes",
	Parse:   oneOf("never", "madvise", "always"),
	Effects: thpEffects,
	Check:   thpCheck,
	Checked: "AnonHugePages of the workload (/proc/PID/smaps_rollup), at the end of the window; idle where there are none",
	Refuses: []Refusal{
		{Cell: "thp=always", Where: "a kernel where that size has a say of its own", Files: map[string]string{thpFolder + "hugepages-2048kB/enabled": "[always] inherit madvise never"}, Why: "write inherit there first"},
	},
	Read:  selected(thpEnabled),
	Host:  below(thpEnabled),
	Moves: []string{minFreeFile}, // khugepaged asks for more free memory while it runs
})

func thpEffects(_, level string, h host.Host) (Effects, error) {
	e, err := selector(h.FS, thpEnabled, level)
	if err != nil {
		return Effects{}, err
	}
	e.Observe = []string{thpDefrag}
	size, ok, err := pmdSize(h)
	if err != nil || !ok {
		return e, err
	}
	// Since Linux 6.8 each size has a switch, which the common one reaches only
	// where it says inherit (mm/transhuge.rst).
	text, err := h.FS.Read(size)
	if err != nil {
		return Effects{}, err
	}
	if got := sysfs.Selected(text); got != "inherit" {
		return Effects{}, unsupported("%s is %q, so %s has no say over huge pages of that size: write inherit there first", size, got, thpEnabled)
	}
	e.Observe = append(e.Observe, size)
	return e, nil
}

// pmdSize is the switch of the huge pages that one page-table entry maps: 2 MiB on
// amd64, and on arm64 2 MiB, 32 MiB or 512 MiB by page size. False before Linux 6.8.
func pmdSize(h host.Host) (string, bool, error) {
	files, err := h.FS.Glob(thpFolder + "hugepages-*kB/enabled")
	if err != nil || len(files) == 0 {
		return "", false, err
	}
	bytes := 2 << 20
	if text, err := h.FS.Read(thpFolder + "hpage_pmd_size"); err == nil {
		if _, err := fmt.Sscan(text, &bytes); err != nil {
			return "", false, fmt.Errorf("read %shpage_pmd_size: %q is no size: %w", thpFolder, text, err)
		}
	}
	file := fmt.Sprintf("%shugepages-%dkB/enabled", thpFolder, bytes>>10)
	return file, h.FS.Exists(file), nil
}

// thpCheck looks at the workload's own pages. The counters of /proc/vmstat are
// the whole host's, so they only explain.
func thpCheck(_, level string, e Evidence) Standing {
	huge, seen := e.Counts["anon-huge-bytes"]
	if !seen {
		return Standing{Word: InForce, Why: "the workload's huge pages were not read"}
	}
	of := hugeOf(huge, e)
	switch {
	case level == "never" && huge > 0:
		return Standing{Word: NotInForce, Why: of + ", though none are allowed (the workload may collapse pages itself)"}
	case level == "never" || huge > 0:
		return Standing{Word: InForce, Why: of}
	case level == "madvise":
		return Standing{Word: Idle, Why: "no page of the workload was huge: the Go heap is not advised (" + of + ")"}
	}
	return Standing{Word: Idle, Why: fmt.Sprintf("no page of the workload was huge (%s; on the whole host %.0f were given at faults and %.0f collapsed)",
		of, e.Counts["thp-fault-allocs"], e.Counts["thp-collapse-allocs"])}
}

func hugeOf(huge float64, e Evidence) string {
	s := "AnonHugePages " + size(huge)
	if rss, ok := e.Counts["rss-bytes"]; ok {
		s += " of " + size(rss)
	}
	return s
}

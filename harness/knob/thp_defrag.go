package knob

import "github.com/assaylab/assay/harness/host"

var _ = register(Knob{
	Name:  "thp-defrag",
	Doc:   "what a page fault does to find a huge page: reclaim and compact at once, later, or not",
	Scope: Machine,
	Allow: "never, madvise, defer, defer+madvise, always",
	Try:   "thp-defrag=defer",
	Parse: oneOf("never", "madvise", "defer", "defer+madvise", "always"),
	Effects: func(_, level string, h host.Host) (Effects, error) {
		e, err := selector(h.FS, thpDefrag, level)
		e.Observe = []string{thpEnabled}
		return e, err
	},
	Checked: "AnonHugePages of the workload (/proc/PID/smaps_rollup); idle where there are none",
	Check: func(_, level string, e Evidence) Standing {
		if huge, ok := e.Counts["anon-huge-bytes"]; ok && huge == 0 {
			return Standing{Word: Idle, Why: "no page of the workload was huge"}
		}
		return Standing{Word: InForce}
	},
	Read: selected(thpDefrag),
	Host: below(thpDefrag),
})

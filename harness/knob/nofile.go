package knob

import (
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/launch"
)

const mostOpen = "proc/sys/fs/nr_open"

var _ = register(rlimit(Knob{
	Name:  "nofile",
	Doc:   "how many files the workload may have open (RLIMIT_NOFILE)",
	Allow: `a whole number, or "SOFT:HARD", or unlimited`,
	Try:   "nofile=1024:4096",
	Note:  "a Go program raises its soft limit to the hard one (less 1) as it starts, so the hard one is what counts for it",
}, "nofile", counted, func(l launch.Limit, h host.Host) error {
	text, err := h.FS.Read(mostOpen)
	if err != nil {
		return belowHard(l, h)
	}
	if most, err := counted.bound(strings.TrimSpace(text)); err == nil && l.Hard > most {
		return unsupported("%s bounds it to %d here, for root too", mostOpen, most)
	}
	return belowHard(l, h)
}))

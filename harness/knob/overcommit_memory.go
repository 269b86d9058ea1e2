package knob

import (
	"fmt"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const overcommitFile = "proc/sys/vm/overcommit_memory"

var _ = register(Knob{
	Name:    "overcommit-memory",
	Doc:     "whether the kernel promises more memory than there is: 0 within reason, 1 always, 2 never",
	Scope:   Machine,
	Allow:   "0, 1, 2",
	Try:     "overcommit-memory=1",
	Note:    "2 holds for every process of the machine, which then can fail to start or to fork",
	Parse:   oneOf("0", "1", "2"),
	Effects: overcommitEffects,
	Read:    saying(overcommitFile),
	Host:    below(overcommitFile),
})

func overcommitEffects(_, level string, h host.Host) (Effects, error) {
	e, err := one(h, overcommitFile, level, sysfs.Number)
	if err != nil || level != "2" {
		return e, err
	}
	limit, promised := meminfo(h, "CommitLimit"), meminfo(h, "Committed_AS")
	if limit > 0 && promised > limit-limit/4 {
		return Effects{}, unsupported("%d MiB of the %d MiB that this machine could then promise are promised already, and other processes would fail: end some, or raise overcommit-ratio", promised>>10, limit>>10)
	}
	e.Observe = []string{overcommitRatio}
	return e, nil
}

// meminfo is a line of /proc/meminfo, in KiB; 0 where there is none.
func meminfo(h host.Host, label string) int64 {
	text, err := h.FS.Read("proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(text) {
		var n int64
		if rest, ok := strings.CutPrefix(line, label+":"); ok {
			if _, err := fmt.Sscan(rest, &n); err == nil {
				return n
			}
		}
	}
	return 0
}

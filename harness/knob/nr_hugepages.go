package knob

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const hugepagesFile = "proc/sys/vm/nr_hugepages"

var _ = register(Knob{
	Name:    "nr-hugepages",
	Doc:     "how many huge pages the kernel sets aside for those who ask for them by name (HugeTLB)",
	Scope:   Machine,
	Allow:   "a whole number from 0",
	Try:     "nr-hugepages=4",
	Note:    "the Go runtime asks for none; a program has to mmap with MAP_HUGETLB",
	Parse:   func(_, text string) (string, error) { return count(text, 0, math.MaxInt32) },
	Effects: hugepagesEffects,
	Checked: "how many pages the kernel made of those asked for",
	Check: func(_, level string, e Evidence) Standing {
		want, err := strconv.ParseInt(level, 10, 64)
		got, err2 := strconv.ParseInt(strings.TrimSpace(e.Host[hugepagesFile]), 10, 64)
		if err == nil && err2 == nil && got < want {
			return Standing{Word: NotInForce, Why: fmt.Sprintf("memory was too fragmented for more than %d", got)}
		}
		return Standing{Word: InForce}
	},
	Read: saying(hugepagesFile),
	Host: below(hugepagesFile),
})

// hugepagesEffects leaves the machine a quarter of its memory.
func hugepagesEffects(_, level string, h host.Host) (Effects, error) {
	n, err := strconv.ParseInt(level, 10, 64)
	if err != nil {
		return Effects{}, err
	}
	most := h.Memory.Total - h.Memory.Total/4
	if size := meminfo(h, "Hugepagesize") << 10; most > 0 && size > 0 && n > most/size {
		return Effects{}, unsupported("that is more than three quarters of memory: up to %d pages of %d KiB are possible here", most/size, size>>10)
	}
	return one(h, hugepagesFile, level, sysfs.Number)
}

package knob

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/sysfs"
)

const maxPtesNone = thpFolder + "khugepaged/max_ptes_none"

var _ = register(Knob{
	Name:    "thp-max-ptes-none",
	Doc:     "how many untouched small pages khugepaged takes along when it makes a huge page of a range",
	Scope:   Machine,
	Allow:   "a whole number from 0 to 8191 (511 where a huge page has 512 small ones)",
	Try:     "thp-max-ptes-none=0",
	Note:    "khugepaged comes by seconds later (khugepaged/scan_sleep_millisecs), so a short window does not see it",
	Parse:   func(_, text string) (string, error) { return count(text, 0, 8191) },
	Effects: ptesEffects,
	Read:    saying(maxPtesNone),
	Host:    below(maxPtesNone),
})

func ptesEffects(_, level string, h host.Host) (Effects, error) {
	bytes := 2 << 20
	if text, err := h.FS.Read(thpFolder + "hpage_pmd_size"); err == nil {
		if _, err := fmt.Sscan(text, &bytes); err != nil {
			return Effects{}, fmt.Errorf("read %shpage_pmd_size: %q is no size: %w", thpFolder, text, err)
		}
	}
	n, err := strconv.Atoi(level)
	if err != nil {
		return Effects{}, err
	}
	if pages := bytes / cmp.Or(h.Memory.PageSize, 4096); n >= pages {
		return Effects{}, unsupported("a huge page has %d small ones here: up to %d can be left out", pages, pages-1)
	}
	e, err := one(h, maxPtesNone, level, sysfs.Number)
	e.Observe = []string{thpEnabled}
	return e, err
}

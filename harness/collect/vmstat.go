package collect

import "bytes"

var _ = register(Collector{
	Name:  "vmstat",
	Doc:   "huge pages, swap, faults, compaction and NUMA balancing of the whole host (proc/vmstat; mm/vmstat.c)",
	Group: "noise",
	Whole: true,
	Read: func(r *Reader, c Moment) {
		if text, ok := r.Host("proc/vmstat"); ok {
			vmstat(text, c)
		}
	},
})

var vmstatUnits = map[string]string{
	"thp_fault_alloc":           "thp-fault-allocs",
	"thp_fault_fallback":        "thp-fault-fallbacks",
	"thp_collapse_alloc":        "thp-collapse-allocs",
	"thp_collapse_alloc_failed": "thp-collapse-failures",
	"thp_split_page":            "thp-page-splits",
	"thp_split_pmd":             "thp-map-splits",
	"pswpin":                    "pages-swapped-in",
	"pswpout":                   "pages-swapped-out",
	"pgmajfault":                "host-major-faults",
	"compact_stall":             "compact-stalls",
	"compact_daemon_wake":       "compact-daemon-wakes",
	"numa_pte_updates":          "numa-scans",
	"numa_hint_faults":          "numa-hint-faults",
	"numa_pages_migrated":       "numa-pages-migrated",
	"numa_miss":                 "numa-misses",
}

func vmstat(text []byte, c Moment) {
	for line := range bytes.Lines(text) {
		name, value, _ := bytes.Cut(line, []byte(" "))
		unit, wanted := vmstatUnits[string(name)] // makes no string
		if !wanted {
			continue
		}
		if n, _, ok := number(value); ok {
			c[unit] = float64(n)
		}
	}
}

package spec

import (
	"slices"
	"strings"
)

// How many of a metric's own units one unit of a claim is. Metrics are printed
// in ns and bytes only; people write claims in what they read.
var (
	nanoseconds = map[string]float64{"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
	sizes       = map[string]float64{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
)

// Scale is the factor from the relation's unit to a metric's, as the workload
// prints it: 1e6 for "difference < 5 ms" on "gc-mark-cpu-ns/cycle". The unit may
// be the metric itself, the last word of its numerator ("procs" of
// "usable-procs"), a time on a metric in ns, or a size on one in bytes; "/cycle"
// may be repeated or left out. ok is false where the unit does not fit. A ratio
// or share has no unit and the factor 1.
func (r Relation) Scale(metricUnit string) (factor float64, ok bool) {
	if r.Unit == metricUnit || r.Quantity == Ratio || r.Quantity == Share {
		return 1, true
	}
	of, per, _ := strings.Cut(metricUnit, "/")
	unit, unitPer, has := strings.Cut(r.Unit, "/")
	if has && unitPer != per {
		return 0, false
	}
	words := strings.Split(of, "-")
	if unit == of || unit == words[len(words)-1] {
		return 1, true
	}
	if slices.Contains(words, "ns") {
		factor, ok = nanoseconds[unit]
	} else if slices.Contains(words, "bytes") || slices.Contains(words, "B") {
		factor, ok = sizes[unit]
	}
	return factor, ok
}

// units is what may stand after a number on a metric, for messages.
func units(metricUnit string) string {
	of, _, _ := strings.Cut(metricUnit, "/")
	words := strings.Split(of, "-")
	switch {
	case slices.Contains(words, "ns"):
		return "ns, us, ms, s or " + metricUnit
	case slices.Contains(words, "bytes") || slices.Contains(words, "B"):
		return "B, KiB, MiB, GiB or " + metricUnit
	}
	return metricUnit
}

package stat

import (
	"slices"
	"strings"
)

// timings are the words of a unit that tell of time, or of something by or as a
// share of it.
var timings = []string{"ns", "us", "ms", "s", "sec", "hz", "duration", "share", "drop"}

// Timed says of a unit whether it measures time: "ns/op", "gc-mark-cpu-ns/cycle",
// "MB/s", "throttled-share"; not "allocs/op", "B/op" or "gomaxprocs".
func Timed(unit string) bool {
	words := strings.FieldsFunc(strings.ToLower(unit), func(r rune) bool { return r == '/' || r == '-' })
	return strings.Contains(unit, "cpu-cycles") || slices.ContainsFunc(words, func(w string) bool { return slices.Contains(timings, w) })
}

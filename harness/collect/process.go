package collect

import "strings"

var _ = register(Collector{
	Name:  "process",
	Doc:   "faults and CPU time of the process (proc/PID/stat; proc_pid_stat(5))",
	Group: "process",
	Read: func(r *Reader, c Moment) {
		if text, ok := r.Process("stat"); ok {
			processStat(text, c)
		}
	},
})

// processStat reads fields by their number in the manual, where they count from 1.
// Field 2 is the name, in parentheses, and may hold anything. CPU time, here in
// ticks, is left alone where the collector "cgroup", earlier in the order of
// names, found it exact.
func processStat(text string, c Moment) {
	rest := []byte(text[strings.LastIndexByte(text, ')')+1:])
	units := map[int]struct {
		unit string
		by   float64
	}{10: {"minor-faults", 1}, 12: {"major-faults", 1}, 14: {"cpu-user-ns", tick}, 15: {"cpu-system-ns", tick}}
	n := 2
	for field := range strings.FieldsSeq(string(rest)) {
		if n++; n > 15 {
			return
		}
		want, wanted := units[n]
		if _, exact := c[want.unit]; !wanted || exact {
			continue
		}
		if v, end, ok := number([]byte(field)); ok && len(end) == 0 {
			c[want.unit] = float64(v) * want.by
		}
	}
}

package collect

import "bytes"

var _ = register(Collector{
	Name:  "softirqs",
	Doc:   "soft interrupts on the measured CPUs, of the whole host (proc/softirqs; kernel/softirq.c)",
	Group: "noise",
	Read: func(r *Reader, c Moment) {
		if text, ok := r.Host("proc/softirqs"); ok {
			softirqs(text, r.CPUs, c)
		}
	},
})

var softirqUnits = map[string]string{
	"TIMER": "softirqs-timer", "NET_TX": "softirqs-net-tx", "NET_RX": "softirqs-net-rx",
	"BLOCK": "softirqs-block", "SCHED": "softirqs-sched", "RCU": "softirqs-rcu",
}

// softirqs reads a head of CPU names, then a line for each kind with a column
// for each of these CPUs.
func softirqs(text []byte, cpus []int, c Moment) {
	head, rows, _ := bytes.Cut(text, []byte("\n"))
	var wanted []bool
	for name := range bytes.FieldsSeq(head) {
		cpu, _, ok := number(bytes.TrimPrefix(name, []byte("CPU")))
		wanted = append(wanted, ok && among(cpus, cpu))
	}
	for line := range bytes.Lines(rows) {
		name, values, _ := bytes.Cut(bytes.TrimLeft(line, " "), []byte(":"))
		unit, known := softirqUnits[string(name)]
		if !known {
			continue
		}
		total, ok := 0.0, true
		for _, sum := range wanted {
			var n int64
			if n, values, ok = number(values); !ok {
				break
			}
			if sum {
				total += float64(n)
			}
		}
		if ok {
			c[unit] = total
		}
	}
}

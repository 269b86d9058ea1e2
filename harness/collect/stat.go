package collect

import "bytes"

var _ = register(Collector{
	Name:  "stat",
	Doc:   "ticks of the measured CPUs, busy and stolen (proc/stat; proc_stat(5))",
	Group: "noise",
	Read: func(r *Reader, c Moment) {
		// The CPUs stand first; the interrupts below have thousands of fields.
		if text, ok := r.Head("proc/stat", 8192); ok {
			ticks(text, r.CPUs, c)
		}
	},
})

const tick = 10_000_000 // ns of one tick of 1/100 s (USER_HZ)

const (
	busyTicks  = hidden + "busy"
	stealTicks = hidden + "steal"
)

// ticks adds up the lines "cpuN user nice system idle iowait irq softirq steal
// guest guest_nice" of some CPUs. Guest time is already part of user time.
// Where one of the CPUs has no line nothing is added.
func ticks(text []byte, cpus []int, c Moment) {
	var busy, steal int64
	found := 0
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(line, []byte("cpu"))
		if !ok || !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		if len(rest) > 0 && rest[0] == ' ' {
			continue // the sum of all CPUs
		}
		cpu, rest, ok := number(rest)
		if !ok || !among(cpus, cpu) {
			continue
		}
		var f [8]int64
		for i := range f {
			if f[i], rest, ok = number(rest); !ok {
				return
			}
		}
		busy += f[0] + f[1] + f[2] + f[5] + f[6]
		steal += f[7]
		found++
	}
	if found == len(cpus) && found > 0 {
		c[busyTicks], c[stealTicks] = float64(busy), float64(steal)
	}
}

func among(cpus []int, cpu int64) bool {
	for _, each := range cpus {
		if int64(each) == cpu {
			return true
		}
	}
	return false
}

// shortest is the window, in ns, from which shares can be told from ticks.
const shortest = 10 * tick

// share is a part of a whole, from 0 to 1. The kernel is read just before the window
// and just after it, and adds up CPU by CPU at moments of its own: of a window in which
// others had all, that is a little more than all.
func share(part, whole float64) float64 { return min(1, max(0, part/whole)) }

// stolen is less one tick, as is what others had by ticks: the kernel shows whole ones,
// which may have gathered before the window.
var _ = derive(func(begin, end Moment, w Window, c map[string]float64) {
	if steal, ok := grown(begin, end, stealTicks); ok && w.NS >= shortest && len(w.CPUs) > 0 {
		c["steal-share"] = share((steal-1)*tick, w.whole())
	}
})

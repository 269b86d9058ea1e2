package collect

import "maps"

var _ = derive(func(_, _ Moment, w Window, c map[string]float64) {
	if waited, ok := c["cpu-full-pressure-ns"]; ok && w.NS > 0 {
		c["cpu-full-share"] = share(waited, float64(w.NS))
	}
})

var _ = register(Collector{
	Name:   "cgroup",
	Doc:    "CPU time, throttling, memory, I/O and pressure of the workload's cgroup (cgroup-v2.rst; on v1 what means the same)",
	Group:  "cgroup",
	Stands: []string{"cgroup-peak-bytes"},
	Read: func(r *Reader, c Moment) {
		if r.Leaf == nil {
			return
		}
		if units, err := r.Leaf(); err == nil {
			maps.Copy(c, units)
		}
	},
})

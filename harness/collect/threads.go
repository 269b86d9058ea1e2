package collect

import (
	"fmt"
	"os"
)

var _ = register(Collector{
	Name:  "threads",
	Doc:   "time on a CPU, time waiting for one, and switches of all threads (proc/PID/task/*/{schedstat,status}; sched-stats.rst). A thread that ends in the window takes its counts with it",
	Group: "process",
	Read:  threads,
})

func threads(r *Reader, c Moment) {
	dir, err := os.Open(r.set.fs.Path(fmt.Sprintf("proc/%d/task", r.PID)))
	if err != nil {
		return
	}
	defer dir.Close()
	tids, err := dir.Readdirnames(-1)
	if err != nil {
		return
	}
	for _, tid := range tids {
		if text, ok := r.Process("task/" + tid + "/schedstat"); ok {
			schedstat(text, c)
		}
		if text, ok := r.Process("task/" + tid + "/status"); ok {
			switches(text, c)
		}
	}
}

// schedstat adds a thread's "RUN WAIT SLICES": ns on a CPU, ns runnable without
// one, and how often it was put on one.
func schedstat(text string, c Moment) {
	var v [3]int64
	rest, ok := []byte(text), false
	for i := range v {
		if v[i], rest, ok = number(rest); !ok {
			return
		}
	}
	c["on-cpu-ns"] += float64(v[0])
	c["run-queue-wait-ns"] += float64(v[1])
	c["timeslices"] += float64(v[2])
}

// switches adds a thread's context switches.
func switches(text string, c Moment) {
	if n, ok := labelled(text, "voluntary_ctxt_switches:"); ok {
		c["voluntary-switches"] += n
	}
	if n, ok := labelled(text, "nonvoluntary_ctxt_switches:"); ok {
		c["involuntary-switches"] += n
	}
}

var _ = derive(func(_, _ Moment, w Window, c map[string]float64) {
	if w.whole() <= 0 {
		return
	}
	if wait, ok := c["run-queue-wait-ns"]; ok {
		c["run-queue-share"] = wait / w.whole()
	}
	if n, ok := c["involuntary-switches"]; ok {
		c["involuntary-switches/s"] = n / (w.whole() / 1e9)
	}
})

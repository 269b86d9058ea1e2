package collect

import (
	"fmt"
	"strings"
)

const idleFiles = "sys/devices/system/cpu/cpu%d/cpuidle/state*/usage"

var _ = register(Collector{
	Name:  "idle",
	Doc:   "how often and how long the measured CPUs were idle, and in states that are disabled (cpuidle/state*/{usage,time,disable}; admin-guide/pm/cpuidle.rst)",
	Group: "noise",
	Whole: true,
	Read: func(r *Reader, c Moment) {
		for _, cpu := range r.CPUs {
			for _, folder := range r.set.idleStates(cpu) {
				idle(r, folder, c)
			}
		}
	},
})

// idle adds one state of one CPU. The kernel counts it when it is left: a state
// that a CPU was in as it was disabled counts once more.
func idle(r *Reader, folder string, c Moment) {
	usage, ok := r.number(folder + "usage")
	us, ok2 := r.number(folder + "time")
	if !ok || !ok2 {
		return
	}
	c["idle-entries"] += float64(usage)
	c["idle-ns"] += float64(us) * 1000
	if off, ok := r.number(folder + "disable"); ok && off != 0 {
		c["disabled-idle-entries"] += float64(usage)
		c["disabled-idle-ns"] += float64(us) * 1000
	}
}

// number reads a file of the host that holds one, of 20 digits at most.
func (r *Reader) number(name string) (int64, bool) {
	text, ok := r.Head(name, 32)
	if !ok {
		return 0, false
	}
	n, _, ok := number(text)
	return n, ok
}

// idleStates are the folders of a CPU's idle states, looked for once.
func (s *Set) idleStates(cpu int) []string {
	folders, known := s.states[cpu]
	if !known {
		names, _ := s.fs.Glob(fmt.Sprintf(idleFiles, cpu))
		for _, name := range names {
			folders = append(folders, strings.TrimSuffix(name, "usage"))
		}
		s.states[cpu] = folders
	}
	return folders
}

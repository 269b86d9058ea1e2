package collect

import "strings"

var _ = register(Collector{
	Name:  "kernel-threads",
	Doc:   "CPU time of the kernel's threads on the measured CPUs, where they work for the workload (proc/2/task/2/children, proc/PID/{schedstat,stat}; proc(5)). A thread that ends in the window takes its time with it",
	Group: "noise",
	Read: func(r *Reader, c Moment) {
		if r.KernelWork {
			kernelThreads(r, c)
		}
	},
})

// Keys of threads, with their process ID: the ns that each ran, and whether it was on
// a measured CPU.
const (
	threadRan  = hidden + "thread-ran."
	threadHere = hidden + "thread-here."
)

// kernelThreads reads all children of kthreadd, process 2 of the first PID namespace.
// In another there is none, and nothing is known of the kernel's threads.
func kernelThreads(r *Reader, c Moment) {
	if name, err := r.set.fs.Read("proc/2/comm"); err != nil || name != "kthreadd" {
		return
	}
	children, err := r.set.fs.Read("proc/2/task/2/children")
	if err != nil {
		return
	}
	for pid := range strings.FieldsSeq(children) {
		ran, err := r.set.fs.Read("proc/" + pid + "/schedstat")
		stat, err2 := r.set.fs.Read("proc/" + pid + "/stat")
		ns, _, ok := number([]byte(ran))
		if err != nil || err2 != nil || !ok {
			continue // it has ended
		}
		c[threadRan+pid] = float64(ns)
		if cpu, ok := lastCPU(stat); ok && among(r.CPUs, cpu) {
			c[threadHere+pid] = 1
		}
	}
}

// lastCPU is the CPU that a process last ran on, the 39th field of its stat. The
// second is a name in parentheses, which may hold any.
func lastCPU(stat string) (int64, bool) {
	rest := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(rest) < 37 {
		return 0, false
	}
	n, _, ok := number([]byte(rest[36]))
	return n, ok
}

// onBehalf is the CPU time, in ns, of the kernel's threads that were on a measured CPU
// as the window ended. ok is false where they were not read.
func onBehalf(begin, end Moment) (ns float64, ok bool) {
	for key, ran := range end {
		if pid, thread := strings.CutPrefix(key, threadRan); thread {
			ns, ok = ns+end[threadHere+pid]*max(0, ran-begin[key]), true // less where a number was given again
		}
	}
	return ns, ok
}

var _ = derive(func(begin, end Moment, _ Window, c map[string]float64) {
	if ns, ok := onBehalf(begin, end); ok {
		c["kernel-threads-ns"] = ns
	}
})

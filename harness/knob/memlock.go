package knob

var _ = register(rlimit(Knob{
	Name:  "memlock",
	Doc:   "how much memory the workload may lock (RLIMIT_MEMLOCK); io_uring and BPF are charged to it on older kernels",
	Allow: `a size such as 64KiB, or "SOFT:HARD", or unlimited`,
	Try:   "memlock=64KiB",
	Note:  "root is not held to it",
}, "memlock", inBytes, belowHard))

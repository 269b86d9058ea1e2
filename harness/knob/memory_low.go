package knob

var _ = register(memoryLimit(Knob{
	Name: "memory.low",
	Doc:  "memory of the workload that is not reclaimed as long as others have some to give",
	Try:  "memory.low=256MiB",
	V1:   "cgroup v1 has no protection from reclaim",
	Note: "it matters only while the machine is short of memory, and only if the groups above have as much",
}))

package host

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/sysfs"
)

func readCPU(root sysfs.FS, info cpuinfo, arch string) CPU {
	online := readCPUs(root, "sys/devices/system/cpu/online")
	if online == nil {
		online = info.numbers() // containers without /sys
	}
	return CPU{
		Model:   model(root, info),
		Level:   level(root, info, arch),
		Online:  online,
		Cores:   cores(root, online),
		Nodes:   nodes(root, online),
		Allowed: allowed(root, online),
		Arm32:   arm32(root),
	}
}

// FirstThreads is the processor with the first hardware thread of each core alone, as
// it is when SMT is switched off.
func (c CPU) FirstThreads() CPU {
	var first []int
	for _, core := range c.Cores {
		first = append(first, core[0])
	}
	slices.Sort(first)
	c.Online, c.Allowed = both(c.Online, first), both(c.Allowed, first)
	var cores, nodes [][]int
	for _, core := range c.Cores {
		cores = append(cores, core[:1])
	}
	for _, node := range c.Nodes {
		nodes = append(nodes, both(node, first))
	}
	c.Cores, c.Nodes = cores, nodes
	return c
}

func readCPUs(root sysfs.FS, name string) []int {
	cpus, err := ParseCPUs(text(root, name))
	if err != nil {
		return nil
	}
	return cpus
}

// cores groups the online CPUs by physical core. A CPU whose siblings are not
// told counts as a core of its own.
func cores(root sysfs.FS, online []int) [][]int {
	var cores [][]int
	for _, c := range online {
		if slices.ContainsFunc(cores, func(core []int) bool { return slices.Contains(core, c) }) {
			continue
		}
		core := both(siblings(root, c), online)
		if !slices.Contains(core, c) {
			core = []int{c}
		}
		cores = append(cores, core)
	}
	return cores
}

// siblings are the hardware threads of a CPU's core. core_cpus_list is the name
// since Linux 5.2; thread_siblings_list is what it was before and still is.
func siblings(root sysfs.FS, cpu int) []int {
	folder := fmt.Sprintf("sys/devices/system/cpu/cpu%d/topology/", cpu)
	if cpus := readCPUs(root, folder+"core_cpus_list"); cpus != nil {
		return cpus
	}
	return readCPUs(root, folder+"thread_siblings_list")
}

// nodes groups the online CPUs by NUMA node, leaving out nodes of memory alone.
// A kernel without NUMA has one node: all that no node names.
func nodes(root sysfs.FS, online []int) [][]int {
	lists, err := root.Glob("sys/devices/system/node/node[0-9]*/cpulist")
	if err != nil {
		lists = nil
	}
	slices.SortFunc(lists, func(a, b string) int { return cmp.Compare(nodeNumber(a), nodeNumber(b)) })
	var nodes [][]int
	for _, list := range lists {
		if cpus := both(readCPUs(root, list), online); len(cpus) > 0 {
			nodes = append(nodes, cpus)
		}
	}
	if rest := without(online, slices.Concat(nodes...)); len(rest) > 0 {
		nodes = append(nodes, rest)
	}
	return nodes
}

// allowed is the affinity of this process's first thread, as sched_getaffinity
// of its pid would give, but from a file so that a fake tree can have one.
func allowed(root sysfs.FS, online []int) []int {
	for line := range strings.Lines(text(root, "proc/self/status")) {
		list, ok := strings.CutPrefix(line, "Cpus_allowed_list:")
		if !ok {
			continue
		}
		if cpus, err := ParseCPUs(list); err == nil {
			return both(online, cpus) // the file keeps CPUs that went offline
		}
	}
	return slices.Clone(online)
}

package host

import (
	"cmp"
	"slices"
)

// Pick chooses n of the allowed CPUs to measure on, and those that are left for
// the harness and the load, both ascending.
//
// Whole cores come first, so that a measured CPU shares its core with nothing,
// and CPU 0 with its core last, as interrupts and kernel threads live there. All
// are of one NUMA node where one has enough, of a node without CPU 0 if possible.
//
// Housekeeping leaves out idle siblings of measured cores, as work on a sibling
// slows the measured one, unless nothing else is left. Where nothing at all is
// left it is one measured CPU, and shared is true. With n above the number of
// allowed CPUs all of them are measured: the caller has to compare. n < 1
// measures none.
func (h Host) Pick(n int) (measured, housekeeping []int, shared bool) {
	order := h.order(n)
	measured = order[:min(max(n, 0), len(order))]
	measured = slices.Sorted(slices.Values(measured))
	housekeeping, shared = h.Beside(measured)
	return measured, housekeeping, shared
}

// Beside are the CPUs that measured ones leave for the harness and the load, as
// Pick has them: where they leave none it is one of them, and shared is true.
func (h Host) Beside(measured []int) (cpus []int, shared bool) {
	rest := without(h.CPU.Allowed, measured)
	quiet := slices.DeleteFunc(slices.Clone(rest), func(c int) bool {
		return slices.ContainsFunc(h.core(c), func(s int) bool { return slices.Contains(measured, s) })
	})
	switch {
	case len(quiet) > 0:
		return quiet, false
	case len(rest) > 0:
		return rest, false
	}
	order := h.order(len(measured))
	last := order[len(order)-min(1, len(order)):]
	return slices.Clone(last), len(last) > 0
}

// order lists the allowed CPUs, best to measure on first.
func (h Host) order(n int) []int {
	var order []int
	for _, node := range h.nodesFor(n) {
		order = append(order, h.inCores(node)...)
	}
	// CPU 0's core goes last over all nodes. The sort is stable.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(h.rank(a), h.rank(b)) })
	return order
}

// rank is 0 for a CPU whose core is not that of CPU 0, 1 for CPU 0's siblings, 2 for itself.
func (h Host) rank(cpu int) int {
	switch {
	case cpu == 0:
		return 2
	case slices.Contains(h.core(cpu), 0):
		return 1
	}
	return 0
}

// nodesFor orders the allowed CPUs of each node: first the nodes that have n
// beside CPU 0's core, those without CPU 0 before the one with it, then the
// larger ones, so that as few as possible are used.
func (h Host) nodesFor(n int) [][]int {
	var nodes [][]int
	for _, node := range h.CPU.Nodes {
		if node = both(node, h.CPU.Allowed); len(node) > 0 {
			nodes = append(nodes, node)
		}
	}
	free := func(node []int) int {
		return len(slices.DeleteFunc(slices.Clone(node), func(c int) bool { return h.rank(c) > 0 }))
	}
	slices.SortStableFunc(nodes, func(a, b []int) int {
		return cmp.Or(
			-compareBool(free(a) >= n, free(b) >= n),
			compareBool(slices.Contains(a, 0), slices.Contains(b, 0)),
			-cmp.Compare(free(a), free(b)),
		)
	})
	return nodes
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// inCores lists a node's CPUs core by core, cores with more allowed siblings
// among their fellows missing last: a core that others use too is not a whole one.
func (h Host) inCores(node []int) []int {
	var whole, part []int
	for _, core := range h.CPU.Cores {
		here := both(core, node)
		if len(here) == len(core) {
			whole = append(whole, here...)
		} else {
			part = append(part, here...)
		}
	}
	return append(whole, part...)
}

// core is the CPU with its online siblings.
func (h Host) core(cpu int) []int {
	for _, core := range h.CPU.Cores {
		if slices.Contains(core, cpu) {
			return core
		}
	}
	return []int{cpu}
}

// Shares gives two sets of n of the allowed CPUs, for two workloads at once: alike
// in how many cores they have, and with no core in common. ok is false where
// there are not as many.
func (h Host) Shares(n int) (one, two []int, ok bool) {
	seen := map[int]bool{}
	side := &one // which is filled first, so that each keeps to a node where it can
	for _, cpu := range h.order(2 * n) {
		if seen[cpu] {
			continue
		}
		core := both(h.core(cpu), h.CPU.Allowed)
		for _, sibling := range core {
			seen[sibling] = true
		}
		if len(*side) == n {
			side = &two
		}
		*side = append(*side, core[:min(len(core), n-len(*side))]...)
	}
	slices.Sort(one)
	slices.Sort(two)
	return one, two, len(one) == n && len(two) == n
}

package setup

import (
	"fmt"
	"maps"
	"slices"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/run"
)

// A Housekeeping is where the harness keeps to while trials run.
type Housekeeping struct {
	CPUs   []int
	Shared bool // with what is measured: no CPU was left
}

// Keep finds CPUs for the harness among those that it may use: such as no cell
// measures and, if any are left then, no role has. Where every CPU is measured it
// shares one.
func Keep(allowed []int, cells map[int]run.Setup) Housekeeping {
	var measured, taken []int
	for _, c := range cells {
		for _, r := range slices.Concat(c.Roles, c.Beside) {
			taken = append(taken, r.CPUs...)
			if r.Tested {
				measured = append(measured, r.CPUs...)
			}
		}
	}
	for _, used := range [][]int{taken, measured} {
		if free := without(allowed, used); len(free) > 0 {
			return Housekeeping{CPUs: free}
		}
	}
	return Housekeeping{CPUs: allowed[:1], Shared: true}
}

// Crowding says who shares a CPU with whom, the harness among them: a line for it,
// and one for each role that shares with the role under test or with the harness.
func (h Housekeeping) Crowding(cells map[int]run.Setup) []string {
	var lines []string
	say := func(line string) {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if h.Shared {
		say(fmt.Sprintf("the harness shares CPU %d with the workload: no CPU was left for it", h.CPUs[0]))
	}
	for _, cell := range slices.Sorted(maps.Keys(cells)) {
		for _, line := range h.crowded(cells[cell]) {
			say(line)
		}
	}
	return lines
}

// crowded says which roles of a cell have no CPU of their own.
func (h Housekeeping) crowded(c run.Setup) []string {
	var lines []string
	share := func(role string, cpus []int, with string) {
		if len(cpus) > 0 {
			lines = append(lines, fmt.Sprintf("%s shares CPUs %s with %s: none was left", role, host.FormatCPUs(cpus), with))
		}
	}
	tested := c.Tested()
	for _, r := range c.Roles {
		if !r.Tested {
			share(r.Name, common(r.CPUs, tested.CPUs), tested.Name+", which is under test")
			share(r.Name, common(r.CPUs, h.CPUs), "the harness")
		}
	}
	return lines
}

func common(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(cpu int) bool { return !slices.Contains(b, cpu) })
}

func without(a, b []int) []int {
	return slices.DeleteFunc(slices.Clone(a), func(cpu int) bool { return slices.Contains(b, cpu) })
}

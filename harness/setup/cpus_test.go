package setup

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/run"
)

// pair is a cell of a role under test and another one.
func pair(tested, other []int) run.Setup {
	return run.Setup{Roles: []run.Role{{Name: "server", Tested: true, CPUs: tested}, {Name: "load", CPUs: other}}}
}

func TestTheHarnessKeepsOutOfTheWay(t *testing.T) {
	check := func(name string, want []int, shared bool, cells ...run.Setup) {
		t.Helper()
		byIndex := map[int]run.Setup{}
		for i, c := range cells {
			byIndex[i] = c
		}
		require.Equal(t, Housekeeping{want, shared}, Keep([]int{0, 1, 2, 3}, byIndex), name)
	}
	check("no role has them", []int{0, 3}, false, pair([]int{1}, []int{2}))
	check("in no cell", []int{0}, false, pair([]int{1}, []int{2}), pair([]int{3}, nil))
	check("then none that is measured", []int{0, 2, 3}, false, pair([]int{1}, []int{0, 2, 3}))
	check("then one that is", []int{0}, true, pair([]int{0, 1, 2, 3}, []int{0}))
	duet := pair([]int{1}, nil)
	duet.Beside = []run.Role{{Name: "main", Tested: true, CPUs: []int{2, 3}}}
	check("both sides of a duet are measured", []int{0}, false, duet)
}

func TestWhoSharesIsSaidOnce(t *testing.T) {
	check := func(h Housekeeping, cells map[int]run.Setup, want ...string) {
		t.Helper()
		require.Equal(t, want, h.Crowding(cells))
	}
	check(Housekeeping{CPUs: []int{0}}, map[int]run.Setup{0: pair([]int{1, 2}, []int{3})})
	check(Housekeeping{CPUs: []int{0}, Shared: true}, map[int]run.Setup{1: pair([]int{0, 1}, []int{0}), 0: pair([]int{0, 1}, []int{0})},
		"the harness shares CPU 0 with the workload: no CPU was left for it",
		"load shares CPUs 0 with server, which is under test: none was left",
		"load shares CPUs 0 with the harness: none was left")
	check(Housekeeping{CPUs: []int{0}}, map[int]run.Setup{0: pair([]int{1, 2}, []int{2, 3}), 1: pair([]int{1}, []int{1, 2, 3})},
		"load shares CPUs 2 with server, which is under test: none was left",
		"load shares CPUs 1 with server, which is under test: none was left")
}

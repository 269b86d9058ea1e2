package setup

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/workloads/wire"
)

func TestTheSidesOfADuetHaveCoresOfTheirOwn(t *testing.T) {
	all, _ := cells(t, siteOf(t, churn, cores(t, 5), `
workload: {program: gc-churn}
knobs: {gogc: [50, 100]}
isolation: {cpus: 2}
design: {blocks: 1, duet: gogc}
`), &maker{})
	for _, c := range all {
		require.Equal(t, [][]int{{1, 2}, {3, 4}}, [][]int{c.Roles[0].CPUs, c.Beside[0].CPUs})
		require.Equal(t, c.Roles[0].Args, c.Beside[0].Args)
		require.Equal(t, c.Roles[0].Effects.Env, c.Beside[0].Effects.Env)
	}
	require.Equal(t, Housekeeping{CPUs: []int{0}}, Keep([]int{0, 1, 2, 3, 4}, all))
}

func TestWhatCanBeNoDuetIsUnfit(t *testing.T) {
	check := func(d wire.Description, text, want string) {
		t.Helper()
		_, err := siteOf(t, d, cores(t, 4), text).Feasible()
		require.EqualError(t, err, want)
		require.ErrorAs(t, err, &Unfit{})
	}
	check(churn, "workload: {program: gc-churn}\nknobs: {thp: [never, always]}\nisolation: {cpus: 1}\ndesign: {blocks: 1, duet: thp}\n",
		"x.yaml:6:27: design.duet: thp is set for the whole machine, and can't have two levels at once (without a duet its cells are paired within blocks)")
	check(churn, "workload: {program: gc-churn}\nknobs: {cpus: [1, 2]}\ndesign: {blocks: 1, duet: cpus}\n",
		"x.yaml:5:27: design.duet: the two sides have as many CPUs, and cpus varies")
	check(client, "workload: {program: netpoll-load}\nknobs: {gogc: [50, 100]}\nisolation: {cpus: 1}\ndesign: {blocks: 1, duet: gogc}\n",
		"x.yaml:6:27: design.duet: netpoll-load has several roles with CPUs of their own, and two such trials at once are not laid out")
	check(churn, "workload: {program: gc-churn}\nknobs: {gogc: [50, 100]}\ndesign: {blocks: 1, duet: gogc}\n",
		"x.yaml: design.duet: say how many CPUs each of the two trials has (isolation: {cpus: 1})")
}

func TestADuetNeedsCoresForBothAndBothItsCells(t *testing.T) {
	check := func(n int, text string, want map[int]string) {
		t.Helper()
		f, err := siteOf(t, churn, cores(t, n), text).Feasible()
		require.NoError(t, err)
		require.Equal(t, want, f.Untestable())
	}
	few := "each of the two trials of a duet needs CPUs on cores of its own, and this process may use 0"
	text := "workload: {program: gc-churn}\nknobs: {gogc: [50, 100]}\nisolation: {cpus: 1}\ndesign: {blocks: 1, duet: gogc}\n"
	check(1, text, map[int]string{0: few, 1: few})
	check(2, text, map[int]string{})

	// A limit wants a controller, and no leaf can have one here.
	text = "workload: {program: gc-churn}\nknobs: {memory.max: [default, 1GiB]}\nisolation: {cpus: 1}\ndesign: {blocks: 1, duet: memory.max}\n"
	why := "memory.max=1GiB: setting memory.max of the leaf: no memory, or drop the level"
	check(2, text, map[int]string{0: "not without its partner in the duet: " + why, 1: why})
}

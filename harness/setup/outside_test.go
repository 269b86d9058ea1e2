package setup

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/run"
	"github.com/assaylab/assay/harness/sample"
)

const sorting = `
workload: {gotest: {package: ./sorting, bench: Sort, dir: other}}
knobs: {gogc: [50, 100]}
isolation: {cpus: 1}
design: {blocks: 1, duet: gogc}
`

func TestIterationsReachEveryTrialOfAGotest(t *testing.T) {
	s := siteOf(t, churn, cores(t, 2), sorting)
	s.Description = sample.Outside(s.Plan.Spec.Workload)
	var m maker
	all, _ := cells(t, s, &m)
	require.Equal(t, []string{"test other ./sorting map[]"}, m.asked)
	before := []string{"-test.run=^$", "-test.bench=Sort", "-test.benchtime=1s", "-test.count=1", "-test.benchmem", "-test.v"}
	require.Equal(t, before, all[0].Roles[0].Args)
	require.False(t, all[0].Talks)

	Iterate(all, []run.Turn{{Bench: "A", Benchtime: "10x"}, {Bench: "B", Skip: "B/c", Benchtime: "1873x"}})
	for _, c := range all {
		for _, args := range [][]string{c.Roles[0].Args, c.Beside[0].Args} {
			require.Equal(t, []string{"-test.bench=A", "-test.benchtime=10x"}, args[1:3], "cell %d", c.Cell.Index)
		}
		for _, then := range [][][]string{c.Roles[0].Then, c.Beside[0].Then} {
			require.Len(t, then, 1)
			require.Equal(t, []string{"-test.bench=B", "-test.benchtime=1873x"}, then[0][1:3], "cell %d", c.Cell.Index)
			require.Contains(t, then[0], "-test.skip=B/c")
		}
	}
}

func TestAPatternThatMatchesNoBenchmarkIsRefused(t *testing.T) {
	skip := ""
	check := func(bench string, has []string, want string) {
		t.Helper()
		s := siteOf(t, churn, cores(t, 1), "workload: {gotest: {package: ./sorting, bench: \""+bench+"\""+skip+"}}\ndesign: {blocks: 1}\n")
		s.Description = sample.Outside(s.Plan.Spec.Workload)
		f, err := s.Feasible()
		require.NoError(t, err)
		_, _, err = s.Cells(t.Context(), &maker{has: has}, f)
		if want == "" {
			require.NoError(t, err, bench)
			return
		}
		require.ErrorAs(t, err, &Unfit{})
		require.EqualError(t, err, "x.yaml:3:48: workload.gotest: no benchmark of ./sorting matches "+want)
	}
	two := []string{"BenchmarkSort", "BenchmarkStable"}
	check("Sort", two, "")
	check("^BenchmarkStable$/large", two, "")
	check("Srot", two, "Srot: it has BenchmarkSort, BenchmarkStable")
	check("Srot/large", two, "Srot/large: it has BenchmarkSort, BenchmarkStable")
	check("Srot/large|Sort", two, "") // of such only package testing knows
	check("Sort", []string{}, "Sort: it has none")
	check("Srot", nil, "") // a TestMain of its own kind: a trial will tell

	skip = ", skip: S"
	check("Sort", two, "Sort and not skip S: it has BenchmarkSort, BenchmarkStable")
	skip = ", skip: Sort"
	check(".", two, "")
	skip = ", skip: ./large" // of those within a benchmark only package testing knows
	check(".", two, "")
}

const counting = `
workload: {command: ["{tool}", --fast, "{n}"], params: {tool: [wc, sum], n: [10, 20]}}
design: {blocks: 1}
claims:
  - {id: c, source: {title: A test, section: "1"}, says: It is., compare: {metric: ns/op, of: {param.tool: wc}, to: {param.tool: sum}}, direction: ratio < 1}
`

func TestACommandIsFoundOnceAProgram(t *testing.T) {
	s := siteOf(t, churn, cores(t, 2), counting)
	s.Description = sample.Outside(s.Plan.Spec.Workload)
	var m maker
	all, _ := cells(t, s, &m)
	require.Equal(t, []string{"wc", "sum"}, m.asked)
	for _, c := range all {
		require.Equal(t, []string{"--fast", c.Cell.Levels["param.n"]}, c.Roles[0].Args)
		require.Equal(t, c.Cell.Levels["param.tool"], c.Binary.Path)
	}
}

func TestAProgramThatIsNotThereIsTheExperiments(t *testing.T) {
	s := siteOf(t, churn, cores(t, 2), counting)
	f, err := s.Feasible()
	require.NoError(t, err)
	_, _, err = s.Cells(t.Context(), &maker{fails: "sum"}, f)
	require.EqualError(t, err, "no sum")
	require.ErrorAs(t, err, &Unfit{})
}

func TestAProgramThatWasReplacedIsFound(t *testing.T) {
	s := siteOf(t, churn, cores(t, 2), counting)
	w := s.Plan.Spec.Workload
	all, _ := cells(t, s, &maker{})
	require.NoError(t, Unchanged(t.Context(), w, &maker{}, all))
	err := Unchanged(t.Context(), w, &maker{now: "!"}, all)
	require.ErrorContains(t, err, "wc was changed under the run")
	require.ErrorContains(t, err, "sum was changed under the run")
	require.ErrorContains(t, Unchanged(t.Context(), w, &maker{fails: "wc"}, all), "no wc")
	w.Command = nil
	require.NoError(t, Unchanged(t.Context(), w, &maker{now: "!"}, all), "what was built does not change")
}

func TestWhatOnlyARunShowsIsSaidBefore(t *testing.T) {
	require.Equal(t, []string{"claim c: whether the program prints ns/op is not known before the warm-up, and is looked at then"},
		Unseen(siteOf(t, churn, cores(t, 2), counting).Plan.Spec))
	require.Equal(t, []string{"one attempt before the first block finds how many iterations take 1s; then every trial makes as many"},
		Unseen(siteOf(t, churn, cores(t, 2), sorting).Plan.Spec))
	require.Equal(t, []string{"one attempt before the first block finds how many iterations take 1s; then every trial makes as many (that attempt and the warm-ups are not of the budget)"},
		Unseen(siteOf(t, churn, cores(t, 2), strings.Replace(sorting, "blocks: 1", "blocks: 1, budget: 1m", 1)).Plan.Spec))
	require.Empty(t, Unseen(siteOf(t, churn, cores(t, 2), "workload: {program: gc-churn}\ndesign: {blocks: 1}\n").Plan.Spec))
}

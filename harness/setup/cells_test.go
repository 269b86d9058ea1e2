package setup

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
)

func TestEqualSettingsAreBuiltOnce(t *testing.T) {
	var m maker
	all, record := cells(t, siteOf(t, churn, cores(t, 2), `
workload: {program: gc-churn}
knobs: {goamd64: [v1, v2], gogc: [50, 100, 200]}
design: {blocks: 1}
`), &m)
	require.Equal(t, []string{"gc-churn map[GOAMD64:v1]", "gc-churn map[GOAMD64:v2]"}, m.asked)
	require.Len(t, record.Binaries, 2)
	for _, c := range all {
		require.Equal(t, record.Cells[c.Cell.Index], c.Binary.SHA256)
		require.Contains(t, c.Binary.SHA256, c.Cell.Levels["goamd64"])
	}
}

func TestLayoutsAreBuiltOnceEach(t *testing.T) {
	s := siteOf(t, churn, cores(t, 2), `
workload: {program: gc-churn}
knobs: {gogc: [50, 100]}
design: {blocks: 200, nuisance: [layout]}
`)
	drawn := s.Plan.Layouts()
	require.Greater(t, len(drawn), 20, "of the 32 that there are")
	var m maker
	all, record := cells(t, s, &m)
	require.Len(t, m.asked, 1+len(drawn))
	for cell, c := range all {
		require.Len(t, c.Layouts, len(drawn))
		for _, seed := range drawn {
			require.Equal(t, record.Layouts[cell][seed], c.Layouts[seed].SHA256)
			require.NotEqual(t, c.Binary.SHA256, c.Layouts[seed].SHA256)
		}
	}
}

func TestOnlyTestableCellsAreBuilt(t *testing.T) {
	s := siteOf(t, churn, cores(t, 2), `
workload: {program: gc-churn}
knobs: {cpus: [1, 8], goamd64: [v1, v2]}
design: {blocks: 1}
`)
	f, err := s.Feasible()
	require.NoError(t, err)
	var m maker
	all, record, err := s.Cells(t.Context(), &m, f)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Len(t, record.Cells, 2)
	builds, err := s.Builds(f)
	require.NoError(t, err)
	require.Equal(t, map[int]map[string]string{0: {"GOAMD64": "v1"}, 1: {"GOAMD64": "v2"}}, builds)
}

func TestAFailedBuildEndsIt(t *testing.T) {
	s := siteOf(t, churn, cores(t, 2), "workload: {program: gc-churn}\ndesign: {blocks: 1}\n")
	f, err := s.Feasible()
	require.NoError(t, err)
	_, _, err = s.Cells(t.Context(), &maker{fails: "gc-churn map[]"}, f)
	require.EqualError(t, err, "no gc-churn map[]")
	require.False(t, errors.As(err, &Unfit{}), "the experiment is sound")
}

// The role under test has what levels without a role's name say, another its own
// and the CPUs that are left; the one that prints is slowed down.
func TestRolesHaveTheirOwnLevelsAndCPUs(t *testing.T) {
	s := siteOf(t, client, cores(t, 4), `
workload: {program: netpoll-load, params: {connections: 8}}
isolation: {cpus: 2, gogc: 50, load.gogc: 400}
design: {blocks: 1, controls: {positive: {inject: 5%}}}
measure: [cgroup]
`)
	all, _ := cells(t, s, &maker{})
	server, load := all[0].Roles[0], all[0].Roles[1]
	require.True(t, server.Tested)
	require.False(t, load.Tested)
	require.Equal(t, [][]int{{1, 2}, {0, 3}}, [][]int{server.CPUs, load.CPUs})
	require.Equal(t, []string{"50", "400"}, []string{server.Effects.Env["GOGC"], load.Effects.Env["GOGC"]})
	require.Equal(t, []string{"-connections=8", "-role=server"}, server.Args)
	require.Equal(t, []string{"-connections=8", "-role=load", "-course"}, load.Args)
	require.True(t, all[0].Talks)

	positive := all[1]
	require.Equal(t, plan.ArmPositive, positive.Cell.Arm)
	require.Equal(t, server.Args, positive.Roles[0].Args)
	require.Equal(t, []string{"-connections=8", "-role=load", "-inject=5%", "-course"}, positive.Roles[1].Args)
}

func TestARoleWithoutACPUKnobHasAllThatAreAllowed(t *testing.T) {
	h := cores(t, 4)
	h.CPU.Allowed = []int{1, 3}
	all, _ := cells(t, siteOf(t, churn, h, "workload: {program: gc-churn}\ndesign: {blocks: 1}\n"), &maker{})
	require.Equal(t, []int{1, 3}, all[0].Tested().CPUs)
	require.Equal(t, []string{"-course", "-stats"}, all[0].Roles[0].Args, "the usual counters have the runtime's among them")
}

// A CPU that a level takes offline is none that a role can have.
func TestWithoutSMTARoleHasTheFirstThreads(t *testing.T) {
	h := cores(t, 4)
	h.CPU.Cores = [][]int{{0, 1}, {2, 3}}
	path := h.FS.Path("sys/devices/system/cpu/smt/control")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("on"), 0o644))
	all, _ := cells(t, siteOf(t, churn, h, "workload: {program: gc-churn}\nknobs: {smt: [on, off]}\ndesign: {blocks: 1}\n"), &maker{})
	require.Equal(t, []int{0, 1, 2, 3}, all[0].Tested().CPUs)
	require.Equal(t, []int{0, 2}, all[1].Tested().CPUs)
}

package sample

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/workloads/wire"
)

func TestRecordingsAreToldFromCounters(t *testing.T) {
	require.Empty(t, Recordings(nil))
	require.Empty(t, Recordings([]string{"runtime", "cgroup", "perf"}))
	require.Equal(t, []Recording{Trace, CPUProfile}, Recordings([]string{"trace", "runtime", "cpuprofile"}))
	require.Equal(t, []Recording{SchedTrace}, Recordings([]string{"schedtrace"}))
	require.Equal(t, "profiles/12.cpu.pprof", CPUProfile.File(12, ""))
	require.Equal(t, "profiles/0.server.trace", Trace.File(0, "server"))
	require.Equal(t, "profiles/0.process2.trace", Trace.FileOf(0, 2))
}

func TestARecordingIsThereInWholeOrByProcess(t *testing.T) {
	files := []string{"profiles/0.trace", "profiles/1.process1.trace", "profiles/1.process2.trace"}
	require.True(t, Trace.Among(files, 0, ""))
	require.True(t, Trace.Among(files, 1, ""))
	require.False(t, Trace.Among(files, 2, ""))
	require.False(t, Trace.Among(files, 0, "server"))
	require.False(t, CPUProfile.Among(files, 0, ""))
}

func TestTheRoleUnderTestIsRecordedAndNamedWhereItIsNotTheOneThatPrints(t *testing.T) {
	require.Equal(t, "", Recorder(wire.Description{Roles: []wire.Role{{Name: "main"}}}))
	require.Equal(t, "server", Recorder(wire.Description{Roles: []wire.Role{{Name: "server", Tested: true}, {Name: "load"}}}))
}

func TestFilesOfARecordingMadeTwiceAreOne(t *testing.T) {
	got := Recorded([]Sample{{Files: []string{"profiles/1.trace"}}, {}, {Files: []string{"profiles/0.trace", "profiles/1.trace"}}})
	require.Equal(t, []string{"profiles/0.trace", "profiles/1.trace"}, got)
}

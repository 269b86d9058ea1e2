package sample

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRecordingsAreToldFromCounters(t *testing.T) {
	require.Empty(t, Recordings(nil))
	require.Empty(t, Recordings([]string{"runtime", "cgroup", "perf"}))
	require.Equal(t, []Recording{Trace, CPUProfile}, Recordings([]string{"trace", "runtime", "cpuprofile"}))
	require.Equal(t, "profiles/12.cpu.pprof", CPUProfile.File(12))
	require.Equal(t, "profiles/0.trace", Trace.File(0))
}

func TestFilesOfARecordingMadeTwiceAreOne(t *testing.T) {
	got := Recorded([]Sample{{Files: []string{"profiles/1.trace"}}, {}, {Files: []string{"profiles/0.trace", "profiles/1.trace"}}})
	require.Equal(t, []string{"profiles/0.trace", "profiles/1.trace"}, got)
}

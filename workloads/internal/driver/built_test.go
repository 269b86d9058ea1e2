package driver

import (
	"bytes"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResultsOfAProgramThatWatchesItselfAreMarked(t *testing.T) {
	require.Empty(t, builtWith(nil))
	require.Empty(t, builtWith([]debug.BuildSetting{{Key: "-race", Value: "false"}, {Key: "-trimpath", Value: "true"}}))
	require.Equal(t, "race: true\n", builtWith([]debug.BuildSetting{{Key: "CGO_ENABLED", Value: "1"}, {Key: "-race", Value: "true"}}))

	var log []string
	var out, errs bytes.Buffer
	require.Equal(t, exitOK, workload(&fake{log: &log}).main(nil, &out, &errs), &errs)
	// This test may be one of those programs itself.
	require.Contains(t, out.String(), "\nworkload: fake\n"+builtWith(ownSettings())+"Unit ")
}

package setup

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A level that a machine can't have is one line, however many cells have it; cells
// whose levels do not go together are one for each reason.
func TestReasonsAreALineEach(t *testing.T) {
	s := siteOf(t, client, cores(t, 3), `
workload: {program: netpoll-load}
knobs: {cpus: [1, 2, 8], load.cpus: [1, 2], gogc: [50, 100]}
design: {blocks: 1}
`)
	f, err := s.Feasible()
	require.NoError(t, err)
	require.Len(t, f.Untestable(), 4+2)
	require.Equal(t, []string{
		"not testable here: cpus=8: this process may use 3 CPUs here (0-2)",
		"not testable here: cpus=2 load.cpus=2 gogc=50, cpus=2 load.cpus=2 gogc=100: load.cpus=2: this process may use 1 CPU here (0) (beside the role under test, which has CPUs 1-2)",
	}, Reasons(s.Plan, f))
}

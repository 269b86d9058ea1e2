package results

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
)

func TestASlotIsATrialWithAllThatIsAroundIt(t *testing.T) {
	begun := time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)
	var r Run
	attempt := func(at time.Duration, session, block, n int, o sample.Outcome) {
		r.Attempts = append(r.Attempts, sample.Sample{Start: begun.Add(at), Wall: int64(time.Second), Session: session, Block: block, N: n, Outcome: o})
	}
	require.Zero(t, r.Slot())
	attempt(0, 0, -1, -1, sample.OK)
	require.Zero(t, r.Slot(), "a warm-up is of no block")

	attempt(10*time.Second, 0, 0, 0, sample.OK)
	attempt(12*time.Second, 0, 0, 1, sample.Exited)
	attempt(14*time.Second, 0, 0, 1, sample.OK)
	attempt(15*time.Second, 0, 0, 2, sample.GivenUp)
	attempt(20*time.Second, 0, 1, 3, sample.OK) // cut off
	require.Equal(t, 5*time.Second, r.Slot(), "two trials in the ten seconds until the next block; one in the last second")

	attempt(3000*time.Second, 1, 1, 4, sample.OK)
	attempt(3002*time.Second, 1, 1, 5, sample.OK)
	attempt(3004*time.Second, 1, 2, 6, sample.OK)
	require.Equal(t, 2*time.Second, r.Slot(), "the time between sessions is nobody's: 1, 1, 2 and 5 s")
}

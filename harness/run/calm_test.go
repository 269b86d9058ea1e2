package run

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

func TestARepeatWaitsForOthersToLeaveItsCPUs(t *testing.T) {
	check := func(want int, patience time.Duration, cpus int, shares ...float64) {
		t.Helper()
		had, paused := 0.0, 0
		others := func() (float64, bool) { return had, len(shares) > 0 }
		lull(patience, cpus, others, func(d time.Duration) time.Duration {
			had += shares[min(paused, len(shares)-1)] * float64(d) * float64(cpus)
			paused++
			return d
		})
		if paused != want {
			t.Errorf("%v of %d CPUs, others have %v: looked %d times, want %d", patience, cpus, shares, paused, want)
		}
	}
	check(1, time.Second, 1, 0)
	check(3, time.Second, 2, 0.9, 0.06, 0.04)
	check(20, time.Second, 1, 0.5) // it never ends, patience does
	check(1, time.Millisecond, 1, 0.5)
	check(0, 0, 1, 0.5)           // a first attempt
	check(0, time.Second, 0, 0.5) // no CPUs are known
	check(0, time.Second, 1)      // nobody counts it
}

func TestOnlyWhatWasTaintedHasPatience(t *testing.T) {
	check := func(want time.Duration, attempts ...sample.Sample) {
		t.Helper()
		w := &walk{attempts: map[int][]sample.Sample{7: attempts}}
		require.Equal(t, want, w.patience(plan.Trial{N: 7}))
	}
	tainted := []sample.Taint{{Kind: "run-queue"}}
	check(0)
	check(0, sample.Sample{Outcome: sample.OOM, Wall: 3e9})
	check(3*time.Second, sample.Sample{Outcome: sample.OK, Wall: 3e9, Taints: tainted})
	check(5*time.Second, sample.Sample{Outcome: sample.OK, Wall: 60e9, Taints: tainted})
	check(0, sample.Sample{Outcome: sample.OK, Taints: tainted}, sample.Sample{Outcome: sample.Void, Wall: 3e9})
}

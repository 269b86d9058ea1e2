package main

import (
	"math"
	"testing"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/stretchr/testify/require"
)

func TestStepsOfReadings(t *testing.T) {
	check := func(want steps, readings ...int64) {
		t.Helper()
		s := newSteps()
		for _, r := range readings {
			s.next(r)
		}
		if s != want {
			t.Errorf("%v: %+v, want %+v", readings, s, want)
		}
	}
	check(steps{last: 40, least: 10, most: 30}, 0, 10, 10, 40)
	check(steps{last: 5, least: 5, most: 10, back: 1}, 5, 15, 5)
	check(steps{least: math.MaxInt64}, 0, 0)
}

func TestEveryClockReads(t *testing.T) {
	for _, read := range []string{"nanotime", "now", "syscall", "sleep", "schedule"} {
		c := &config{read: read, ops: 30000, sleep: time.Microsecond}
		tr, err := c.setup("main")
		require.NoError(t, err)
		ops, err := tr.Run()
		require.NoError(t, err)
		w := tr.(*trial)
		if w.steps.back > 0 || w.tooSoon > 0 || w.total > w.other || w.total <= 0 {
			t.Errorf("%s: %+v, %d ns, %d ns around it", read, w.steps, w.total, w.other)
		}
		if w.sleepy() && (ops != 3 || w.late.Events() != 3) {
			t.Errorf("%d sleeps, %d events; want 3", ops, w.late.Events())
		}
	}
}

// A sleep is as long as it is said to be, however late the one before ended: what
// they are late by adds up. On a schedule it does not.
func TestEverySleepHasItsWholeLength(t *testing.T) {
	c := &config{read: "sleep", ops: 20 * sleepShare, sleep: time.Millisecond}
	set, err := c.setup("main")
	require.NoError(t, err)
	ops, err := set.Run()
	require.NoError(t, err)
	tr := set.(*trial)
	p50, ok := tr.late.Quantile(500)
	require.True(t, ok)
	over := float64(tr.total - ops*int64(c.sleep))
	require.GreaterOrEqual(t, over, (1-driver.HistogramResolution)*p50*float64(ops)/2, "half of the sleeps were late by p50 at the least")
}

func TestTimesOfAScheduleDoNotMove(t *testing.T) {
	due := (&config{read: "schedule", sleep: 10}).due
	require.EqualValues(t, 110, due(100, 0, 100))
	require.EqualValues(t, 130, due(100, 2, 127), "though the one before was 7 late")
	due = (&config{read: "sleep", sleep: 10}).due
	require.EqualValues(t, 137, due(100, 2, 127))
}

func TestABadClockIsFound(t *testing.T) {
	check := func(want string, tr *trial) {
		t.Helper()
		tr.config = &config{read: "now", ops: 9}
		require.ErrorContains(t, tr.Report(new(driver.Result)), want)
	}
	check("went back 2 times in 9 readings", &trial{steps: steps{back: 2}})
	check("1 of 9 sleeps ended before", &trial{tooSoon: 1})
	check("11 ns by the clock under test, but only 10 ns", &trial{total: 11, other: 10})
}

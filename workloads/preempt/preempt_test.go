package main

import (
	"runtime"
	"testing"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/stretchr/testify/require"
)

func TestSpinnersAreStoppedAndTheirLoopsAreRight(t *testing.T) {
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("needs two processors: GOMAXPROCS is 1")
	}
	c := &config{trigger: stopWorld, ops: 20, steps: 100000}
	set, err := c.setup("main")
	require.NoError(t, err)
	ops, err := set.Run()
	require.NoError(t, err)
	require.NoError(t, set.Close())
	tr := set.(*trial)
	if n := driver.Between(tr.before, tr.after).Events(); ops != 20 || tr.latency.Events() != 20 || n < 20 {
		t.Errorf("%d operations, %d events, %d stops; want 20 of each, or more stops", ops, tr.latency.Events(), n)
	}
	if tr.spinners.wrong.Load() > 0 || tr.spinners.loops.Load() == 0 {
		t.Errorf("%d of %d loops are wrong", tr.spinners.wrong.Load(), tr.spinners.loops.Load())
	}
}

func TestSlicesNeedNoSecondProcessor(t *testing.T) {
	c := &config{trigger: slice, ops: 1200, steps: 1000}
	set, err := c.setup("main")
	require.NoError(t, err)
	_, err = set.Run()
	require.NoError(t, err)
	require.NoError(t, set.Close())
	require.Equal(t, int64(12), set.(*trial).latency.Events())
}

func TestAWrongLoopAndAMissedStopAreFound(t *testing.T) {
	check := func(want string, spoil func(*trial)) {
		t.Helper()
		tr := &trial{config: &config{trigger: stopWorld, ops: 1}, before: stopping()}
		tr.after = tr.before
		spoil(tr)
		require.ErrorContains(t, tr.Report(new(driver.Result)), want)
	}
	check("2 loops that were interrupted", func(tr *trial) { tr.spinners.wrong.Store(2) })
	check("the runtime counts 0 stops of the world, the probe made 1", func(*trial) {})
}

func TestALoopIsTheGeneratorItNames(t *testing.T) {
	// Marsaglia's xorshift64 (13, 7, 17) from 1.
	for n, want := range []uint64{1, 1082269761, 1152992998833853505} {
		if got := advance(1, int64(n)); got != want {
			t.Errorf("%d steps: %d, want %d", n, got, want)
		}
	}
}

package main

import (
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuantilesNeedEnoughEvents(t *testing.T) {
	check := func(n, percent int, want float64, ok bool) {
		t.Helper()
		sorted := make([]uint64, n)
		for i := range sorted {
			sorted[i] = uint64(i + 1)
		}
		got, gotOK := quantile(sorted, percent)
		if got != want || gotOK != ok {
			t.Errorf("p%d of 1..%d: %v, %v; want %v, %v", percent, n, got, gotOK, want, ok)
		}
	}
	check(9, 50, 0, false) // 5/(1-0.5) = 10 events
	check(10, 50, 5, true)
	check(11, 50, 6, true)
	check(49, 90, 0, false) // 5/(1-0.9) = 50 events
	check(50, 90, 45, true)
	check(250, 90, 225, true)
}

func TestPausesAreThoseOfTheWindow(t *testing.T) {
	var m runtime.MemStats
	set := func(cycle uint64) { m.PauseNs[(cycle+255)%256] = cycle * 10 } // as its documentation says
	for c := uint64(1); c <= 300; c++ {
		set(c)
	}
	m.NumGC = 300
	got := windowPauses(&m, 254, 258) // over the seam of the ring
	if want := []uint64{2550, 2560, 2570, 2580}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := windowPauses(&m, 43, 293); got != nil {
		t.Errorf("cycle 44 is overwritten by cycle 300, got %v", got)
	}
	if got := windowPauses(&m, 44, 294); len(got) != 250 {
		t.Errorf("%d pauses, want 250", len(got))
	}
}

func TestAWatchEndsAfterWholeCyclesOrSaysHowFarItCame(t *testing.T) {
	start := time.Unix(1000, 0)
	check := func(cycles uint64, after time.Duration, done bool, want string) {
		t.Helper()
		w := &watch{want: 3, start: start, limit: time.Minute, from: 10, finished: func() uint64 { return 10 + cycles }}
		got, err := w.done(start.Add(after))
		if got != done || (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%d cycles after %v: %v, %v; want %v, %q", cycles, after, got, err, done, want)
		}
	}
	check(2, time.Second, false, "")
	check(3, time.Second, true, "")
	check(4, time.Hour, true, "")
	check(0, time.Minute, false, "no GC cycle within -max-duration=1m0s")
	check(2, time.Minute, false, "only 2 of 3 GC cycles within -max-duration=1m0s")
}

func TestWhicheverLaneSeesTheEndEndsTheWindow(t *testing.T) {
	ended := uint64(0)
	w := &watch{want: 3, start: time.Now(), limit: time.Minute, finished: func() uint64 { return ended }, tide: &tide{size: 1, every: 1}}
	check := func(cycles uint64, over bool, blocks int) {
		t.Helper()
		ended = cycles
		got, err := w.look(nil)
		require.NoError(t, err)
		if got != over || w.call.Load() != over || len(w.tide.blocks) != blocks {
			t.Errorf("%d collections: over %v, all called %v, %d blocks; want %v and %d", cycles, got, w.call.Load(), len(w.tide.blocks), over, blocks)
		}
	}
	l := newLane(newGraph(shapeOf(t, 64, fixed, 0.5), 200, 1, 0), 0, 10)
	check(0, false, 0)
	require.NoError(t, l.step(&w.call))
	check(1, false, 1) // the tide turns for whoever comes first
	check(2, false, 0)
	check(3, true, 0)
	require.NoError(t, l.step(&w.call))
	if l.ops != 10 {
		t.Errorf("another lane did %d operations, want 10 before the end and none after", l.ops)
	}
	check(0, true, 0) // it stays over
}

func TestACallEndsABatchThatGoesOnLater(t *testing.T) {
	l := newLane(newGraph(shapeOf(t, 64, fixed, 0.5), 200, 1, 0), 0, 10)
	l.left = 4 // it was called after six
	require.NoError(t, l.step(new(atomic.Bool)))
	require.EqualValues(t, 4, l.ops)
	require.NoError(t, l.step(new(atomic.Bool)))
	require.EqualValues(t, 14, l.ops)
}

func TestReadingsOfOneCycleAreWhole(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // no collection but ours
	forceGC()                                        // one that is under way ends here
	before := read()
	forceGC()
	after := read()
	if after.cycles != before.cycles+1 {
		t.Errorf("%d cycles, want 1", after.cycles-before.cycles)
	}
	if after.assist+after.dedicated+after.idle <= before.assist+before.dedicated+before.idle {
		t.Errorf("a collection took no mark time: %+v, %+v", before, after)
	}
	if again := read(); again.assist != after.assist || again.dedicated != after.dedicated || again.idle != after.idle {
		t.Errorf("mark time moved between collections: %+v, %+v", after, again)
	}
}

func TestACombinationThatMakesNoGraphIsRefused(t *testing.T) {
	tr := &trial{config: &config{liveHeap: 1 << 20, objectSize: 256 << 10, spread: fixed, density: 0.5, goroutines: 2}}
	err := tr.build()
	require.ErrorContains(t, err, "-live-heap=1MiB, -goroutines=2")
	require.ErrorContains(t, err, "want 64 to")
}

func TestLanesChurnWholeCyclesAndCountTheirOperations(t *testing.T) {
	tr := &trial{config: &config{liveHeap: 3 << 20, objectSize: 64, spread: fixed, density: 0.5, survival: 0.1, goroutines: 3, maxDuration: time.Minute}}
	require.NoError(t, tr.build())
	before := read()
	ops, err := tr.churn(2)
	require.NoError(t, err)
	if cycles := read().cycles - before.cycles; cycles < 2 {
		t.Errorf("%d cycles, want 2", cycles)
	}
	sum := int64(0)
	for _, l := range tr.lanes {
		sum += l.ops
		require.NoError(t, l.check())
	}
	if ops != sum || ops == 0 {
		t.Errorf("%d operations, the lanes did %d", ops, sum)
	}
}

// With a thousand goroutines on a few processors most of them wait most of the time.
func TestAWindowOfManyLanesIsNoLonger(t *testing.T) {
	tr := churned(t, func(c *config) { c.liveHeap, c.goroutines, c.cycles, c.swing = 8<<20, 1000, 3, 0.5 })
	if n := tr.after.cycles - tr.before.cycles; n > 4 {
		t.Errorf("%d cycles, want 3 and at most the one that had begun", n)
	}
}

func TestAnErrorInOneLaneEndsAll(t *testing.T) {
	tr := &trial{config: &config{liveHeap: 2 << 20, objectSize: 64, spread: fixed, density: 0.5, survival: 1, goroutines: 2, maxDuration: time.Minute}}
	require.NoError(t, tr.build())
	for _, l := range tr.lanes[1:] {
		for slot := range l.g.index {
			*(*uint64)(l.g.index[slot]) = 0
		}
	}
	_, err := tr.churn(maxCycles)
	require.ErrorContains(t, err, "wrong answer")
}

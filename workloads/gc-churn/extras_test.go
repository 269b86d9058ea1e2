package main

import (
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// small is a heap that a test can churn.
func small(change func(*config)) *config {
	c := &config{liveHeap: 1 << 20, objectSize: 64, spread: fixed, density: 0.5, survival: 0.05, cycles: 4,
		goroutines: 1, swingCycles: 1, stackSize: 64 << 10, maxDuration: time.Minute}
	change(c)
	return c
}

// churned runs a trial to its end.
func churned(t *testing.T, change func(*config)) *trial {
	t.Helper()
	set, err := small(change).setup("main")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, set.Close()) })
	_, err = set.Run()
	require.NoError(t, err)
	return set.(*trial)
}

func TestAShareOfTheObjectsHasNoPointers(t *testing.T) {
	check := func(free float64, want int) {
		t.Helper()
		s, err := newShape(64, lognormal, 0.5, free)
		require.NoError(t, err)
		g := newGraph(s, 10_000, 1, 0)
		without := 0
		for slot := range g.index {
			if len(g.kindOf(slot).ptrs) == 0 {
				without++
			}
		}
		if without < want-10 || without > want+10 { // each of the five sizes is rounded
			t.Errorf("%d of 10,000 objects have no pointers, want %d", without, want)
		}
		require.NoError(t, g.checkAll())
	}
	check(0, 0)
	check(0.25, 2500)
	check(1, 10_000)
}

func TestWhatIsToRunAtAnObjectsDeathRuns(t *testing.T) {
	tr := churned(t, func(c *config) { c.watched = shares{cleanup: 0.1, finalizer: 0.1, weak: 0.5} })
	require.NoError(t, tr.settle())
	w := tr.lanes[0].watch
	for name, count := range map[string]*tally{"cleanups": &w.cleanups, "finalizers": &w.finalizers} {
		// A tenth of 95 % of the operations; both were drawn some ten thousand times.
		require.InEpsilon(t, 0.095*float64(tr.lanes[0].ops), float64(count.attached), 0.1, name)
		require.GreaterOrEqual(t, count.ran.Load(), count.attached-ringSize, name)
	}
	w.cleanups.ran.Add(ringSize + 1)
	require.ErrorContains(t, w.settle(ringSize), "wrong answer")
}

func TestADamagedObjectIsSeenThroughAWeakPointer(t *testing.T) {
	tr := churned(t, func(c *config) { c.watched = shares{weak: 1} })
	w := tr.lanes[0].watch
	held := tr.lanes[0].g.index[0]
	w.next = 0
	require.NoError(t, w.follow((*uint64)(held), 0))
	*(*uint64)(held)++
	w.next = 0
	require.ErrorContains(t, w.follow((*uint64)(held), 0), "a weak pointer leads to")
	*(*uint64)(held)--
}

func TestDeepStacksHoldTheirPointers(t *testing.T) {
	tr := churned(t, func(c *config) { c.stacks = 5 })
	require.Greater(t, tr.after.stacks, uint64(5*64<<10))
	require.NoError(t, tr.parked.end(tr.lanes[0].g))
	tr.parked = nil

	g := tr.lanes[0].g
	p := park(1, 1<<10, g)
	p.stacks[0].objects[3] = unsafe.Pointer(new(uint64))
	require.ErrorContains(t, p.end(g), "wrong answer: pointer 3 of the frame ")
}

func TestADeepStackIsAsDeepAsAsked(t *testing.T) {
	g := newGraph(shapeOf(t, 64, fixed, 0.5), 200, 1, 0)
	d := new(deep)
	for slot := range len(frame{}) {
		d.objects = append(d.objects, g.alloc(slot))
	}
	for _, size := range []uintptr{1 << 10, 16 << 10, 60 << 10, 64 << 10, 100 << 10, 1 << 20} {
		var above byte
		used := uintptr(0)
		d.descend(nil, size, func() {
			var below byte
			used = uintptr(unsafe.Pointer(&above)) - uintptr(unsafe.Pointer(&below))
		})
		require.NoError(t, d.err)
		// One frame more, and what this test's own two frames take.
		if used < size || used > size+3<<9 {
			t.Errorf("frames of %d bytes, want %d and at most %d more", used, size, 3<<9)
		}
	}
}

func TestMemoryComesAndGoesByTurns(t *testing.T) {
	td := tide{size: 5 * tideBlock / 2, every: 2}
	for ended, want := range []int{0, 0, 3, 3, 0, 0, 3} {
		require.NoError(t, td.turn(uint64(ended)))
		require.Len(t, td.blocks, want, "after %d collections", ended)
	}
	td.blocks[2][4096]++
	require.ErrorContains(t, td.turn(8), "wrong answer: block 2")
	none := tide{every: 1}
	require.NoError(t, none.turn(100))
	require.Empty(t, none.blocks)
}

func TestBurstsArePausesAndNoOtherWork(t *testing.T) {
	const pause = 5 * time.Millisecond
	l := small(func(c *config) { c.burst, c.pause = 64<<10, pause })
	tr := &trial{config: l}
	require.NoError(t, tr.build())
	lane := tr.lanes[0]
	require.EqualValues(t, 1024, lane.burst, "64 KiB of 64 bytes")
	start := driver.Nanotime()
	for range 4 {
		require.NoError(t, lane.step(new(atomic.Bool))) // a batch is 1,024 operations too
	}
	require.GreaterOrEqual(t, time.Duration(driver.Nanotime()-start), 4*pause)
}

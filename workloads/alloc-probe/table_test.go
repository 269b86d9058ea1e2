package main

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func tableOf(slots int, pointers bool, sizes ...int64) *table {
	t := &table{objects: make([]unsafe.Pointer, slots), pointers: pointers, sizes: sizes, rng: rand.New(rand.NewPCG(1, 0))}
	t.fill()
	return t
}

func TestEveryObjectIsWholeAfterManyTurns(t *testing.T) {
	for _, pointers := range []bool{false, true} {
		tb := tableOf(50, pointers, 16, 32, 64)
		for range 1000 {
			_, err := tb.turn()
			require.NoError(t, err)
		}
		require.NoError(t, tb.check())
		if tb.number != 1050 {
			t.Errorf("%d objects were made, want 1050", tb.number)
		}
	}
}

func TestADamagedObjectIsFound(t *testing.T) {
	tb := tableOf(3, false, 64)
	*tb.last(tb.objects[1], 64)++
	require.ErrorContains(t, tb.check(), "wrong answer: the object in slot 1 begins with 2 and ends with 3")
	tb = tableOf(1, true, 64)
	*(*uint64)(tb.objects[0]) = 0
	_, err := tb.turn()
	require.ErrorContains(t, err, "wrong answer")
}

func TestSpreadsReachBothEndsAndKeepTheMean(t *testing.T) {
	s := spread(1<<20, 0.25, wordBytes)
	if len(s) != levels || s[0] != 3<<18 || s[levels-1] != 5<<18 {
		t.Errorf("%d levels from %d to %d, want %d from %d to %d", len(s), s[0], s[levels-1], levels, 3<<18, 5<<18)
	}
	sum := int64(0)
	for _, v := range s {
		sum += v
	}
	if mean := sum / levels; mean < 1<<20 || mean > 1<<20+8 {
		t.Errorf("mean %d, want %d and rounding", mean, 1<<20)
	}
	require.Equal(t, []int64{24}, spread(17, 0, wordBytes))
	require.Equal(t, int64(minBytes), spread(64, 1, wordBytes)[0])
	require.Equal(t, []int64{32}, spread(17, 0, cellBytes))
}

func TestAnObjectTakesItsSizeClass(t *testing.T) {
	check := func(size, taken int64, pointers bool) {
		t.Helper()
		c := &config{size: size, pointers: pointers, live: 1000 * size, ops: 200000, seed: 1}
		set, err := c.setup("main")
		require.NoError(t, err)
		_, err = set.Run()
		require.NoError(t, err)
		tr := set.(*trial)
		if tr.asked != size*c.ops {
			t.Errorf("%d bytes: %d asked for", size, tr.asked)
		}
		if got := float64(allocated()-tr.made) / float64(c.ops); got < float64(taken) || got > float64(taken)*1.001 {
			t.Errorf("%d bytes take %v, want %d", size, got, taken)
		}
	}
	check(64, 64, false)
	check(528, 576, false) // the class above it
	check(64, 64, true)
}

func TestOnlyTheObjectsAreLive(t *testing.T) {
	check := func(size int64, pointers bool, class float64) {
		t.Helper()
		c := &config{size: size, pointers: pointers, live: 16 << 20, ops: 1, seed: 1}
		set, err := c.setup("main")
		require.NoError(t, err)
		tr := set.(*trial)
		runtime.GC()
		live := float64(read().beside(tr.empty).objects)
		if want := float64(len(tr.table.objects)) * class; live < want*0.99 || live > want*1.01 {
			t.Errorf("%d bytes: %.0f live bytes, want %.0f", size, live, want)
		}
		if asked := meanOf(c.sizes()) * c.slots(); asked < 16<<20*99/100 || asked > 16<<20 {
			t.Errorf("%d bytes: %d bytes of objects, want %d", size, asked, 16<<20)
		}
		runtime.KeepAlive(tr)
	}
	check(24, false, 24)
	check(17, false, 24)
	check(17, true, 32)
	check(520, false, 576)
}

func TestSizesAreDrawnAlikeOften(t *testing.T) {
	tb := &table{sizes: spread(1<<10, 0.5, wordBytes)}
	drawn := map[int64]int{}
	for n := range uint64(levels * 1000) {
		drawn[tb.sizeOf(n+1)]++
	}
	require.Len(t, drawn, levels)
	for size, n := range drawn {
		if n < 850 || n > 1150 { // five standard deviations
			t.Errorf("size %d was drawn %d times of %d, want about 1000", size, n, levels*1000)
		}
	}
}

func TestWasteIsWhatIsNotLive(t *testing.T) {
	r := reading{objects: 175, unused: 30, free: 50}.beside(reading{objects: 100, unused: 5, free: 70})
	if r.waste() != 0.5 || r.spanWaste() != 0.25 {
		t.Errorf("%v and %v, want 0.5 and 0.25", r.waste(), r.spanWaste())
	}
}

package main

import (
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func shapeOf(t *testing.T, mean int64, spread string, density float64) *shape {
	t.Helper()
	s, err := newShape(mean, spread, density, 0)
	require.NoError(t, err)
	return s
}

func TestAPermutationHitsEverySlotOnceAndBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 3, 64, 65, 127, 1000, 4097} {
		p := newPerm(n, r)
		seen := make([]bool, n)
		for i := range n {
			j := p.to(i)
			if j < 0 || j >= n || seen[j] {
				t.Fatalf("n=%d: %d -> %d, out of range or hit twice", n, i, j)
			}
			seen[j] = true
			if back := p.from(j); back != i {
				t.Fatalf("n=%d: %d -> %d -> %d", n, i, j, back)
			}
		}
	}
}

func TestSpreadsKeepTheMean(t *testing.T) {
	for name, portions := range spreads {
		sum, weights := 0.0, 0
		for _, p := range portions {
			sum += float64(p.weight) * float64(p.num) / float64(p.den)
			weights += p.weight
		}
		if mean := sum / float64(weights); mean != 1 {
			t.Errorf("%s: mean %v, want exactly 1", name, mean)
		}
	}
}

func TestAnObjectsWordsAreItsPatternItsPointersAndItsData(t *testing.T) {
	check := func(size int64, density float64, ptrs int) {
		t.Helper()
		c := shapeOf(t, size, fixed, density).classes[0]
		if len(c.ptrs) != ptrs || 1+len(c.ptrs)+len(c.data) != int(c.size/wordBytes) || c.typ.Size() != uintptr(c.size) {
			t.Errorf("%d bytes, density %v: %d pointers and %d data words in %d bytes (%v), want %d pointers",
				size, density, len(c.ptrs), len(c.data), c.size, c.typ.Size(), ptrs)
		}
	}
	check(64, 0.5, 4)
	check(64, 0, 0)
	check(64, 1, 7) // the first word never is one
	check(16, 0.5, 1)
	check(100, 0.25, 3) // 13 words
	check(1000, 0.5, 64)
	check(256<<10, 1, 512*63)
}

func TestTooSmallObjectsAreRefusedWithTheLeastSize(t *testing.T) {
	err := (&config{liveHeap: 1 << 20, goroutines: 1, objectSize: 32, spread: lognormal, density: 0.5}).allow()
	require.ErrorContains(t, err, "take -object-size=64B or more")
}

func TestAHeapOfTooFewObjectsIsRefused(t *testing.T) {
	err := (&config{liveHeap: 4 << 10, goroutines: 2, objectSize: 1 << 10, spread: fixed, density: 0.5}).allow()
	require.ErrorContains(t, err, "-live-heap=4KiB, -goroutines=2 and objects of about 1152 bytes make graphs of 1 objects")
}

func TestEveryObjectIsRightAfterChurn(t *testing.T) {
	check := func(mean int64, spread string, density float64, n int) {
		t.Helper()
		g := newGraph(shapeOf(t, mean, spread, density), n, 1, 0)
		l := newLane(g, 0.5, 100)
		for range 100 {
			require.NoError(t, l.step(new(atomic.Bool)))
		}
		require.NoError(t, l.check())
		if l.ops != 100*100 {
			t.Errorf("%d operations, want %d", l.ops, 100*100)
		}
	}
	check(64, fixed, 0.5, 1000)
	check(64, lognormal, 0.5, 1000)
	check(200, uniform, 1, 333)
	check(64, fixed, 0, 100)
	check(2048, lognormal, 0.3, minSlots)
}

func TestEqualSeedsMakeEqualWork(t *testing.T) {
	run := func(seed uint64) (sum uint64) {
		l := newLane(newGraph(shapeOf(t, 64, lognormal, 0.5), 500, seed, 0), 0.1, 200)
		require.NoError(t, l.step(new(atomic.Bool)))
		for slot := range l.g.index {
			sum = sum*31 + *(*uint64)(l.g.index[slot])
		}
		return sum + l.g.rng.Uint64()
	}
	first := run(7)
	if again := run(7); again != first {
		t.Error("the same seed gave another graph")
	}
	if run(8) == first {
		t.Error("another seed gave the same graph")
	}
}

func TestDamageIsFound(t *testing.T) {
	check := func(want string, damage func(g *graph, victim int)) {
		t.Helper()
		g := newGraph(shapeOf(t, 64, fixed, 0.5), 200, 1, 0)
		victim := 17
		damage(g, victim)
		if err := g.checkAll(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("whole graph: %v, want %q", err, want)
		}
		if err := g.replace(victim); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("when replaced: %v, want %q", err, want)
		}
	}
	c := shapeOf(t, 64, fixed, 0.5).classes[0]
	check("wrong answer: object 17", func(g *graph, i int) { *(*uint64)(g.index[i]) = 0 })
	check("at byte", func(g *graph, i int) { *(*uint64)(unsafe.Add(g.index[i], c.data[0])) ^= 1 })
	check("pointer 1 of object 17", func(g *graph, i int) {
		*(*unsafe.Pointer)(unsafe.Add(g.index[i], c.ptrs[1])) = nil
	})
	check("pointer", func(g *graph, i int) { // a new object to which nobody was redirected
		g.index[g.perms[0].to(i)] = g.alloc(g.perms[0].to(i))
	})
	check("wrong answer", func(g *graph, i int) { g.index[i] = g.alloc(i + 1) })
}

func TestADamagedYoungObjectIsFound(t *testing.T) {
	l := newLane(newGraph(shapeOf(t, 64, fixed, 0.5), 200, 1, 0), 0, 3)
	require.NoError(t, l.step(new(atomic.Bool)))
	*(*uint64)(l.ring[1].p)++
	if err := l.check(); err == nil {
		t.Error("at the end: not found")
	}
	l.batch = ringSize
	if err := l.step(new(atomic.Bool)); err == nil {
		t.Error("when it dies: not found")
	}
}

package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
	"weak"
)

// Watched objects: shares of the objects that die young about whose death
// something is to be done or known.
type shares struct {
	cleanup, finalizer, weak float64
}

// none says whether no object is watched.
func (s shares) none() bool { return s == shares{} }

// weakRing is how many weak pointers a lane holds.
const weakRing = 1024

// A watcher attaches to the young objects of one lane.
type watcher struct {
	shares
	g     *graph
	rng   *rand.PCG // its own: what is watched changes no object
	weaks [weakRing]weakling
	next  int

	cleanups, finalizers tally
}

// A weakling is a weak pointer and what its object must hold while it lives.
type weakling struct {
	p       weak.Pointer[uint64]
	pattern uint64
}

// A tally counts what was attached and what the runtime ran since, on goroutines of its own.
type tally struct {
	attached int64
	ran      atomic.Int64
}

func newWatcher(s shares, g *graph, seed, stream uint64) *watcher {
	return &watcher{shares: s, g: g, rng: rand.NewPCG(^seed, stream)}
}

// draw says yes in a share of the cases.
func (w *watcher) draw(share float64) bool {
	return share > 0 && (share >= 1 || w.rng.Uint64()>>11 < uint64(share*(1<<53)))
}

// attach does to a new object, of a slot, what is to be done to its like.
func (w *watcher) attach(p unsafe.Pointer, slot int) error {
	first := (*uint64)(p)
	if w.draw(w.cleanup) {
		w.cleanups.attached++
		runtime.AddCleanup(first, func(t *tally) { t.ran.Add(1) }, &w.cleanups)
	}
	if w.draw(w.finalizer) {
		w.finalizers.attached++
		runtime.SetFinalizer(w.g.typed(p, slot), func(any) { w.finalizers.ran.Add(1) })
	}
	if w.draw(w.weak) {
		return w.follow(first, slot)
	}
	return nil
}

// follow takes the place of the oldest weak pointer. What that leads to has died,
// or is still as it was.
func (w *watcher) follow(first *uint64, slot int) error {
	old := &w.weaks[w.next]
	w.next = (w.next + 1) % weakRing
	if v := old.p.Value(); v != nil && *v != old.pattern {
		return fmt.Errorf("wrong answer: a weak pointer leads to %#x, want %#x or nothing", *v, old.pattern)
	}
	old.p, old.pattern = weak.Make(first), w.g.pattern(slot)
	return nil
}

// patience bounds the wait for the runtime's own goroutines after the window.
const patience = 30 * time.Second

// settle collects until all has run that was attached to objects which are gone,
// and fails where that never comes about. Held are those that are not gone.
func (w *watcher) settle(held int64) error {
	deadline := time.Now().Add(patience)
	for {
		cleanups, finalizers := w.cleanups.missing(), w.finalizers.missing()
		switch {
		case min(cleanups, finalizers) < 0:
			return fmt.Errorf("wrong answer: more ran than were attached: %s cleanups, %s finalizers", &w.cleanups, &w.finalizers)
		case max(cleanups, finalizers) <= held:
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("wrong answer: with %d objects held there ran within %v %s cleanups, %s finalizers",
				held, patience, &w.cleanups, &w.finalizers)
		}
		forceGC()
		time.Sleep(time.Millisecond)
	}
}

// missing is how many have not run.
func (t *tally) missing() int64 { return t.attached - t.ran.Load() }

func (t *tally) String() string { return fmt.Sprintf("%d of %d", t.ran.Load(), t.attached) }

package main

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
	"unsafe"
)

// ringSize is how many young objects a lane holds at once.
const ringSize = 16

// A lane is one goroutine's churn over a graph of its own.
type lane struct {
	g     *graph
	keep  uint64 // a draw below it makes the new object a survivor
	all   bool   // survival is 1, which no draw below keep can say
	batch int64
	left  int64           // operations of the batch that is under way
	ring  [ringSize]young // the youngest objects; each dies when its place is taken
	next  int
	at    int // cursor of flash over the index
	ops   int64

	watch *watcher // nil where no object is watched
	burst int64    // operations between two pauses; 0 for none
	pause time.Duration
}

// A young object is made in the likeness of a slot's, and dies without ever
// being in the index.
type young struct {
	p    unsafe.Pointer
	slot int
}

func newLane(g *graph, survival float64, batch int64) *lane {
	return &lane{g: g, all: survival == 1, keep: uint64(survival * math.MaxUint32), batch: batch}
}

// step does the operations that are left of a batch, or as many as come before
// the call. Each allocates one object: a survivor replaces a random live one, any
// other is dropped ringSize operations later.
func (l *lane) step(call *atomic.Bool) error {
	if l.left == 0 {
		l.left = l.batch
	}
	from := l.ops
	for ; l.left > 0 && !call.Load(); l.left-- {
		draw := l.g.rng.Uint64()
		hi, _ := bits.Mul64(draw, uint64(len(l.g.index))) // the upper half picks the slot
		slot := int(hi)
		var err error
		if l.all || draw&math.MaxUint32 < l.keep {
			err = l.g.replace(slot)
		} else {
			err = l.flash(slot)
		}
		if err != nil {
			return err
		}
		l.ops++
	}
	if l.burst > 0 && l.ops/l.burst != from/l.burst {
		time.Sleep(l.pause)
	}
	return nil
}

// flash makes a short-lived object that points to live ones, one after the
// other, and checks and drops the oldest.
func (l *lane) flash(slot int) error {
	old := &l.ring[l.next]
	l.next = (l.next + 1) % ringSize
	if old.p != nil {
		if err := l.g.checkPattern(old.p, old.slot); err != nil {
			return err
		}
	}
	old.p, old.slot = l.g.alloc(slot), slot
	for _, at := range l.g.kindOf(slot).ptrs {
		if l.at++; l.at == len(l.g.index) {
			l.at = 0
		}
		*(*unsafe.Pointer)(unsafe.Add(old.p, at)) = l.g.index[l.at]
	}
	if l.watch != nil {
		return l.watch.attach(old.p, slot)
	}
	return nil
}

// check looks at all that a lane holds.
func (l *lane) check() error {
	for _, y := range l.ring {
		if y.p == nil {
			continue
		}
		if err := l.g.checkPattern(y.p, y.slot); err != nil {
			return err
		}
	}
	return l.g.checkAll()
}

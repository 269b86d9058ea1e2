package main

import (
	"fmt"
	"sync"
	"unsafe"
)

// A frame is the pointers in one frame of a deep stack: half a KiB of them. The
// compiler adds some words of its own.
type frame [64]unsafe.Pointer

// A deep is a goroutine that is parked with a deep stack full of pointers, which
// every collection has to scan. They lead to objects of its own, so that it keeps
// nothing of a graph alive.
type deep struct {
	objects []unsafe.Pointer
	err     error
}

// parked are deep stacks, all waiting for one release.
type parked struct {
	stacks  []*deep
	release chan struct{}
	done    sync.WaitGroup
}

// park starts n goroutines with about size bytes of frames each, pointing to
// objects made like those of g, and returns when all of them wait.
func park(n, size int64, g *graph) *parked {
	p := &parked{release: make(chan struct{})}
	var down sync.WaitGroup
	for range n {
		d := new(deep)
		for slot := range len(frame{}) {
			d.objects = append(d.objects, g.alloc(slot))
		}
		p.stacks = append(p.stacks, d)
		down.Add(1)
		p.done.Go(func() {
			d.descend(nil, uintptr(size), func() {
				down.Done()
				<-p.release
			})
		})
	}
	down.Wait()
	return p
}

// descend calls itself with a frame of pointers until all frames together, from
// top on, take size bytes of the stack, waits at the bottom, and looks at each frame
// on the way back. The stack moves while it grows, and top moves with it.
//
//go:noinline
func (d *deep) descend(top *frame, size uintptr, bottom func()) {
	var own frame
	copy(own[:], d.objects)
	if top == nil {
		top = &own
	}
	above := uintptr(unsafe.Pointer(top)) - uintptr(unsafe.Pointer(&own))
	if above+unsafe.Sizeof(own) >= size {
		bottom()
	} else {
		d.descend(top, size, bottom)
	}
	d.check(&own, above)
}

// check compares a frame with what was put there. It is not part of descend, whose
// own words would be more with it.
//
//go:noinline
func (d *deep) check(f *frame, above uintptr) {
	for slot := range f {
		if p := f[slot]; p != d.objects[slot] && d.err == nil {
			d.err = fmt.Errorf("wrong answer: pointer %d of the frame %d bytes down a stack is %p, want %p", slot, above, p, d.objects[slot])
		}
	}
}

// end lets all of them return and says what one of them found.
func (p *parked) end(g *graph) error {
	if p == nil {
		return nil
	}
	close(p.release)
	p.done.Wait()
	for _, d := range p.stacks {
		if d.err != nil {
			return d.err
		}
		for slot, object := range d.objects {
			if err := g.checkPattern(object, slot); err != nil {
				return fmt.Errorf("an object of a stack: %w", err)
			}
		}
	}
	return nil
}

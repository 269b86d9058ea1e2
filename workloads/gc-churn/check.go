package main

import (
	"fmt"
	"unsafe"
)

// check holds the object in a slot to its pattern and its pointers to the
// objects that stand where they shall lead.
func (g *graph) check(slot int) error {
	p := g.index[slot]
	if err := g.checkPattern(p, slot); err != nil {
		return err
	}
	for k, at := range g.kindOf(slot).ptrs {
		to := g.perms[k].to(slot)
		if got := *(*unsafe.Pointer)(unsafe.Add(p, at)); got != g.index[to] {
			return fmt.Errorf("wrong answer: pointer %d of object %d is %p, but object %d is at %p", k, slot, got, to, g.index[to])
		}
	}
	return nil
}

// checkPattern finds an object that was freed, reused or overwritten.
func (g *graph) checkPattern(p unsafe.Pointer, slot int) error {
	h := g.pattern(slot)
	if got := *(*uint64)(p); got != h {
		return fmt.Errorf("wrong answer: object %d at %p begins with %#x, want %#x", slot, p, got, h)
	}
	for _, at := range g.kindOf(slot).data {
		if got := *(*uint64)(unsafe.Add(p, at)); got != h+uint64(at) {
			return fmt.Errorf("wrong answer: object %d at %p holds %#x at byte %d, want %#x", slot, p, got, at, h+uint64(at))
		}
	}
	return nil
}

// checkAll checks every object.
func (g *graph) checkAll() error {
	for slot := range g.index {
		if err := g.check(slot); err != nil {
			return err
		}
	}
	return nil
}

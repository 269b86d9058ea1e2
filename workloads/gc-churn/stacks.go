package main

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

// frameWords is how many pointers a frame of a deep stack holds: half a KiB of them.
const frameWords = 64

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
		for slot := range frameWords {
			d.objects = append(d.objects, g.alloc(slot))
		}
		p.stacks = append(p.stacks, d)
		down.Add(1)
		p.done.Go(func() {
			d.descend(int(size/(frameWords*wordBytes)), g, func() {
				down.Done()
				<-p.release
			})
		})
	}
	down.Wait()
	return p
}

// descend calls itself with a frame of pointers, waits at the bottom, and looks
// at each frame on the way back.
//
//go:noinline
func (d *deep) descend(frames int, g *graph, bottom func()) {
	var frame [frameWords]unsafe.Pointer
	copy(frame[:], d.objects)
	if frames <= 1 {
		bottom()
	} else {
		d.descend(frames-1, g, bottom)
	}
	for slot, p := range frame {
		if p != d.objects[slot] && d.err == nil {
			d.err = fmt.Errorf("wrong answer: pointer %d of frame %d of a stack is %p, want %p", slot, frames, p, d.objects[slot])
		}
	}
	runtime.KeepAlive(&frame)
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

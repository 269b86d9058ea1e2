package main

import (
	"sync"
	"sync/atomic"
)

// spinners are goroutines in loops without calls.
type spinners struct {
	steps   int64
	stop    atomic.Bool
	loops   atomic.Int64
	wrong   atomic.Int64
	ready   atomic.Int64 // how many have begun
	running sync.WaitGroup
}

// start runs n spinners.
func (s *spinners) start(n int) {
	want := advance(1, s.steps) // the same loop, before anybody interrupts it
	for range n {
		s.running.Go(func() {
			s.ready.Add(1)
			for !s.stop.Load() {
				s.loopOnce(want)
			}
		})
	}
}

// end lets all loops end.
func (s *spinners) end() {
	s.stop.Store(true)
	s.running.Wait()
}

// loopOnce is a call of its own for the check of its stack, which is where a
// runtime that has no other way stops the goroutine, between two loops. advance
// is too small to have one.
//
//go:noinline
func (s *spinners) loopOnce(want uint64) {
	if advance(1, s.steps) != want {
		s.wrong.Add(1)
	}
	s.loops.Add(1)
}

// advance is the loop: a xorshift generator (Marsaglia), steps times. There is
// no call in it, so no point where the goroutine would look whether to stop.
//
//go:noinline
func advance(x uint64, steps int64) uint64 {
	for range steps {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

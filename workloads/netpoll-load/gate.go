package main

import (
	"sync"
	"time"
)

// A gate is where a server that stalls holds its answers: all of them, for the
// last part of every period. The first one begins with the first request, so that
// every window meets its stalls at the same times.
type gate struct {
	start        func() time.Time
	stall, every time.Duration
}

func newGate(stall, every time.Duration) *gate {
	return &gate{start: sync.OnceValue(time.Now), stall: stall, every: every}
}

// pass returns at once, or when the stall under way is over.
func (g *gate) pass() {
	if g.stall > 0 {
		time.Sleep(g.left(time.Since(g.start())))
	}
}

// left is how long the gate stays closed at some time after its start; 0 where it is open.
func (g *gate) left(since time.Duration) time.Duration {
	into := since % g.every
	if into < g.every-g.stall {
		return 0
	}
	return g.every - into
}

package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// phases are the warm-up and the window.
const phases = 2

// A crew is goroutines that wait at a gate for each phase. They are all
// parked when muster returns, and live until dismiss.
type crew struct {
	gates [phases + 1]chan struct{} // the last one lets them go
	share [phases]int64
	body  func(member int, share int64) error
	done  [phases]sync.WaitGroup
	fault atomic.Pointer[error] // the first
	phase int
	ended sync.WaitGroup
}

// muster spawns n goroutines. Each uses some stack and arrives at the first gate;
// locked is on a thread of its own from then on, which it keeps while it is parked.
func muster(n int, stack int64, locked bool, body func(member int, share int64) error) *crew {
	c := &crew{body: body}
	for i := range c.gates {
		c.gates[i] = make(chan struct{})
	}
	for i := range c.done {
		c.done[i].Add(n)
	}
	var arrived sync.WaitGroup
	arrived.Add(n)
	c.ended.Add(n)
	for i := range n {
		go c.member(i, stack, locked, &arrived)
	}
	arrived.Wait()
	return c
}

// member is one goroutine's life.
func (c *crew) member(i int, stack int64, locked bool, arrived *sync.WaitGroup) {
	defer c.ended.Done()
	if locked {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	useStack(stack)
	arrived.Done()
	for p := range phases {
		<-c.gates[p]
		if c.share[p] == 0 {
			return
		}
		if err := c.body(i, c.share[p]); err != nil {
			c.fault.CompareAndSwap(nil, &err)
		}
		c.done[p].Done()
	}
	<-c.gates[phases]
}

// open starts the next phase.
func (c *crew) open(share int64) {
	c.share[c.phase] = share
	close(c.gates[c.phase])
}

// wait ends the phase. The error is the first that a member had.
func (c *crew) wait() error {
	c.done[c.phase].Wait()
	c.phase++
	if err := c.fault.Load(); err != nil {
		return *err
	}
	return nil
}

// dismiss ends all goroutines. Only between phases.
func (c *crew) dismiss() {
	for _, gate := range c.gates[c.phase:] {
		close(gate) // with a share of 0 before the last
	}
	c.ended.Wait()
}

// frame is the stack that one call of useStack takes, about.
const frame = 512

// useStack touches that much stack.
//
//go:noinline
func useStack(bytes int64) byte {
	if bytes <= 0 {
		return 0
	}
	var pad [frame]byte
	pad[bytes%frame] = 1
	return useStack(bytes-frame) + pad[(bytes+1)%frame]
}

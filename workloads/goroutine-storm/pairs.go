package main

import (
	"fmt"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A token goes to and fro within a pair.
type token struct {
	pass int64 // counts up from 0 in each phase
	sent int64 // when its receiver was made ready
}

// newPairs lets each pair of goroutines pass a token over unbuffered channels.
// With lockosthread both are locked to a thread, so each pass hands the
// processor from one thread to another.
func newPairs(c *config, latency *driver.Shards) storm {
	there, back := make([]chan token, c.goroutines/2), make([]chan token, c.goroutines/2)
	for i := range there {
		there[i], back[i] = make(chan token), make(chan token)
	}
	return storm{everyOp: true, locked: c.mode == lockOSThread, body: func(i int, share int64) error {
		in, out := back[i/2], there[i/2]
		serves := i%2 == 0
		if !serves {
			in, out = out, in
		}
		for k := range share {
			if serves {
				out <- token{2 * k, driver.Nanotime()}
			}
			got := <-in
			latency.Of(i).Record(driver.Nanotime() - got.sent)
			want := 2 * k
			if serves {
				want++
			}
			if got.pass != want {
				return fmt.Errorf("wrong answer: goroutine %d got pass %d, want %d", i, got.pass, want)
			}
			if !serves {
				out <- token{want + 1, driver.Nanotime()}
			}
		}
		return nil
	}}
}

package main

import (
	"sync"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// newSpawn makes goroutines that start, note when, and end. At most as many
// live at once as the trial has goroutines: then the next round begins.
func newSpawn(c *config, latency *driver.Shards) storm {
	var wg sync.WaitGroup
	run := func(i int, made int64) {
		latency.Of(i).Record(driver.Nanotime() - made)
		useStack(c.stack)
		wg.Done()
	}
	return storm{everyOp: true, lead: func(rounds int64) error {
		for range rounds {
			wg.Add(int(c.goroutines))
			for i := range int(c.goroutines) {
				go run(i, driver.Nanotime())
			}
			wg.Wait()
		}
		return nil
	}}
}

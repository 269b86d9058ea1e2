package main

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// newMutex lets all goroutines contend for one lock. A latency event is a lock
// that changes hands: from just before the unlock to the next owner's reading.
// One goroutine alone has none.
func newMutex(c *config, latency *driver.Shards) storm {
	var (
		mu       sync.Mutex
		count    int64
		owner    = -1
		released int64
	)
	return storm{
		body: func(i int, share int64) error {
			for range share {
				mu.Lock()
				if owner >= 0 && owner != i {
					latency.Of(i).Record(driver.Nanotime() - released)
				}
				count++
				yield(c.hold)
				owner, released = i, driver.Nanotime()
				mu.Unlock()
			}
			return nil
		},
		check: func(ops int64) error {
			if count != ops {
				return fmt.Errorf("wrong answer: the mutex let %d operations count to %d", ops, count)
			}
			return nil
		},
	}
}

// writeEvery makes one operation of so many a write.
const writeEvery = 10

// newRWMutex is the same for readers and writers. A latency event is the first
// goroutine that gets in after another's write.
func newRWMutex(c *config, latency *driver.Shards) storm {
	var (
		mu       sync.RWMutex
		a, b     int64 // equal, but within a write
		writer   = -1
		released atomic.Int64 // 0 once somebody was the first
		writes   atomic.Int64 // as the goroutines count them
		turns    = make([]int64, c.goroutines)
	)
	entered := func(i int) {
		if writer == i || writer < 0 {
			return
		}
		now := driver.Nanotime()
		if at := released.Swap(0); at != 0 {
			latency.Of(i).Record(now - at)
		}
	}
	write := func(i int) {
		mu.Lock()
		defer mu.Unlock()
		entered(i)
		a++
		yield(c.hold)
		b++
		writer = i
		released.Store(driver.Nanotime())
	}
	look := func(i int) error {
		mu.RLock()
		defer mu.RUnlock()
		entered(i)
		yield(c.hold)
		if a != b {
			return fmt.Errorf("wrong answer: a reader saw a write half done (%d, %d)", a, b)
		}
		return nil
	}
	return storm{
		body: func(i int, share int64) error {
			from := turns[i]
			turns[i] += share
			for k := from; k < from+share; k++ {
				if (int64(i)+k)%writeEvery == 0 {
					write(i)
					writes.Add(1)
				} else if err := look(i); err != nil {
					return err
				}
			}
			return nil
		},
		check: func(int64) error {
			if n := writes.Load(); a != n || b != n {
				return fmt.Errorf("wrong answer: %d writes count to %d and %d", n, a, b)
			}
			return nil
		},
	}
}

func yield(times int64) {
	for range times {
		runtime.Gosched()
	}
}

package main

import (
	"fmt"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// An item goes from the producer to some worker.
type item struct {
	number int64
	sent   int64 // when the producer began to send it
}

// newFan sends items from one producer to all workers and their answers to one
// consumer. Where all workers are busy the producer waits, and that wait is
// part of an item's latency.
func newFan(c *config, latency *driver.Shards) storm {
	items, answers := make(chan item), make(chan int64)
	body := func(i int, share int64) error {
		for range share {
			it := <-items
			latency.Of(i).Record(driver.Nanotime() - it.sent)
			answers <- answer(it.number)
		}
		return nil
	}
	lead := func(share int64) error {
		n := share * c.goroutines
		go func() {
			for k := range n {
				items <- item{k, driver.Nanotime()}
			}
		}()
		sum := int64(0)
		for range n {
			sum += <-answers
		}
		if want := sumOfAnswers(n); sum != want {
			return fmt.Errorf("wrong answer: %d items add up to %d, want %d", n, sum, want)
		}
		return nil
	}
	return storm{body: body, lead: lead, everyOp: true}
}

// answer is what a worker makes of an item.
func answer(number int64) int64 { return 2*number + 1 }

// sumOfAnswers is the sum of the answers to items 0 to n-1: that of the odd numbers.
func sumOfAnswers(n int64) int64 { return n * n }

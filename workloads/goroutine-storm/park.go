package main

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A bed is where one goroutine is parked. Its channels hold one value, so that
// the waker never waits for a goroutine that is on its way to bed.
type bed struct {
	wake  []chan struct{} // one, or selectWidth of them
	ready int64           // when it was made ready
	woken int             // how often, as its goroutine counts
}

func newBed(width int) bed {
	b := bed{wake: make([]chan struct{}, width)}
	for i := range b.wake {
		b.wake[i] = make(chan struct{}, 1)
	}
	return b
}

// sleep parks the goroutine with a number until it is woken, and checks through
// which channel that was.
func (b *bed) sleep(number int, wait func([]chan struct{}) int) error {
	from := wait(b.wake)
	if want := b.woken % len(b.wake); from != want {
		return fmt.Errorf("wrong answer: goroutine %d was woken through channel %d, want %d", number, from, want)
	}
	b.woken++
	return nil
}

// selectWidth is how many channels a select waits for.
const selectWidth = 4

// newPark parks goroutines on channels and wakes them in bursts, in random
// order. The k-th wake of a goroutine comes through channel k of its own,
// modulo their number, and must be seen there.
func newPark(c *config, latency *driver.Shards) storm {
	width, wait := 1, waitOne
	if c.mode == selectMany {
		width, wait = selectWidth, waitAny
	}
	beds := make([]bed, c.goroutines)
	for i := range beds {
		beds[i] = newBed(width)
	}
	var asleep atomic.Int64 // of the burst: still to be seen
	seen := make(chan struct{}, 1)
	body := func(i int, share int64) error {
		b := &beds[i]
		for range share {
			if err := b.sleep(i, wait); err != nil {
				return err
			}
			latency.Of(i).Record(driver.Nanotime() - b.ready)
			if asleep.Add(-1) == 0 {
				seen <- struct{}{}
			}
		}
		return nil
	}
	order := rand.New(rand.NewPCG(uint64(c.seed), 0)).Perm(len(beds))
	rounds := 0
	lead := func(share int64) error {
		for range share {
			for rest := order; len(rest) > 0; {
				burst := rest[:min(len(rest), int(c.burst))]
				rest = rest[len(burst):]
				asleep.Store(int64(len(burst)))
				for _, i := range burst {
					beds[i].ready = driver.Nanotime()
					beds[i].wake[rounds%width] <- struct{}{}
				}
				<-seen
			}
			rounds++
		}
		return nil
	}
	return storm{body: body, lead: lead, everyOp: true}
}

func waitOne(c []chan struct{}) int {
	<-c[0]
	return 0
}

func waitAny(c []chan struct{}) int {
	select {
	case <-c[0]:
		return 0
	case <-c[1]:
		return 1
	case <-c[2]:
		return 2
	case <-c[3]:
		return 3
	}
}

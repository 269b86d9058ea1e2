package main

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync/atomic"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A bed is where one goroutine is parked. Its channels hold one value, so that
// the waker never waits for a goroutine that is on its way to bed.
type bed struct {
	wake  []chan struct{}
	cases []reflect.SelectCase // of wake, where a statement has too few
	ready int64                // when it was made ready
	woken int                  // how often, as its goroutine counts
}

func newBed(width int) bed {
	b := bed{wake: make([]chan struct{}, width)}
	for i := range b.wake {
		b.wake[i] = make(chan struct{}, 1)
		if width > statement {
			b.cases = append(b.cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(b.wake[i])})
		}
	}
	return b
}

// sleep parks the goroutine with a number until it is woken, and checks through
// which channel that was.
func (b *bed) sleep(number int, wait func(*bed) int) error {
	from := wait(b)
	if want := b.woken % len(b.wake); from != want {
		return fmt.Errorf("wrong answer: goroutine %d was woken through channel %d, want %d", number, from, want)
	}
	b.woken++
	return nil
}

// statement is how many channels the select statement of waitAny has.
const statement = 4

// newPark parks goroutines on channels and wakes them in bursts, in random
// order. The k-th wake of a goroutine comes through channel k of its own,
// modulo their number, and must be seen there.
func newPark(c *config, latency *driver.Shards) storm {
	width, wait := 1, waitOne
	if c.mode == selectMany {
		width, wait = int(c.channels), waitAny
		if width > statement {
			wait = waitMany
		}
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

func waitOne(b *bed) int {
	<-b.wake[0]
	return 0
}

// waitAny leaves cases without a channel nil: the runtime skips these.
func waitAny(b *bed) int {
	var c [statement]chan struct{}
	copy(c[:], b.wake)
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

// waitMany waits as a program does whose number of channels is not in its source.
func waitMany(b *bed) int {
	from, _, _ := reflect.Select(b.cases)
	return from
}

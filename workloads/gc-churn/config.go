package main

import (
	"fmt"
	"math"
	"time"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// A config is the params of one trial.
type config struct {
	liveHeap    int64
	objectSize  int64
	spread      string
	density     float64
	pointerFree float64
	survival    float64
	watched     shares
	stacks      int64
	stackSize   int64
	burst       int64
	pause       time.Duration
	swing       float64
	swingCycles int64
	cycles      int64
	goroutines  int64
	seed        int64
	maxDuration time.Duration
}

// maxCycles keeps a window within the runtime's ring of 256 pauses (MemStats.PauseNs).
const maxCycles = 250

// warmCycles complete between a forced collection and the window. After a forced one,
// which leaves no garbage afloat and nothing to sweep, cycles grow for a while: where
// it came right before the window, the first cycle of that took a quarter less time
// than the fourth.
const warmCycles = 4

func (c *config) declare(p *driver.Params) {
	p.Bytes(&c.liveHeap, "live-heap", "64MiB", "bytes kept alive, the index of 8 bytes per object included",
		driver.Min("1MiB"), driver.Max("16TiB"))
	p.Bytes(&c.objectSize, "object-size", "64B", "mean bytes of an object; rounded up to 8, above 512 to 512",
		driver.Min("16B"), driver.Max("256KiB"))
	p.String(&c.spread, "size-spread", fixed, "sizes around the mean m: fixed: all m; uniform: m/2 to 3m/2 in 9 equal steps; "+
		"lognormal: m/4, m/2, m, 2m, 4m in shares of 8, 10, 7, 5, 2 of 32", driver.OneOf(fixed, uniform, lognormal))
	p.Float(&c.density, "pointer-density", "0.5", "share of an object's words that are pointers; its first word never is",
		driver.Min("0"), driver.Max("1"))
	p.Float(&c.survival, "survival", "0.05", "share of the new objects that replace a live one; the others die young",
		driver.Min("0"), driver.Max("1"))
	share := func(v *float64, name, doc string) { p.Float(v, name, "0", doc, driver.Min("0"), driver.Max("1")) }
	share(&c.pointerFree, "pointer-free", "share of the objects that have no pointers at all, whatever the density of the others")
	share(&c.watched.cleanup, "cleanups", "share of the objects that die young which have a cleanup (runtime.AddCleanup)")
	share(&c.watched.finalizer, "finalizers", "share of the objects that die young which have a finalizer (runtime.SetFinalizer)")
	share(&c.watched.weak, "weak", "share of the objects that die young to which a weak pointer is made")
	p.Int(&c.stacks, "stacks", "0", "goroutines that are parked with a deep stack of pointers", driver.Min("0"), driver.Max("100000"))
	p.Bytes(&c.stackSize, "stack-size", "64KiB", "bytes of frames on such a stack, in frames of a little more than half a KiB; "+
		"the stack itself is the runtime's next power of two", driver.Min("1KiB"), driver.Max("256MiB"))
	p.Bytes(&c.burst, "burst", "0B", "bytes that a goroutine allocates between two pauses; 0B: no pauses", driver.Min("0B"), driver.Max("1TiB"))
	p.Duration(&c.pause, "pause", "1ms", "length of a pause between bursts", driver.Min("0s"), driver.Max("10s"))
	p.Float(&c.swing, "swing", "0", "memory that is there for -swing-cycles collections and gone for as many, as a share of the live heap", driver.Min("0"), driver.Max("100"))
	p.Int(&c.swingCycles, "swing-cycles", "1", "collections from one turn of -swing to the next", driver.Min("1"), driver.Max("1000"))
	p.Int(&c.cycles, "cycles", "10", "garbage collections in the window", driver.Min("1"), driver.Max(fmt.Sprint(maxCycles)))
	p.Int(&c.goroutines, "goroutines", "1", "goroutines that churn, each a graph of its own, an equal part of the live heap",
		driver.Min("1"), driver.Max("1024"))
	p.Int(&c.seed, "seed", "1", "of the graph and of the choice of objects", driver.Min("0"))
	p.Duration(&c.maxDuration, "max-duration", "1m0s", "the trial fails if warm-up or window takes longer", driver.Min("1ms"))
}

// setup builds the live heap and churns it into its steady state.
func (c *config) setup(string) (driver.Trial, error) {
	if gcIsOff() {
		return nil, fmt.Errorf("the garbage collector is off (GOGC=off and no GOMEMLIMIT): no cycle would ever end; set one of them")
	}
	trace, err := captureTrace()
	if err != nil {
		return nil, err
	}
	t := &trial{config: c, trace: trace}
	if err := t.build(); err != nil {
		return nil, joinClose(err, t)
	}
	forceGC()
	if _, err := t.churn(warmCycles); err != nil {
		return nil, joinClose(fmt.Errorf("warm-up: %w", err), t)
	}
	return t, nil
}

// allow refuses what does not go together.
func (c *config) allow() error {
	_, _, err := c.layout()
	return err
}

// held is what lives at once: garbage that is not collected yet comes on top.
func (c *config) held() float64 {
	return float64(c.liveHeap)*(1+c.swing) + float64(c.stacks)*float64(c.stackSize)
}

// layout is the shape of each graph, and how many objects it has.
func (c *config) layout() (*shape, int, error) {
	s, err := newShape(c.objectSize, c.spread, c.density, c.pointerFree)
	if err != nil {
		return nil, 0, err
	}
	each := c.liveHeap / c.goroutines
	n := each / (s.footprint() + indexBytes)
	if n < minSlots || n > math.MaxInt32 {
		return nil, 0, fmt.Errorf("-live-heap=%s, -goroutines=%d and objects of about %d bytes make graphs of %d objects, want %d to %d each",
			wire.FormatBytes(c.liveHeap), c.goroutines, s.footprint(), n, minSlots, math.MaxInt32)
	}
	return s, int(n), nil
}

// build allocates one graph a lane.
func (t *trial) build() error {
	s, n, err := t.layout()
	if err != nil {
		return err
	}
	for i := range t.goroutines {
		t.lanes = append(t.lanes, t.lane(s, n, uint64(i)))
	}
	t.tide = tide{size: int64(t.swing * float64(t.liveHeap)), every: uint64(t.swingCycles)}
	t.parked = park(t.stacks, t.stackSize, t.lanes[0].g)
	return nil
}

// lane is goroutine i's churn over n objects.
func (t *trial) lane(s *shape, n int, i uint64) *lane {
	l := newLane(newGraph(s, n, uint64(t.seed), i), t.survival, batchOf(t.objectSize))
	if !t.watched.none() {
		l.watch = newWatcher(t.watched, l.g, uint64(t.seed), i)
	}
	l.left = max(1, l.batch*int64(i+1)/t.goroutines) // so that some lane looks up each batchBytes, however many they are
	if t.burst > 0 {
		l.burst, l.pause = max(1, t.burst/t.objectSize), t.pause
	}
	return l
}

// batchBytes is about what a lane allocates between two looks at the runtime and
// the clock: a thousandth of a cycle of the default heap.
const batchBytes = 64 << 10

// batchOf is how many operations that is.
func batchOf(objectSize int64) int64 { return max(1, batchBytes/objectSize) }

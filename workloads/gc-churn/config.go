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
	survival    float64
	cycles      int64
	goroutines  int64
	seed        int64
	maxDuration time.Duration
}

// maxCycles keeps a window within the runtime's ring of 256 pauses (MemStats.PauseNs).
const maxCycles = 250

// warmCycles complete after the heap is built and before the window, so that
// the pacer has seen the steady state.
const warmCycles = 2

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
	if _, err := t.churn(warmCycles); err != nil {
		return nil, joinClose(fmt.Errorf("warm-up: %w", err), t)
	}
	forceGC()
	return t, nil
}

// build allocates one graph a lane.
func (t *trial) build() error {
	s, err := newShape(t.objectSize, t.spread, t.density)
	if err != nil {
		return err
	}
	each := t.liveHeap / t.goroutines
	n := each / (s.footprint() + indexBytes)
	if n < minSlots || n > math.MaxInt32 {
		return fmt.Errorf("-live-heap=%s, -goroutines=%d and objects of about %d bytes make graphs of %d objects, want %d to %d each",
			wire.FormatBytes(t.liveHeap), t.goroutines, s.footprint(), n, minSlots, math.MaxInt32)
	}
	for i := range t.goroutines {
		t.lanes = append(t.lanes, newLane(newGraph(s, int(n), uint64(t.seed), uint64(i)), t.survival, batchOf(t.objectSize)))
	}
	return nil
}

// batchOf is how many operations lie between two looks at the clock: about
// 64 KiB of allocation, a thousandth of a cycle of the default heap.
func batchOf(objectSize int64) int {
	return int(max(1, 64<<10/objectSize))
}

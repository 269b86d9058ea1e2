package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// The patterns and the kinds of memory.
const (
	chase  = "chase"
	stream = "stream"

	heap       = "heap"
	mapped     = "mmap"
	hugePage   = "hugepage"
	noHugePage = "nohugepage"
)

const unitHuge = "huge-page-bytes"

var walkMetrics = []wire.Metric{
	{Unit: unitHuge, Doc: "memory of the footprint that huge pages back after the window: AnonHugePages of /proc/self/smaps, " +
		"of all mappings that the footprint lies in, at most the footprint"},
}

// A config is the params of one trial.
type config struct {
	footprint int64
	pattern   string
	stride    int64
	accesses  int64
	memory    string
	lock      bool
	touchCPU  int64
	walkCPU   int64
	seed      int64
}

const wordBytes = 8

func (c *config) declare(p *driver.Params) {
	p.Bytes(&c.footprint, "footprint", "64MiB", "memory that is walked", driver.Min("4KiB"), driver.Max("16TiB"))
	p.String(&c.pattern, "pattern", chase, "chase: a random cycle through all places, each load waits for the last; stream: all places in order",
		driver.OneOf(chase, stream))
	p.Bytes(&c.stride, "stride", "64B", "from one place to the next, a multiple of 8", driver.Min("16B"), driver.Max("1GiB"))
	p.Int(&c.accesses, "accesses", "5000000", "accesses of the window", driver.Min("1"), driver.Max("1000000000000000"))
	p.String(&c.memory, "memory", heap, "where it comes from: heap: a Go slice; mmap: an anonymous mapping; hugepage, nohugepage: one with that madvise(2)",
		driver.OneOf(heap, mapped, hugePage, noHugePage))
	p.Bool(&c.lock, "lock", "false", "walk in a goroutine that is locked to its thread (runtime.LockOSThread)")
	p.Int(&c.touchCPU, "touch-cpu", "-1", "CPU on which memory is first touched, and so by default the NUMA node it comes from; -1 for any",
		driver.Min("-1"), driver.Max("65535"))
	p.Int(&c.walkCPU, "walk-cpu", "-1", "CPU on which it is walked, which locks the goroutine too; -1 for any", driver.Min("-1"), driver.Max("65535"))
	p.Int(&c.seed, "seed", "1", "of the cycle", driver.Min("0"))
}

// fitting is how many places the memory has.
func (c *config) fitting() int64 { return c.footprint / c.stride }

// allow refuses what does not go together.
func (c *config) allow() error {
	if c.stride%wordBytes != 0 || c.fitting() < 2 {
		return fmt.Errorf("-stride=%s in -footprint=%s: want a multiple of 8 that fits twice",
			wire.FormatBytes(c.stride), wire.FormatBytes(c.footprint))
	}
	return nil
}

// held is how much of the memory is there once it is walked: a Go slice is asked for
// as a whole, of a mapping it is the pages that are touched.
func (c *config) held() float64 {
	if c.memory == heap {
		return float64(c.footprint)
	}
	return float64(c.fitting()) * float64(min(c.stride, int64(os.Getpagesize())))
}

// setup fills the memory and walks all of it once.
func (c *config) setup(string) (driver.Trial, error) {
	t := &trial{config: c}
	if err := t.allocate(); err != nil {
		return nil, err
	}
	t.field = field{words: t.words, step: int(c.stride / wordBytes), places: int(c.fitting())}
	fill := t.fillStream
	if c.pattern == chase {
		fill = func() { t.fillChase(uint64(c.seed)) }
	}
	if err := onCPU(c.touchCPU, c.touchCPU >= 0, fill); err != nil {
		return nil, errors.Join(fmt.Errorf("-touch-cpu=%d: %w", c.touchCPU, err), t.Close())
	}
	return t, nil
}

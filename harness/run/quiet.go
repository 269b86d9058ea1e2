package run

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A broom is the harness's own garbage collector during a run. The runtime's is
// off, so that no collection runs beside a workload; instead the broom collects
// between attempts, once there is enough to be worth it.
type broom struct {
	live []metrics.Sample // of one: bytes of objects, dead ones that nobody collected included
	left uint64           // after the last sweep
}

// litter is how much garbage may lie about: bytes. With what a run keeps it
// stays far below 64 MiB, and a sweep comes every few dozen trials.
const litter = 8 << 20

// takeOver switches the runtime's collector off until back is called.
func takeOver() (b *broom, back func()) {
	b = &broom{live: []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}}
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(math.MaxInt64)
	b.collect()
	return b, func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// sweep is called between attempts, after all that was done about the last one.
func (b *broom) sweep() {
	if b.objects() > b.left+litter {
		b.collect()
	}
}

func (b *broom) collect() {
	runtime.GC()
	b.left = b.objects()
}

func (b *broom) objects() uint64 {
	metrics.Read(b.live)
	return b.live[0].Value.Uint64()
}

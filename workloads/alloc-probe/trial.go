package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"unsafe"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// A config is the params of one trial.
type config struct {
	size     int64
	jitter   float64
	pointers bool
	live     int64
	ops      int64
	seed     int64
}

// minBytes is the least size: a number at each end.
const minBytes = 16

func (c *config) declare(p *driver.Params) {
	p.Bytes(&c.size, "size", "64B", "mean bytes of an object, rounded up to 8, with pointers to 16", driver.Min("16B"), driver.Max("1GiB"))
	p.Float(&c.jitter, "jitter", "0", "sizes are uniform within this share of the mean below and above it", driver.Min("0"), driver.Max("1"))
	p.Bool(&c.pointers, "pointers", "false", "objects hold pointers (all nil), so that the collector scans them")
	p.Bytes(&c.live, "live", "16MiB", "bytes of objects that live at once, at least one object; an index of 8 bytes an object comes on top, which only the collector and the peak RSS see", driver.Min("16B"), driver.Max("16TiB"))
	p.Int(&c.ops, "ops", "5000000", "objects allocated in the window", driver.Min("1"), driver.Max("1000000000000"))
	p.Int(&c.seed, "seed", "1", "of sizes and of which object is dropped", driver.Min("0"))
}

// A trial is a full table, and what its window showed.
type trial struct {
	*config
	driver.Noted
	table         table
	asked         int64   // bytes, in the window
	empty         reading // the heap before the first object, index and all
	made          uint64  // bytes that the process had allocated when it was ready
	before, after reading
}

// sizes are the levels of size.
func (c *config) sizes() []int64 { return spread(c.size, c.jitter, grain(c.pointers)) }

// slots is how many objects live at once.
func (c *config) slots() int64 { return max(c.live/meanOf(c.sizes()), 1) }

// held is the objects and their index.
func (c *config) held() float64 {
	return float64(c.slots()) * float64(meanOf(c.sizes())+indexBytes)
}

// allow refuses what does not go together.
func (c *config) allow() error {
	if n := c.slots(); n > math.MaxInt32 {
		return fmt.Errorf("-live=%s of -size=%s are %d objects, want %d at most",
			wire.FormatBytes(c.live), wire.FormatBytes(c.size), n, math.MaxInt32)
	}
	return nil
}

// setup fills the table and turns it over once.
func (c *config) setup(string) (driver.Trial, error) {
	rng := rand.New(rand.NewPCG(uint64(c.seed), 0))
	t := &trial{config: c, table: table{
		objects: make([]unsafe.Pointer, c.slots()), pointers: c.pointers,
		rng: rng, salt: rng.Uint64(), sizes: c.sizes(),
	}}
	runtime.GC()
	t.empty = read()
	t.table.fill()
	for range min(c.slots(), c.ops) {
		if _, err := t.table.turn(); err != nil {
			return nil, fmt.Errorf("warm-up: %w", err)
		}
	}
	runtime.GC()
	t.made = allocated()
	return t, nil
}

// Run allocates.
func (t *trial) Run() (int64, error) {
	t.before = read()
	err := t.Course.Each(t.ops, t.turns)
	t.after = read()
	return t.ops, err
}

func (t *trial) turns(ops int64) error {
	for range ops {
		asked, err := t.table.turn()
		if err != nil {
			return err
		}
		t.asked += asked
	}
	return nil
}

// enough is how many bytes a window must allocate for what the driver allocates
// beside it not to show.
const enough = 16 << 20

// Report checks all objects that live and looks at the heap they leave.
func (t *trial) Report(r *driver.Result) error {
	if t.asked >= enough {
		taken := float64(allocated() - t.made)
		r.Set(unitClass, taken/float64(r.Ops))
		r.Set(unitInternal, 1-float64(t.asked)/taken)
	}
	if err := t.table.check(); err != nil {
		return err
	}
	r.Set(unitCycles, float64(t.after.cycles-t.before.cycles))
	runtime.GC()
	end := read().beside(t.empty)
	r.Set(unitWaste, end.waste())
	r.Set(unitSpan, end.spanWaste())
	r.Set(unitLive, float64(end.objects))
	runtime.KeepAlive(t)
	return nil
}

func (t *trial) Close() error { return nil }

// A reading is the heap at one moment.
type reading struct {
	cycles, objects, unused, free uint64
}

// beside is a heap without what was there before the objects came: the index, what
// the runtime holds, and the spans which that does not fill. Spans that were free
// are not left out: the objects had the use of them.
func (r reading) beside(empty reading) reading {
	r.objects -= min(empty.objects, r.objects)
	r.unused -= min(empty.unused, r.unused)
	return r
}

func (r reading) waste() float64 {
	return 1 - float64(r.objects)/float64(r.objects+r.unused+r.free)
}

func (r reading) spanWaste() float64 {
	return 1 - float64(r.objects)/float64(r.objects+r.unused)
}

func read() reading {
	s := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(s)
	return reading{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64(), s[3].Value.Uint64()}
}

// allocated is all bytes that the process ever allocated, to the byte: unlike
// /gc/heap/allocs:bytes, which knows of an object when its span is full, ReadMemStats
// stops the world and looks at what each processor has in hand. Not in the window.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

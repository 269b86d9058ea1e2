package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"

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
	p.Bytes(&c.size, "size", "64B", "mean bytes of an object, rounded up to 8", driver.Min("16B"), driver.Max("1GiB"))
	p.Float(&c.jitter, "jitter", "0", "sizes are uniform within this share of the mean below and above it", driver.Min("0"), driver.Max("1"))
	p.Bool(&c.pointers, "pointers", "false", "objects hold pointers (all nil), so that the collector scans them")
	p.Bytes(&c.live, "live", "16MiB", "bytes of objects that live at once, at least one object", driver.Min("16B"), driver.Max("16TiB"))
	p.Int(&c.ops, "ops", "5000000", "objects allocated in the window", driver.Min("1"), driver.Max("1000000000000"))
	p.Int(&c.seed, "seed", "1", "of sizes and of which object is dropped", driver.Min("0"))
}

// A trial is a full table, and what its window showed.
type trial struct {
	*config
	driver.Noted
	table         table
	asked         int64 // bytes, in the window
	before, after reading
}

// slots is how many objects live at once, were there always one.
func (c *config) slots() int64 { return c.live / c.size }

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
	t := &trial{config: c, table: newTable(int(max(c.slots(), 1)), c.pointers)}
	t.table.sizes = spread(c.size, c.jitter)
	t.table.rng = rand.New(rand.NewPCG(uint64(c.seed), 0))
	t.table.fill()
	for range min(int64(t.table.len()), c.ops) {
		if _, err := t.table.turn(); err != nil {
			return nil, fmt.Errorf("warm-up: %w", err)
		}
	}
	runtime.GC()
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

// enough is how many bytes a window must allocate for the runtime's count of
// them to be right to 1 %: a span, up to 80 KiB of objects of one class, may
// be missing at either end.
const enough = 16 << 20

// Report checks all objects that live and looks at the heap they leave.
func (t *trial) Report(r *driver.Result) error {
	if err := t.table.check(); err != nil {
		return err
	}
	taken := float64(t.after.allocated - t.before.allocated)
	if t.asked >= enough {
		r.Set(unitClass, taken/float64(r.Ops))
		r.Set(unitInternal, 1-float64(t.asked)/taken)
	}
	r.Set(unitCycles, float64(t.after.cycles-t.before.cycles))
	runtime.GC()
	end := read()
	r.Set(unitWaste, end.waste())
	r.Set(unitSpan, end.spanWaste())
	r.Set(unitLive, float64(end.objects))
	runtime.KeepAlive(t)
	return nil
}

func (t *trial) Close() error { return nil }

// A reading is the heap at one moment.
type reading struct {
	allocated, cycles, objects, unused, free uint64
}

func (r reading) waste() float64 {
	return 1 - float64(r.objects)/float64(r.objects+r.unused+r.free)
}

func (r reading) spanWaste() float64 {
	return 1 - float64(r.objects)/float64(r.objects+r.unused)
}

func read() reading {
	s := []metrics.Sample{
		{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(s)
	return reading{s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64(), s[3].Value.Uint64(), s[4].Value.Uint64()}
}

package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/assaylab/assay/workloads/wire"
)

// A config is the params of one trial.
type config struct {
	dir    string
	call   string
	write  int64
	file   int64
	extend bool
	ops    int64
}

// here stands for the folder for temporary files: an empty text is no level.
const here = "default"

func (c *config) declare(p *driver.Params) {
	p.String(&c.dir, "dir", here, "folder in which the file is made, on the file system in question; default: TMPDIR, or /tmp, which may be in memory")
	p.String(&c.call, "call", "fsync", "what follows a write: fsync(2), fdatasync(2), or none", driver.OneOf("fsync", "fdatasync", "none"))
	p.Bytes(&c.write, "write", "4KiB", "bytes of a write", driver.Min("8B"), driver.Max("1GiB"))
	p.Bytes(&c.file, "file", "16MiB", "size of the file, written round and round; at least one write", driver.Min("8B"), driver.Max("16TiB"))
	p.Bool(&c.extend, "extend", "false", "start with an empty file, so that it grows until it has its size and each write changes metadata too")
	p.Int(&c.ops, "ops", "4000", "operations of the window; a tenth of them go before it as warm-up", driver.Min("10"), driver.Max("1000000000"))
}

// A trial is a file.
type trial struct {
	*config
	driver.Noted
	name    string
	f       *os.File
	slots   int64
	written int64 // operations so far: each writes its number
	buffer  []byte
	latency driver.Histogram
}

// slots is how many writes the file has room for.
func (c *config) slots() int64 { return max(c.file/c.write, 1) }

// filled is how large the file becomes.
func (c *config) filled() int64 {
	if c.extend {
		return min(c.slots(), c.ops) * c.write
	}
	return c.slots() * c.write
}

// setup makes the file, durable, and warms up.
func (c *config) setup(string) (driver.Trial, error) {
	dir := c.dir
	if dir == here {
		dir = "" // os.CreateTemp's own
	}
	if err := driver.RoomFor(dir, 1, float64(c.filled())); err != nil {
		return nil, fmt.Errorf("-file=%s: %w", wire.FormatBytes(c.file), err)
	}
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return nil, fmt.Errorf("make the file: %w", err)
	}
	t := &trial{config: c, name: f.Name(), f: f, slots: c.slots(), buffer: make([]byte, c.write)}
	if err := t.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", t.name, err), t.Close())
	}
	return t, nil
}

func (t *trial) prepare() error {
	for slot := int64(0); !t.extend && slot < t.slots; slot++ {
		if _, err := t.f.WriteAt(t.buffer, slot*t.write); err != nil {
			return err
		}
	}
	if err := t.f.Sync(); err != nil {
		return err
	}
	if !t.extend { // a growing file must grow in the window
		if err := t.repeat((t.ops + 9) / 10); err != nil {
			return err
		}
	}
	t.latency.Reset()
	return nil
}

// Run writes.
func (t *trial) Run() (int64, error) { return t.ops, t.Course.Each(t.ops, t.repeat) }

func (t *trial) repeat(ops int64) error {
	for range ops {
		start := driver.Nanotime()
		at := t.written % t.slots * t.write
		t.written++
		binary.LittleEndian.PutUint64(t.buffer, uint64(t.written))
		if _, err := t.f.WriteAt(t.buffer, at); err != nil {
			return err
		}
		if err := t.sync(); err != nil {
			return fmt.Errorf("%s of %s: %w", t.call, t.name, err)
		}
		t.latency.Record(driver.Nanotime() - start)
	}
	return nil
}

func (t *trial) sync() error {
	switch t.call {
	case "fsync":
		return t.f.Sync()
	case "fdatasync":
		for {
			if err := syscall.Fdatasync(int(t.f.Fd())); !errors.Is(err, syscall.EINTR) {
				return err
			}
		}
	}
	return nil
}

// Report reads the file again.
func (t *trial) Report(r *driver.Result) error {
	if err := t.check(); err != nil {
		return err
	}
	r.SetLatency("latency", &t.latency)
	r.Set(unitRate, float64(t.ops*t.write)/r.Window.Seconds())
	return nil
}

// check holds every slot to the number of the last write that went there.
func (t *trial) check() error {
	var head [8]byte
	for slot := range t.slots {
		want := lastInto(slot, t.slots, t.written)
		if t.extend && want == 0 {
			break // the file has not grown so far
		}
		if _, err := t.f.ReadAt(head[:], slot*t.write); err != nil {
			return fmt.Errorf("read back %s of write %d: %w", wire.FormatBytes(t.write), slot, err)
		}
		if got := int64(binary.LittleEndian.Uint64(head[:])); got != want {
			return fmt.Errorf("wrong answer: place %d of %s holds write %d, want %d", slot, t.name, got, want)
		}
	}
	return nil
}

// lastInto is the number of the last write into a slot, where write n goes to
// slot (n-1) mod slots; 0 if there was none.
func lastInto(slot, slots, written int64) int64 {
	if written <= slot {
		return 0
	}
	return (written-1-slot)/slots*slots + slot + 1
}

// Close removes the file.
func (t *trial) Close() error { return errors.Join(t.f.Close(), os.Remove(t.name)) }

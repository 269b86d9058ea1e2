package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A config is the params of one trial.
type config struct {
	call       string
	dir        string
	modules    int64
	files      int64
	ops        int64
	goroutines int64
	seed       int64
}

// here stands for the folder for temporary files: an empty text is no level.
const here = "default"

func (c *config) declare(p *driver.Params) {
	p.String(&c.call, "call", "stat", "an operation: stat: lstat of a file; open: open, read to its end and close it; "+
		"readdir: list the folder of a module; missing: lstat of a file that is not there", driver.OneOf("stat", "open", "readdir", "missing"))
	p.String(&c.dir, "dir", here, "folder in which the tree is made, on the file system in question; default: TMPDIR, or /tmp")
	p.Int(&c.modules, "modules", "200", "modules of the tree, each a folder three levels down", driver.Min("1"), driver.Max("1000000"))
	p.Int(&c.files, "files", "20", "files of a module", driver.Min("1"), driver.Max("10000"))
	p.Int(&c.ops, "ops", "300000", "operations of the window, rounded up to the same number for each goroutine", driver.Min("1"), driver.Max("1000000000000"))
	p.Int(&c.goroutines, "goroutines", "1", "goroutines that share the operations", driver.Min("1"), driver.Max("4096"))
	p.Int(&c.seed, "seed", "1", "of the order in which files are asked for", driver.Min("0"))
}

// A trial is a tree that stands, and warm caches.
type trial struct {
	*config
	driver.Noted
	tree    tree
	share   int64
	latency driver.Shards
}

// warmShare is the part of the window's work that is done before it, beside one
// call for each file, which fills the kernel's caches.
const warmShare = 10

// setup makes the tree and warms up.
func (c *config) setup(string) (driver.Trial, error) {
	dir := c.dir
	if dir == here {
		dir = "" // os.MkdirTemp's own
	}
	// A file may have no block of its own; a module is a folder beside its files.
	if err := driver.RoomFor(dir, float64(c.modules)*float64(c.files+1), 0); err != nil {
		return nil, fmt.Errorf("-modules=%d and -files=%d: %w", c.modules, c.files, err)
	}
	root, err := os.MkdirTemp(dir, "fs-metadata-")
	if err != nil {
		return nil, fmt.Errorf("make the tree: %w", err)
	}
	t := &trial{config: c, tree: tree{root: root, modules: int(c.modules), files: int(c.files)}, share: (c.ops + c.goroutines - 1) / c.goroutines}
	err = t.tree.make()
	for m := 0; err == nil && m < t.tree.modules; m++ {
		for f := 0; err == nil && f < t.tree.files; f++ {
			err = calls[c.call](&t.tree, m, f)
		}
	}
	if err == nil {
		err = t.work((t.share + warmShare - 1) / warmShare)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	t.latency.Reset()
	return t, nil
}

// Run asks.
func (t *trial) Run() (int64, error) {
	t.Course.Begin(t.share * t.goroutines)
	return t.share * t.goroutines, t.work(t.share)
}

// work has every goroutine do a share.
func (t *trial) work(share int64) error {
	errs := make([]error, t.goroutines)
	var wg sync.WaitGroup
	for g := range errs {
		wg.Go(func() { errs[g] = t.ask(g, share) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// ask does one goroutine's share.
func (t *trial) ask(g int, share int64) error {
	rng := rand.New(rand.NewPCG(uint64(t.seed), uint64(g)))
	call, latency := calls[t.call], t.latency.Of(g)
	return t.Course.Share(share, func(ops int64) error {
		for range ops {
			m, f := rng.IntN(t.tree.modules), rng.IntN(t.tree.files)
			start := driver.Nanotime()
			if err := call(&t.tree, m, f); err != nil {
				return err
			}
			latency.Record(driver.Nanotime() - start)
		}
		return nil
	})
}

// Report sets the latencies; each answer was checked as it came.
func (t *trial) Report(r *driver.Result) error {
	r.SetLatency("latency", t.latency.All()...)
	return nil
}

// Close removes the tree.
func (t *trial) Close() error { return os.RemoveAll(t.tree.root) }

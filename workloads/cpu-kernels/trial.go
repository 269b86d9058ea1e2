package main

import (
	"fmt"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A trial is a kernel whose data stand.
type trial struct {
	driver.Noted
	name  string
	ops   int64
	run   func() uint64 // one operation, and a digest of its answer
	want  uint64
	wrong int64  // answers that were not want
	got   uint64 // the last such
}

// setup also warms up.
func setup(name string, ops int64) (driver.Trial, error) {
	k := kernels[name]
	t := &trial{name: name, ops: ops}
	t.run, t.want = k.make()
	t.repeat((ops + 9) / 10)
	return t, t.verdict()
}

// Run does all operations.
func (t *trial) Run() (int64, error) {
	err := t.Course.Each(t.ops, func(n int64) error {
		t.repeat(n)
		return nil
	})
	return t.ops, err
}

func (t *trial) repeat(ops int64) {
	for range ops {
		if got := t.run(); got != t.want {
			t.wrong++
			t.got = got
		}
	}
}

func (t *trial) verdict() error {
	if t.wrong > 0 {
		return fmt.Errorf("wrong answer: %d runs of kernel %s gave another digest than %#x, the last %#x", t.wrong, t.name, t.want, t.got)
	}
	return nil
}

// Report has nothing to add to the driver's metrics but its check.
func (t *trial) Report(*driver.Result) error { return t.verdict() }

func (t *trial) Close() error { return nil }

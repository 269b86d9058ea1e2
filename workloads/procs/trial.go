package main

import (
	"fmt"
	"math/bits"
	"runtime"
	"runtime/metrics"
	"syscall"
	"unsafe"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A trial is what was observed at the start, and a small fixed kernel so that
// ns/op exists.
type trial struct {
	driver.Noted
	gomaxprocs, numcpu int
	spin               int64
	state              uint64 // of the generator, after Run
}

// observe looks at once, before the runtime's own update of GOMAXPROCS, about
// a second later, can change it. Two views of each number must agree.
func observe(spin int64) (driver.Trial, error) {
	t := &trial{gomaxprocs: runtime.GOMAXPROCS(0), numcpu: runtime.NumCPU(), spin: spin}
	threads := []metrics.Sample{{Name: "/sched/gomaxprocs:threads"}}
	metrics.Read(threads)
	if n := threads[0].Value.Uint64(); n != uint64(t.gomaxprocs) {
		return nil, fmt.Errorf("GOMAXPROCS(0) is %d, /sched/gomaxprocs:threads is %d", t.gomaxprocs, n)
	}
	n, err := affinity()
	if err != nil {
		return nil, fmt.Errorf("read the affinity mask: %w", err)
	}
	if n != t.numcpu {
		return nil, fmt.Errorf("NumCPU is %d, the affinity mask holds %d CPUs (was it changed during the start?)", t.numcpu, n)
	}
	return t, nil
}

// affinity counts the CPUs that this process may use. The mask is as wide as
// the one the runtime reads: 64 Ki CPUs.
func affinity() (int, error) {
	var mask [8192]byte
	n, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, uintptr(len(mask)), uintptr(unsafe.Pointer(&mask[0])))
	if errno != 0 {
		return 0, errno
	}
	cpus := 0
	for _, b := range mask[:n] {
		cpus += bits.OnesCount8(b)
	}
	return cpus, nil
}

// Steps of an operation, and the multiplier and increment of Knuth's MMIX generator.
const (
	steps      = 1000
	multiplier = 6364136223846793005
	increment  = 1442695040888963407
)

// Run steps the generator: one multiplication waits for the other, no memory is touched.
func (t *trial) Run() (int64, error) {
	t.state = 1
	err := t.Course.Each(t.spin, func(ops int64) error {
		x := t.state
		for range ops {
			for range steps {
				x = x*multiplier + increment
			}
		}
		t.state = x
		return nil
	})
	return t.spin, err
}

// Report checks the kernel's answer against the closed form.
func (t *trial) Report(r *driver.Result) error {
	if want := jump(1, uint64(t.spin)*steps); t.state != want {
		return fmt.Errorf("wrong answer: the generator stands at %#x, want %#x", t.state, want)
	}
	r.Set("gomaxprocs", float64(t.gomaxprocs))
	r.Set("numcpu", float64(t.numcpu))
	return nil
}

func (t *trial) Close() error { return nil }

// jump is the state n steps after x, in log n: a step is an affine map, and
// squaring a map doubles its steps.
func jump(x, n uint64) uint64 {
	a, c := uint64(multiplier), uint64(increment)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			x = x*a + c
		}
		a, c = a*a, a*c+c
	}
	return x
}

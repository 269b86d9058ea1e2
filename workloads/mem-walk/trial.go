package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// A trial is a field that was walked once.
type trial struct {
	*config
	driver.Noted
	field
	mapping []byte // nil for the heap
	end     uint64 // what the walk came to
}

// advice of madvise(2) by kind of memory.
var advice = map[string]int{hugePage: syscall.MADV_HUGEPAGE, noHugePage: syscall.MADV_NOHUGEPAGE}

// allocate gets the memory, untouched.
func (t *trial) allocate() error {
	n := t.footprint / wordBytes
	if t.memory == heap {
		t.words = make([]uint64, n)
		return nil
	}
	m, err := syscall.Mmap(-1, 0, int(t.footprint), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("map -footprint=%d bytes: %w", t.footprint, err)
	}
	t.mapping = m
	if a, ok := advice[t.memory]; ok {
		if err := syscall.Madvise(m, a); err != nil {
			return errors.Join(fmt.Errorf("madvise(2) of -memory=%s: %w (a kernel without transparent huge pages?)", t.memory, err), t.Close())
		}
	}
	t.words = unsafe.Slice((*uint64)(unsafe.Pointer(&m[0])), n)
	return nil
}

// Run walks.
func (t *trial) Run() (int64, error) {
	var failed error
	err := onCPU(t.walkCPU, t.lock || t.walkCPU >= 0, func() { failed = t.walk() })
	if err != nil {
		err = fmt.Errorf("-walk-cpu=%d: %w", t.walkCPU, err)
	}
	return t.accesses, errors.Join(err, failed)
}

// walk goes on, part by part, from where it was.
func (t *trial) walk() error {
	done := int64(0)
	return t.Course.Each(t.accesses, func(n int64) error {
		if t.pattern == chase {
			t.end = t.chase(t.end, n)
		} else {
			t.end += t.stream(done%int64(t.places), n)
		}
		done += n
		return nil
	})
}

// Report checks where the walk ended, and how much of it lay in huge pages.
func (t *trial) Report(r *driver.Result) error {
	got, want := t.end, t.wantStream(t.accesses)
	if t.pattern == chase {
		got, want = t.wantChase(t.end, t.accesses)
	}
	if got != want {
		return fmt.Errorf("wrong answer: the %s came to %d, want %d", t.pattern, got, want)
	}
	text, err := os.ReadFile("/proc/self/smaps")
	if errors.Is(err, os.ErrNotExist) {
		return nil // a kernel without CONFIG_PROC_PAGE_MONITOR: absent is not zero
	}
	if err != nil {
		return fmt.Errorf("huge pages: %w", err)
	}
	start := uint64(uintptr(unsafe.Pointer(&t.words[0])))
	huge, err := hugeBytes(string(text), start, start+uint64(t.footprint))
	if err != nil {
		return fmt.Errorf("huge pages: /proc/self/smaps: %w", err)
	}
	r.Set(unitHuge, float64(min(huge, t.footprint)))
	return nil
}

// Close gives a mapping back.
func (t *trial) Close() error {
	if t.mapping == nil {
		return nil
	}
	err := syscall.Munmap(t.mapping)
	t.mapping, t.words = nil, nil
	return err
}

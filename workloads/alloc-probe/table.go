package main

import (
	"fmt"
	"math/rand/v2"
	"unsafe"
)

// A table holds the live objects by their first bytes, so that all it adds to the
// heap is indexBytes an object, in one piece that is there before the objects: no
// lengths, since the size of an object follows from its number.
type table struct {
	objects  []unsafe.Pointer
	pointers bool // objects are cells, not words
	rng      *rand.Rand
	salt     uint64  // of sizes
	sizes    []int64 // levels of size, drawn alike often
	number   uint64  // of the youngest object
}

// A cell makes an object that the collector scans.
type cell struct {
	number uint64
	link   *cell //lint:ignore U1000 always nil: it is there to be scanned
}

const (
	wordBytes  = 8
	cellBytes  = 16
	indexBytes = 8
)

// grain is what a size is a multiple of, and where the last number of an object
// begins, from its end.
func grain(pointers bool) int64 {
	if pointers {
		return cellBytes
	}
	return wordBytes
}

// fill makes one object for each slot.
func (t *table) fill() {
	for slot := range t.objects {
		t.put(slot)
	}
}

// sizeOf is the size of an object, by its number: one of the levels.
func (t *table) sizeOf(number uint64) int64 {
	if len(t.sizes) == 1 {
		return t.sizes[0]
	}
	return t.sizes[mix(number^t.salt)%uint64(len(t.sizes))]
}

// mix is the finalizer of splitmix64: neighbours become strangers.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// put makes a new object and returns how many bytes it asked for.
func (t *table) put(slot int) int64 {
	t.number++
	size := t.sizeOf(t.number)
	t.objects[slot] = t.alloc(size, t.number)
	return size
}

// alloc makes an object with its number at both ends. Note: numbers written through
// the pointer, by the same two lines for both kinds, keep the processor from loading
// for the next turn meanwhile: 400 ns of CPU an operation with GOGC=off, where this
// takes 240.
func (t *table) alloc(size int64, number uint64) unsafe.Pointer {
	if t.pointers {
		o := make([]cell, size/cellBytes)
		o[0].number, o[len(o)-1].number = number, number
		return unsafe.Pointer(unsafe.SliceData(o))
	}
	o := make([]uint64, size/wordBytes)
	o[0], o[len(o)-1] = number, number
	return unsafe.Pointer(unsafe.SliceData(o))
}

// last is the number at the end of an object.
func (t *table) last(p unsafe.Pointer, size int64) *uint64 {
	return (*uint64)(unsafe.Add(p, size-grain(t.pointers)))
}

// turn replaces the object in a random slot, which it checks.
func (t *table) turn() (asked int64, err error) {
	slot := t.rng.IntN(len(t.objects))
	if err := t.checkSlot(slot); err != nil {
		return 0, err
	}
	return t.put(slot), nil
}

// checkSlot holds an object to the number at its ends. Where the first is none that
// was given there is no telling where the last one is.
func (t *table) checkSlot(slot int) error {
	p := t.objects[slot]
	first := *(*uint64)(p)
	if first-1 < t.number && *t.last(p, t.sizeOf(first)) == first { // 0 is none either
		return nil
	}
	return t.wrong(slot, first)
}

// wrong is apart, so that the way of every operation is short.
func (t *table) wrong(slot int, first uint64) error {
	if first-1 >= t.number {
		return fmt.Errorf("wrong answer: the object in slot %d begins with %d, of %d made", slot, first, t.number)
	}
	return fmt.Errorf("wrong answer: the object in slot %d begins with %d and ends with %d, of %d made",
		slot, first, *t.last(t.objects[slot], t.sizeOf(first)), t.number)
}

// check looks at all live objects; each has another number.
func (t *table) check() error {
	for slot := range t.objects {
		if err := t.checkSlot(slot); err != nil {
			return err
		}
	}
	return nil
}

// levels is how many sizes a jitter has.
const levels = 64

// spread lays levels evenly from mean*(1-jitter) to mean*(1+jitter), each a
// multiple of grain and at least minBytes.
func spread(mean int64, jitter float64, grain int64) []int64 {
	if jitter == 0 {
		return []int64{round(mean, grain)}
	}
	sizes := make([]int64, levels)
	for i := range sizes {
		at := 2*float64(i)/(levels-1) - 1 // -1 to 1
		sizes[i] = round(int64(float64(mean)*(1+jitter*at)), grain)
	}
	return sizes
}

func round(size, grain int64) int64 { return max((size+grain-1)/grain*grain, minBytes) }

// meanOf is the mean of sizes, up.
func meanOf(sizes []int64) int64 {
	sum, n := int64(0), int64(len(sizes))
	for _, s := range sizes {
		sum += s
	}
	return (sum + n - 1) / n
}

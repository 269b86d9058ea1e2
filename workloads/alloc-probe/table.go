package main

import (
	"fmt"
	"math/rand/v2"
)

// A table holds the live objects: slices of words, or of pairs of a word and a
// pointer. One of the two is in use.
type table struct {
	words  [][]uint64
	cells  [][]cell
	rng    *rand.Rand
	sizes  []int64 // levels of size, drawn alike often
	number uint64  // of the youngest object
}

// A cell makes an object that the collector scans.
type cell struct {
	number uint64
	link   *cell //lint:ignore U1000 always nil: it is there to be scanned
}

const cellBytes = 16

func newTable(slots int, pointers bool) table {
	if pointers {
		return table{cells: make([][]cell, slots)}
	}
	return table{words: make([][]uint64, slots)}
}

func (t *table) len() int { return len(t.words) + len(t.cells) }

// fill makes one object for each slot.
func (t *table) fill() {
	for slot := range t.len() {
		t.put(slot)
	}
}

// put makes a new object and returns how many bytes it asked for.
func (t *table) put(slot int) int64 {
	size := t.sizes[0]
	if len(t.sizes) > 1 {
		size = t.sizes[t.rng.IntN(len(t.sizes))]
	}
	t.number++
	if t.cells != nil {
		o := make([]cell, (size+cellBytes-1)/cellBytes)
		o[0].number, o[len(o)-1].number = t.number, t.number
		t.cells[slot] = o
		return int64(len(o)) * cellBytes
	}
	o := make([]uint64, size/8)
	o[0], o[len(o)-1] = t.number, t.number
	t.words[slot] = o
	return size
}

// turn replaces the object in a random slot, which it checks.
func (t *table) turn() (asked int64, err error) {
	slot := t.rng.IntN(t.len())
	if err := t.checkSlot(slot); err != nil {
		return 0, err
	}
	return t.put(slot), nil
}

// checkSlot holds an object to the number at its ends.
func (t *table) checkSlot(slot int) error {
	var first, last uint64
	if t.cells != nil {
		o := t.cells[slot]
		first, last = o[0].number, o[len(o)-1].number
	} else {
		o := t.words[slot]
		first, last = o[0], o[len(o)-1]
	}
	if first != last || first == 0 || first > t.number {
		return fmt.Errorf("wrong answer: the object in slot %d begins with %d and ends with %d, of %d made", slot, first, last, t.number)
	}
	return nil
}

// check looks at all live objects; each has another number.
func (t *table) check() error {
	for slot := range t.len() {
		if err := t.checkSlot(slot); err != nil {
			return err
		}
	}
	return nil
}

// levels is how many sizes a jitter has.
const levels = 64

// spread lays levels evenly from mean*(1-jitter) to mean*(1+jitter), each a
// multiple of 8 and at least minBytes.
func spread(mean int64, jitter float64) []int64 {
	if jitter == 0 {
		return []int64{round(mean)}
	}
	sizes := make([]int64, levels)
	for i := range sizes {
		at := 2*float64(i)/(levels-1) - 1 // -1 to 1
		sizes[i] = round(int64(float64(mean) * (1 + jitter*at)))
	}
	return sizes
}

func round(size int64) int64 { return max((size+7)/8*8, minBytes) }

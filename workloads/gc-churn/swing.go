package main

import "fmt"

// tideBlock is the size of a block of memory that comes and goes.
const tideBlock = 64 << 10

// A tide is memory without pointers that is there for a number of collections
// and gone for as many: what the scavenger and the pacer see of a program whose
// live heap grows and shrinks.
type tide struct {
	size   int64  // bytes at high water
	every  uint64 // collections from one turn to the next
	turns  uint64
	blocks [][]byte
}

// due says whether it is time to turn, ended collections in.
func (t *tide) due(ended uint64) bool { return t.size > 0 && t.turns < ended/t.every }

// turn makes or drops the memory as often as it is time for it. At odd turns the
// memory is there.
func (t *tide) turn(ended uint64) error {
	for t.due(ended) {
		t.turns++
		if err := t.move(); err != nil {
			return err
		}
	}
	return nil
}

func (t *tide) move() error {
	if t.blocks != nil {
		return t.ebb()
	}
	for have := int64(0); have < t.size; have += tideBlock {
		b := make([]byte, tideBlock)
		for at := 0; at < len(b); at += 4096 { // a page each: memory nobody touched costs nothing
			b[at] = byte(len(t.blocks))
		}
		t.blocks = append(t.blocks, b)
	}
	return nil
}

// ebb checks the memory and drops it.
func (t *tide) ebb() error {
	for i, b := range t.blocks {
		for at := 0; at < len(b); at += 4096 {
			if b[at] != byte(i) {
				return fmt.Errorf("wrong answer: block %d of the memory that comes and goes holds %d at %d, want %d", i, b[at], at, byte(i))
			}
		}
	}
	t.blocks = nil
	return nil
}

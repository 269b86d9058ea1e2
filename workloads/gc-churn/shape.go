package main

import (
	"fmt"
	"reflect"
	"slices"
	"unsafe"
)

// The spreads of object sizes around their mean.
const (
	fixed     = "fixed"
	uniform   = "uniform"
	lognormal = "lognormal"
)

const (
	wordBytes  = 8
	indexBytes = 8   // of a graph's index, per object
	minBytes   = 16  // of an object: its first word and one more
	blockBytes = 512 // larger objects are whole blocks of one pattern
)

// A portion is one size of a spread and its share of the objects.
type portion struct {
	num, den int64 // the size is mean*num/den
	weight   int
}

// The mean of each is exactly 1. Lognormal is skewed as object sizes of real
// programs are: many small ones, a quarter of all bytes in the largest.
var spreads = map[string][]portion{
	fixed: {{1, 1, 1}},
	uniform: {{4, 8, 1}, {5, 8, 1}, {6, 8, 1}, {7, 8, 1}, {8, 8, 1},
		{9, 8, 1}, {10, 8, 1}, {11, 8, 1}, {12, 8, 1}},
	lognormal: {{1, 4, 8}, {1, 2, 10}, {1, 1, 7}, {2, 1, 5}, {4, 1, 2}},
}

// A class is all objects of one size: same words, same pointers among them.
type class struct {
	size   int64
	weight int          // share of the objects, in parts of the shape's total
	typ    reflect.Type // what the collector sees
	ptrs   []uintptr    // offsets of the pointers, ascending
	data   []uintptr    // offsets of the other words, without the first
}

// A shape is the classes of a heap, those with most pointers first.
type shape struct {
	classes []class
	total   int // sum of weights
}

// weights is how finely the share of pointer-free objects can be told.
const weights = 1000

// newShape lays objects out; of each size a share has no pointers at all. The
// error says what size the spread needs.
func newShape(mean int64, spread string, density, pointerFree float64) (*shape, error) {
	s := new(shape)
	for _, p := range spreads[spread] {
		size := roundSize(mean * p.num / p.den)
		if size < minBytes {
			return nil, fmt.Errorf("-size-spread=%s makes objects of %d bytes from -object-size=%dB; the least is %d bytes, so take -object-size=%dB or more",
				spread, size, mean, minBytes, minBytes*p.den/p.num)
		}
		free := int(pointerFree*weights + 0.5)
		s.add(size, p.weight*(weights-free), density)
		s.add(size, p.weight*free, 0)
	}
	slices.SortFunc(s.classes, func(a, b class) int { return len(b.ptrs) - len(a.ptrs) })
	return s, nil
}

// add adds a class, unless no object is of it.
func (s *shape) add(size int64, weight int, density float64) {
	if weight == 0 {
		return
	}
	s.total += weight
	s.classes = append(s.classes, newClass(size, weight, density))
}

func roundSize(size int64) int64 {
	if size > blockBytes {
		return (size + blockBytes - 1) / blockBytes * blockBytes
	}
	return (size + wordBytes - 1) / wordBytes * wordBytes
}

// newClass makes a type whose pointers are spread evenly over each block. The
// first word of a block is never a pointer.
func newClass(size int64, weight int, density float64) class {
	block := min(size, blockBytes)
	words := int(block / wordBytes)
	count := min(int(density*float64(words)+0.5), words-1)
	var fields []reflect.StructField
	c := class{size: size, weight: weight}
	for w := range words {
		// Word w is a pointer where the running share of them rises by one.
		isPtr := w > 0 && w*count/(words-1) > (w-1)*count/(words-1)
		f := reflect.StructField{Name: fmt.Sprintf("W%d", w), Type: reflect.TypeFor[uintptr]()}
		if isPtr {
			f.Type = reflect.TypeFor[unsafe.Pointer]()
		}
		fields = append(fields, f)
		for at := int64(w) * wordBytes; at < size; at += block {
			switch {
			case isPtr:
				c.ptrs = append(c.ptrs, uintptr(at))
			case at > 0:
				c.data = append(c.data, uintptr(at))
			}
		}
	}
	slices.Sort(c.ptrs)
	slices.Sort(c.data)
	c.typ = reflect.StructOf(fields)
	if size > block {
		c.typ = reflect.ArrayOf(int(size/block), c.typ)
	}
	return c
}

// footprint is the mean bytes that an object takes from the heap: its size
// class, and above 512 bytes with pointers the runtime's 8-byte header.
func (s *shape) footprint() int64 {
	sum := int64(0)
	for _, c := range s.classes {
		size := c.size
		if size > 512 && len(c.ptrs) > 0 {
			size += wordBytes
		}
		// append rounds a capacity up to the size class.
		rounded := cap(append([]byte(nil), make([]byte, size)...))
		sum += int64(c.weight) * int64(rounded)
	}
	return sum / int64(s.total)
}

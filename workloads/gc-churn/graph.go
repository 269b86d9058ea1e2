package main

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"unsafe"
)

// minSlots keeps a graph large enough to be random.
const minSlots = 64

// A graph is n objects, each in a slot of the index, which keeps all of them
// alive. The size of a slot's object and the slots that its pointers lead to
// never change; replacing an object redirects the pointers that lead to it, so
// the live heap stays the same to the byte and no dropped object is reachable.
//
// Pointer k leads from slot i to slot perms[k].to(i): each k is a random
// permutation, so as many pointers leave a mean object as reach it, and both
// ends can be computed, which no edge list could without growing the heap it
// measures.
type graph struct {
	index []unsafe.Pointer
	kinds []kind // by slot, ascending
	perms []perm // as many as the largest object has pointers
	reach []int  // reach[k] is the number of slots whose object has a k-th pointer: slots 0 to reach[k]-1
	salt  uint64
	rng   *rand.PCG
}

// A kind is the slots of one class: from the end of the kind before to end-1.
type kind struct {
	*class
	end int
}

// newGraph allocates in random order, so that neighbours in the graph are no
// neighbours in memory from the start.
func newGraph(s *shape, n int, seed, stream uint64) *graph {
	g := &graph{index: make([]unsafe.Pointer, n), rng: rand.NewPCG(seed, stream)}
	r := rand.New(g.rng)
	g.salt = r.Uint64()
	weight := 0
	for i := range s.classes {
		weight += s.classes[i].weight
		g.kinds = append(g.kinds, kind{&s.classes[i], n * weight / s.total})
	}
	for k := range s.classes[0].ptrs {
		g.perms = append(g.perms, newPerm(n, r))
		g.reach = append(g.reach, g.withPointer(k))
	}
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	r.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	for _, slot := range order {
		g.index[slot] = g.alloc(int(slot))
	}
	for slot := range g.index {
		g.link(slot)
	}
	return g
}

// withPointer counts the slots whose object has a pointer k.
func (g *graph) withPointer(k int) int {
	end := 0
	for _, kd := range g.kinds {
		if len(kd.ptrs) > k {
			end = kd.end
		}
	}
	return end
}

// kindOf finds the kind of a slot; there are at most eighteen.
func (g *graph) kindOf(slot int) *class {
	for i := range g.kinds {
		if slot < g.kinds[i].end {
			return g.kinds[i].class
		}
	}
	panic(fmt.Sprintf("slot %d of %d", slot, len(g.index)))
}

// alloc makes the object of a slot, with its pattern and without pointers.
func (g *graph) alloc(slot int) unsafe.Pointer {
	c := g.kindOf(slot)
	p := reflect.New(c.typ).UnsafePointer()
	h := g.pattern(slot)
	*(*uint64)(p) = h
	for _, at := range c.data {
		*(*uint64)(unsafe.Add(p, at)) = h + uint64(at)
	}
	return p
}

// typed is the object of a slot as the collector knows it.
func (g *graph) typed(p unsafe.Pointer, slot int) any {
	return reflect.NewAt(g.kindOf(slot).typ, p).Interface()
}

// link gives the object in a slot its pointers.
func (g *graph) link(slot int) {
	p := g.index[slot]
	for k, at := range g.kindOf(slot).ptrs {
		*(*unsafe.Pointer)(unsafe.Add(p, at)) = g.index[g.perms[k].to(slot)]
	}
}

// replace checks the object in a slot and puts a new one in its place.
func (g *graph) replace(slot int) error {
	if err := g.check(slot); err != nil {
		return err
	}
	p := g.alloc(slot)
	g.index[slot] = p
	g.link(slot)
	for k := range g.perms {
		from := g.perms[k].from(slot)
		if from < g.reach[k] {
			at := g.kindOf(from).ptrs[k]
			*(*unsafe.Pointer)(unsafe.Add(g.index[from], at)) = p
		}
	}
	return nil
}

// pattern is the first word of a slot's object; its other words follow from it.
func (g *graph) pattern(slot int) uint64 {
	x := (uint64(slot) + g.salt) * 0x9e3779b97f4a7c15 // Fibonacci hashing: odd, so no two slots share one
	return x ^ x>>32
}

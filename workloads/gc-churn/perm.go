package main

import (
	"math/bits"
	"math/rand/v2"
)

// A perm is a random permutation of 0..n-1 that needs no table: an affine map
// on the next power of two, repeated until it falls below n.
type perm struct {
	mul, inv, add uint64 // mul*inv = 1 on 64 bits, hence on fewer
	mask          uint64
	n             uint64
}

func newPerm(n int, r *rand.Rand) perm {
	p := perm{mul: r.Uint64() | 1, add: r.Uint64(), mask: 1<<bits.Len(uint(n-1)) - 1, n: uint64(n)}
	p.inv = p.mul
	for range 5 { // Newton: right on 3 bits, and each step doubles them
		p.inv *= 2 - p.mul*p.inv
	}
	return p
}

// to is the image of i.
func (p *perm) to(i int) int {
	for x := uint64(i); ; {
		if x = (x*p.mul + p.add) & p.mask; x < p.n {
			return int(x)
		}
	}
}

// from is the i whose image is j.
func (p *perm) from(j int) int {
	for x := uint64(j); ; {
		if x = (x - p.add) * p.inv & p.mask; x < p.n {
			return int(x)
		}
	}
}

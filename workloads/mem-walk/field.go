package main

import "math/rand/v2"

// A field is places in memory, step words apart. For a stream the first word of
// a place is its number. For a chase it is the index of the next place's first
// word, and the second word is how many steps from place 0 it lies.
type field struct {
	words  []uint64
	step   int
	places int
}

func (f *field) fillStream() {
	for i := range f.places {
		f.words[i*f.step] = uint64(i)
	}
}

// fillChase makes one cycle through all places (Sattolo's algorithm, in place,
// so that no second array counts towards the peak), then walks it once.
func (f *field) fillChase(seed uint64) {
	for i := range f.places {
		f.words[i*f.step] = uint64(i * f.step)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := f.places - 1; i > 0; i-- {
		j := rng.IntN(i) // never i: that is what makes it one cycle
		a, b := &f.words[i*f.step], &f.words[j*f.step]
		*a, *b = *b, *a
	}
	at := uint64(0)
	for rank := range f.places {
		f.words[at+1] = uint64(rank)
		at = f.words[at]
	}
}

// chase follows the cycle on from a place, by its first word, and returns where it ends.
func (f *field) chase(at uint64, accesses int64) uint64 {
	for range accesses {
		at = f.words[at]
	}
	return at
}

// wantChase checks where a chase ended: the rank there is known.
func (f *field) wantChase(at uint64, accesses int64) (got, want uint64) {
	return f.words[at+1], uint64(accesses % int64(f.places))
}

// stream adds up the numbers of places, over and over, on from a place by its number.
func (f *field) stream(from, accesses int64) (sum uint64) {
	for accesses > 0 {
		n := min(accesses, int64(f.places)-from)
		accesses -= n
		for i, at := int64(0), int(from)*f.step; i < n; i, at = i+1, at+f.step {
			sum += f.words[at]
		}
		from = 0
	}
	return sum
}

// wantStream is the sum of a stream, modulo 2^64 as the stream itself.
func (f *field) wantStream(accesses int64) uint64 {
	n := uint64(f.places)
	whole, part := uint64(accesses)/n, uint64(accesses)%n
	return whole*triangle(n) + triangle(part)
}

// triangle is 0 + 1 + ... + n-1.
func triangle(n uint64) uint64 {
	if n%2 == 0 {
		return n / 2 * (n - 1)
	}
	return (n - 1) / 2 * n
}

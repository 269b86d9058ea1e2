package main

import (
	"maps"
	"slices"
	"strings"
)

// A kernel is one computation. Its make builds the data and gives the
// operation, which returns a digest of its answer, and the digest it must have.
type kernel struct {
	doc  string
	make func() (run func() uint64, want uint64)
}

var kernels = map[string]kernel{
	"sin":    {"1000 calls of math.Sin", makeSin},
	"fma":    {"a polynomial of degree 16 at 1000 points, by math.FMA", makeFMA},
	"bits":   {"OnesCount64 and TrailingZeros64 of 12288 words", makeBits},
	"aes":    {"AES-128-CBC of 16 KiB", makeAES},
	"sha256": {"SHA-256 of 16 KiB", makeSHA256},
	"sort":   {"slices.Sort of 512 words", makeSort},
	"json":   {"decode and encode a document of 8 records", makeJSON},
	"regexp": {"find the 8 addresses in a text", makeRegexp},
	"bounds": {"16384 loads through an index that the compiler can't prove to be in bounds", makeBounds},
}

func names() []string { return slices.Sorted(maps.Keys(kernels)) }

func descriptions() string {
	var parts []string
	for _, name := range names() {
		parts = append(parts, name+": "+kernels[name].doc)
	}
	return strings.Join(parts, "; ")
}

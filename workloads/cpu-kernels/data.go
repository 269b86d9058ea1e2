package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// makeSort sorts a permutation of 0 to n-1. The digest is a word of where each
// number stands.
func makeSort() (func() uint64, uint64) {
	const n = 512
	shuffled, sorted := make([]uint64, n), make([]uint64, n)
	for i, at := range rand.New(rand.NewPCG(1, 1)).Perm(n) {
		shuffled[i] = uint64(at)
	}
	run := func() uint64 {
		copy(sorted, shuffled)
		slices.Sort(sorted)
		return positions(sorted)
	}
	for i := range sorted {
		sorted[i] = uint64(i)
	}
	return run, positions(sorted)
}

func positions(words []uint64) (digest uint64) {
	for i, w := range words {
		digest = digest*31 + (w+1)*uint64(i+1)
	}
	return digest
}

// A record is one of the document of makeJSON.
type record struct {
	Name   string    `json:"name"`
	Size   int64     `json:"size"`
	Tags   []string  `json:"tags"`
	Points []float64 `json:"points"`
}

// makeJSON decodes a document into structs and encodes them: the same text must come out.
func makeJSON() (func() uint64, uint64) {
	var parts []string
	for i := range 8 {
		parts = append(parts, fmt.Sprintf(`{"name":"record %d","size":%d,"tags":["a","b%d"],"points":[0.5,%d.25]}`, i, i*1000003, i, i))
	}
	text := []byte("[" + strings.Join(parts, ",") + "]")
	return func() uint64 {
		var records []record
		if err := json.Unmarshal(text, &records); err != nil {
			return 0
		}
		out, err := json.Marshal(records)
		if err != nil {
			return 0
		}
		return hash(out)
	}, hash(text)
}

func hash(text []byte) uint64 {
	h := fnv.New64a()
	h.Write(text)
	return h.Sum64()
}

// makeRegexp finds addresses between words. The digest is the sum of where they begin and end.
func makeRegexp() (func() uint64, uint64) {
	address := regexp.MustCompile(`[a-z0-9]+@[a-z]+\.(?:org|net)`)
	var b strings.Builder
	want := uint64(0)
	for i := range 8 {
		b.WriteString("send it to, or not, ")
		want += uint64(b.Len())
		fmt.Fprintf(&b, "user%d@example.org", i)
		want += uint64(b.Len())
		b.WriteString("; never to a@b ")
	}
	text := []byte(b.String())
	return func() uint64 {
		sum := 0
		for _, m := range address.FindAllIndex(text, -1) {
			sum += m[0] + m[1]
		}
		return uint64(sum)
	}, want
}

package compare

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkCompare is two files of 10,000 rows of 10 values each.
func BenchmarkCompare(b *testing.B) {
	var texts [2]strings.Builder
	for i := range 10_000 {
		for k := range texts {
			texts[k].WriteString(strings.ReplaceAll(lines(fmt.Sprintf("Row%d-8", i), 10, 1000, 0.01, uint64(2*i+k)), " 16 B/op", ""))
		}
	}
	for b.Loop() {
		var sides [2]Side
		for k := range texts {
			s, err := parse(strings.NewReader(texts[k].String()), "made")
			if err != nil {
				b.Fatal(err)
			}
			sides[k] = s
		}
		if r, err := Compare(sides[0], sides[1]); err != nil || len(r.Rows) != 20_000 {
			b.Fatal(len(r.Rows), err)
		}
	}
}

package report

import (
	"sync"

	"golang.org/x/perf/benchmath"
)

// comparisons compares samples as benchstat does. Where nothing is tied, the
// result follows from the sizes and the rank sum alone: of the tens of thousands
// of rows that a large table has, few are worked out.
type comparisons struct {
	assume benchmath.Assumption
	known  sync.Map // untied -> benchmath.Comparison
}

// untied is all that matters of two samples in which no value occurs twice.
type untied struct{ n, m, u int }

// compare wants both samples sorted, as benchmath.NewSample leaves them.
func (c *comparisons) compare(base, s *benchmath.Sample) benchmath.Comparison {
	if c.assume != benchmath.AssumeNothing {
		return c.assume.Compare(base, s)
	}
	u, ok := rankSum(base.Values, s.Values)
	if !ok {
		return c.assume.Compare(base, s)
	}
	key := untied{len(base.Values), len(s.Values), u}
	if known, ok := c.known.Load(key); ok {
		return known.(benchmath.Comparison)
	}
	got := c.assume.Compare(base, s)
	c.known.Store(key, got)
	return got
}

// rankSum is in how many pairs the value of xs is the larger. ok is false where
// two values are equal, or one is no number.
func rankSum(xs, ys []float64) (u int, ok bool) {
	j := 0
	for i, x := range xs {
		for j < len(ys) && ys[j] < x {
			j++
		}
		if x != x || i > 0 && xs[i-1] == x || j < len(ys) && ys[j] == x {
			return 0, false
		}
		u += j
	}
	for j, y := range ys {
		if y != y || j > 0 && ys[j-1] == y {
			return 0, false
		}
	}
	return u, true
}

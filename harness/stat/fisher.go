package stat

import "math"

// Fisher is the exact two-sided p that two shares, a of n and b of m, are of
// one rate: the tables with the same margins that are no likelier than this one.
func Fisher(a, n, b, m int) float64 {
	hits := a + b
	lo, hi := max(0, hits-m), min(hits, n)
	log := func(x int) float64 { return logChoose(n, x) + logChoose(m, hits-x) - logChoose(n+m, hits) }
	// Tables equally likely to the last bit differ in rounding; 1e-7 is the
	// margin that statistical packages allow for it.
	limit := log(a) + 1e-7
	p := 0.0
	for x := lo; x <= hi; x++ {
		if l := log(x); l <= limit {
			p += math.Exp(l)
		}
	}
	return min(1, p)
}

func logChoose(n, k int) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	return lg(n) - lg(k) - lg(n-k)
}

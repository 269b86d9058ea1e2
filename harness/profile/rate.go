package profile

import "math"

// A Rate is how often something happened, with its exact (Clopper-Pearson)
// interval at 95 %.
type Rate struct {
	Hits int     `json:"hits"`
	Of   int     `json:"of"`
	Lo   float64 `json:"lo"`
	Hi   float64 `json:"hi"`
}

// tail is what each end of the interval may miss.
const tail = 0.025

// NewRate is x of n independent trials.
func NewRate(x, n int) Rate {
	r := Rate{Hits: x, Of: n, Hi: 1}
	if x > 0 {
		r.Lo = bisect(func(p float64) bool { return binomial(p, n, x, n) < tail })
	}
	if x < n {
		r.Hi = bisect(func(p float64) bool { return binomial(p, n, 0, x) > tail })
	}
	return r
}

// Share is the rate itself; NaN of nothing.
func (r Rate) Share() float64 { return float64(r.Hits) / float64(r.Of) }

// bisect finds where f turns from true to false between 0 and 1.
func bisect(f func(float64) bool) float64 {
	lo, hi := 0.0, 1.0
	for range 60 {
		if mid := (lo + hi) / 2; f(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// binomial is the chance of from to to hits of n at a rate of p.
func binomial(p float64, n, from, to int) float64 {
	lg := func(k int) float64 { v, _ := math.Lgamma(float64(k + 1)); return v }
	sum := 0.0
	for k := from; k <= to; k++ {
		log := lg(n) - lg(k) - lg(n-k)
		if k > 0 {
			log += float64(k) * math.Log(p)
		}
		if k < n {
			log += float64(n-k) * math.Log1p(-p)
		}
		sum += math.Exp(log)
	}
	return sum
}

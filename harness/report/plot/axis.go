package plot

import (
	"math"
	"strconv"
)

// An axis maps values, already divided into the unit shown, to [0, 1].
type axis struct {
	lo, hi float64
	log    bool
	ticks  []tick
}

type tick struct {
	at    float64
	label string
}

// at is where v stands between the ends: 0 at lo, 1 at hi.
func (a axis) at(v float64) float64 {
	if a.log {
		return math.Log(v/a.lo) / math.Log(a.hi/a.lo)
	}
	return (v - a.lo) / (a.hi - a.lo)
}

// linear covers [lo, hi] with some air and about n ticks.
func linear(lo, hi float64, n int) axis {
	if lo == hi { // one value: show its neighbourhood
		air := math.Abs(lo) * 0.05
		if air == 0 {
			air = 1
		}
		lo, hi = lo-air, hi+air
	}
	air := (hi - lo) * 0.04
	if from := lo - air; lo < 0 || from >= 0 {
		lo = from
	} else {
		lo = 0 // what can't be negative is not drawn as if it could
	}
	a := axis{lo: lo, hi: hi + air}
	a.ticks = even(a.lo, a.hi, n)
	return a
}

// logarithmic covers [lo, hi], both above 0, with some air on the log scale.
func logarithmic(lo, hi float64, n int) axis {
	if lo == hi {
		lo, hi = lo/1.1, hi*1.1
	}
	air := math.Pow(hi/lo, 0.05)
	a := axis{lo: lo / air, hi: hi * air, log: true}
	if a.hi/a.lo < 4 {
		a.ticks = even(a.lo, a.hi, n)
	} else {
		a.ticks = decades(a.lo, a.hi, n)
	}
	return a
}

// even are ticks at whole multiples of 1, 2 or 5 times a power of ten.
func even(lo, hi float64, n int) []tick {
	step := niceStep((hi - lo) / float64(max(n, 1)))
	digits := max(0, int(-math.Floor(math.Log10(step)+1e-9)))
	var ts []tick
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+step*1e-9; k++ {
		v := k * step
		if v == 0 {
			v = 0 // not -0
		}
		ts = append(ts, tick{v, strconv.FormatFloat(v, 'f', digits, 64)})
	}
	return ts
}

// decades are ticks at 1, 2, 5 per power of ten, or powers alone where that is crowded.
func decades(lo, hi float64, n int) []tick {
	for _, steps := range [][]float64{{1, 2, 5}, {1}} {
		var ts []tick
		for e := math.Floor(math.Log10(lo)); e <= math.Log10(hi); e++ {
			for _, s := range steps {
				if v := s * math.Pow(10, e); v >= lo && v <= hi {
					ts = append(ts, tick{v, strconv.FormatFloat(v, 'g', 3, 64)})
				}
			}
		}
		if len(ts) <= 2*n {
			return ts
		}
	}
	// Many powers: every k-th of them.
	from, to := math.Ceil(math.Log10(lo)), math.Floor(math.Log10(hi))
	k := math.Ceil((to - from + 1) / float64(max(n, 1)))
	var ts []tick
	for e := from; e <= to; e += k {
		ts = append(ts, tick{math.Pow(10, e), "1e" + strconv.FormatFloat(e, 'f', 0, 64)})
	}
	return ts
}

func niceStep(raw float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if raw <= m*base*(1+1e-9) {
			return m * base
		}
	}
	return 10 * base
}

func span(vs []float64) (lo, hi float64) {
	if len(vs) == 0 {
		return 0, 1
	}
	lo, hi = vs[0], vs[0]
	for _, v := range vs[1:] {
		lo, hi = math.Min(lo, v), math.Max(hi, v)
	}
	return lo, hi
}

package stat

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/sample"
)

// upper is the chance that a standard normal value exceeds z.
func upper(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// ranks gives each value its rank from 1, equal ones the mean of theirs.
func ranks(vs []float64) []float64 {
	order := make([]int, len(vs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case vs[a] < vs[b]:
			return -1
		case vs[a] > vs[b]:
			return 1
		}
		return 0
	})
	rs := make([]float64, len(vs))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && vs[order[j]] == vs[order[i]] {
			j++
		}
		for _, at := range order[i:j] {
			rs[at] = float64(i+1+j) / 2
		}
		i = j
	}
	return rs
}

// trend is Spearman's correlation of values with their order and its two-sided
// p by the normal approximation, rho*sqrt(n-1). 0 and 1 where all are equal.
func trend(vs []float64) (rho, p float64) {
	n := float64(len(vs))
	var xy, xx, yy float64
	for i, r := range ranks(vs) {
		x, y := float64(i+1)-(n+1)/2, r-(n+1)/2
		xy, xx, yy = xy+x*y, xx+x*x, yy+y*y
	}
	if yy == 0 {
		return 0, 1
	}
	rho = xy / math.Sqrt(xx*yy)
	return rho, 2 * upper(math.Abs(rho)*math.Sqrt(n-1))
}

// alike is the one-sided p that neighbours in run order are no more alike than
// chance would have them: Bartels' rank version of von Neumann's ratio, normal
// approximation. 1 where all are equal.
func alike(vs []float64) float64 {
	n := float64(len(vs))
	rs := ranks(vs)
	var steps, spread float64
	for i, r := range rs {
		spread += (r - (n+1)/2) * (r - (n+1)/2)
		if i > 0 {
			steps += (r - rs[i-1]) * (r - rs[i-1])
		}
	}
	if spread == 0 {
		return 1
	}
	variance := 4 * (n - 2) * (5*n*n - 2*n - 9) / (5 * n * (n + 1) * (n - 1) * (n - 1))
	return upper((2 - steps/spread) / math.Sqrt(variance))
}

// repeats is the share of values that are equal to an earlier one.
func repeats(vs []float64) float64 {
	if len(vs) == 0 {
		return 0
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(vs)))
	return 1 - float64(len(distinct))/float64(len(vs))
}

// gap finds the widest gap that leaves at least a sixth of the values (and
// three) on both sides, and bounds its p: outliers are not modes.
//
// Where k spacings are exchangeable and one holds the share g of their sum, p is
// at most k (1-g)^(k-1). The spacings of even values are; those of an
// exponential tail to the right are when each is weighed by the number of values
// above it, to the left by those below. Noise of benchmarks is skewed one way or
// the other, so the gap must be too wide under all three.
func gap(vs []float64) (lo, hi, p float64) {
	n := len(vs)
	if n < modes.least {
		return 0, 0, 1
	}
	s := slices.Sorted(slices.Values(vs))
	side := max(3, (n+5)/6)
	first, last := side-1, n-side // of the values that may border the gap
	at := first
	for i := first; i < last; i++ {
		if s[i+1]-s[i] > s[at+1]-s[at] {
			at = i
		}
	}
	if s[at] == s[at+1] {
		return 0, 0, 1
	}
	k := float64(last - first)
	for _, weight := range []func(i int) float64{
		func(int) float64 { return 1 },
		func(i int) float64 { return float64(n - 1 - i) },
		func(i int) float64 { return float64(i + 1) },
	} {
		sum := 0.0
		for i := first; i < last; i++ {
			sum += weight(i) * (s[i+1] - s[i])
		}
		share := weight(at) * (s[at+1] - s[at]) / sum
		p = max(p, min(1, k*math.Pow(1-share, k-1)))
	}
	return s[at], s[at+1], p
}

// thin says whether a sample's metric, its quantile q, rests on too few events: it
// needs 5/(1-q) of them. Without a count beside it nothing is said.
func thin(s *sample.Sample, metric string, q float64) bool {
	for _, l := range s.Lines {
		if n, ok := counted(l, metric); ok {
			return n*(1-q) < events.limit*(1-1e-9)
		}
	}
	return false
}

// counted is the number of events behind a quantile such as p99-sched-latency-ns:
// the unit of the line that its name begins with once the quantile is left out, as
// sched-events or a plural (gc-pauses for p50-gc-pause-ns), the longest of these;
// without any it is the unit events.
func counted(l sample.Line, metric string) (n float64, ok bool) {
	_, at, _ := quantileAt(metric)
	name := strings.Join(slices.Delete(strings.Split(metric, "-"), at, at+1), "-")
	n, ok = l.Get("events")
	longest := 0
	for _, v := range l.Values {
		stem, isEvents := strings.CutSuffix(v.Unit, "-events")
		if !isEvents {
			stem, isEvents = strings.CutSuffix(v.Unit, "s")
		}
		if isEvents && len(stem) > longest && strings.HasPrefix(name, stem) {
			n, ok, longest = v.Value, true, len(stem)
		}
	}
	return n, ok
}

// Quantile reads q from a metric's name: "p99-latency-ns" is 0.99, "p99.9-..." 0.999.
func Quantile(metric string) (q float64, ok bool) {
	q, _, ok = quantileAt(metric)
	return q, ok
}

// quantileAt also says which of the words between dashes it is.
func quantileAt(metric string) (q float64, at int, ok bool) {
	for at, part := range strings.Split(metric, "-") {
		digits, isP := strings.CutPrefix(part, "p")
		if !isP {
			continue
		}
		if v, err := strconv.ParseFloat(digits, 64); err == nil && v > 0 && v < 100 {
			return v / 100, at, true
		}
	}
	return 0, 0, false
}

package stat

import (
	"fmt"
	"math"
	"slices"

	"github.com/assaylab/assay/harness/sample"
)

// breakpoint is where a series changes its level most, upwards or downwards: after
// at of its values, where two levels explain the largest share of the spread of
// the ranks (to be held against the square of [trend]'s rho). P is Pettitt's, by
// its approximation 2 exp(-6K^2/(n^3+n^2)), which errs on the safe side where
// values are few or tied. At is 0 and p 1 where all are equal.
//
// Note: a search for several changes (binary segmentation, PELT) was left out.
// That there is one is all the doubt needs, and the plot shows the rest.
func breakpoint(vs []float64) (at int, up bool, share, p float64) {
	n := float64(len(vs))
	var sum, far, spread float64
	for i, r := range ranks(vs) {
		d := r - (n+1)/2
		spread += d * d
		sum += d
		left := float64(i + 1)
		if i+1 == len(vs) || sum == 0 {
			continue
		}
		far = max(far, math.Abs(sum))
		if explained := sum * sum * n / (left * (n - left)); explained > share {
			at, up, share = i+1, sum < 0, explained
		}
	}
	if at == 0 {
		return 0, false, 0, 1
	}
	return at, up, share / spread, min(1, 2*math.Exp(-24*far*far/(n*n*n+n*n)))
}

// An inner is what the series within the trials of a cell did: a process that
// prints several lines of one name may still warm up while it is measured.
type inner struct {
	trials  int       // with enough lines to tell
	changes int       // of these, with a change of level at 1 %
	places  []float64 // of the changes, as a share of the lines
}

// changeLimit is the p at which one trial counts as having a change.
const changeLimit = 0.01

// watch looks at the values of one trial, in the order of its lines.
func (t *table) watch(cell int, vs []float64) {
	if len(vs) < steady.least {
		return
	}
	if t.inner[cell] == nil {
		t.inner[cell] = &inner{}
	}
	in := t.inner[cell]
	in.trials++
	if at, _, _, p := breakpoint(vs); p < changeLimit {
		in.changes++
		in.places = append(in.places, float64(at)/float64(len(vs)))
	}
}

// within is the doubt whether processes were in their steady state: more of them
// change their level than chance would have it.
func (s series) within(among int) []string {
	in := s.inner
	if in.changes == 0 {
		return nil
	}
	if p := (binomial{k: in.changes, n: in.trials}).atLeast(changeLimit); p >= steady.limit/float64(among) {
		return nil
	}
	return []string{fmt.Sprintf("steady state: in %d of %d trials of %s the process changes its level while it is measured, after %.0f %% of its lines in the middle one: their median mixes two states; warm the process up for longer before its first line", in.changes, in.trials, s.name, 100*sample.Median(in.places))}
}

// farOut counts the readings beyond three quartile ranges from the quartiles
// (Tukey's outer fences), and bounds the p of so many. Of an exponential tail,
// which noise of benchmarks commonly has, 0.9 % lie there; of a normal one none.
func (s series) farOut() (far int, p float64) {
	n := len(s.values)
	if n < tails.least {
		return 0, 1
	}
	sorted := slices.Sorted(slices.Values(s.values))
	low, high := sorted[(n-1)/4], sorted[n-1-(n-1)/4]
	reach := 3 * (high - low)
	for _, v := range sorted {
		if v < low-reach || v > high+reach {
			far++
		}
	}
	if far == 0 || reach == 0 {
		return 0, 1
	}
	return far, binomial{k: far, n: n}.atLeast(0.01)
}

package stat

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"

	"github.com/assaylab/assay/harness/sample"
)

// The limits beside that of its rule.
const (
	fewestParts = 4    // of a window that is looked at
	moved       = 0.01 // share by which a window's mean must be off its steady part's
	exactFlips  = 13   // trials up to which all signs are tried
	flipsSeed   = 20261121
)

// A bend is the place at which the windows of a cell change their level most.
type bend struct {
	trials, parts int
	at            int     // parts before it
	longer        float64 // an operation before it, as a share of one after it less 1: the median of the trials
	p             float64
}

// course looks for one change of level at one place of all windows of a cell. A
// warm-up that was too short shows there: other disturbances come at any place.
//
// Within a trial the parts are ranked, and the sum of ranks up to each place is
// held against what it would be without a change, as Pettitt's test does with one
// series. Those of all trials are added up place by place, and the largest sum is
// judged by what it would be if each trial's sums had come with the other sign as
// well: parts of one window are no independent readings (a disturbance lasts for
// several of them), whole trials are. So p is exact where windows without a common
// change are as likely to bend the one way as the other.
//
// Note: a test in each trial, and a count of those with a change, was tried and
// left out. It takes a burst of other work, which lasts for some parts, for a change.
func course(windows [][]float64, limit float64) bend {
	b := bend{p: 1}
	windows = alikeLong(windows)
	if len(windows) < steadyWindow.least {
		return b
	}
	b.trials, b.parts = len(windows), len(windows[0])
	var bends [][]float64
	for _, w := range windows {
		bends = append(bends, leanings(w))
	}
	sums := make([]float64, b.parts-1)
	for _, one := range bends {
		add(sums, one, 1)
	}
	at, far := furthest(sums)
	if far == 0 {
		return b
	}
	b.at, b.p = at+1, flipped(bends, far, limit)
	var ratios []float64
	for _, w := range windows {
		ratios = append(ratios, mean(w[:b.at])/mean(w[b.at:])-1)
	}
	b.longer = sample.Median(ratios)
	return b
}

// alikeLong are the windows of as many parts as the first has: all of a cell do.
func alikeLong(windows [][]float64) (alike [][]float64) {
	for _, w := range windows {
		if len(w) >= fewestParts && len(w) == len(windows[0]) {
			alike = append(alike, w)
		}
	}
	return alike
}

// leanings are, for each place between two parts, the sum of the ranks before it
// less what is expected of it, each on one scale: its standard deviation among
// exchangeable parts goes by the root of parts before times parts after.
func leanings(window []float64) []float64 {
	n := len(window)
	out := make([]float64, n-1)
	sum := 0.0
	for i, r := range ranks(window)[:n-1] {
		sum += r - float64(n+1)/2
		out[i] = sum / math.Sqrt(float64((i+1)*(n-i-1)))
	}
	return out
}

// add puts a trial's leanings to a sum, with a sign.
func add(sums, one []float64, sign float64) {
	for i, v := range one {
		sums[i] += sign * v
	}
}

// furthest is where a sum is furthest from 0, and how far.
func furthest(sums []float64) (at int, far float64) {
	for i, v := range sums {
		if math.Abs(v) > far {
			at, far = i, math.Abs(v)
		}
	}
	return at, far
}

// flipped is the share of signs of the trials with which some sum is as far from 0
// as the one that was seen: of all signs, or of so many drawn ones that a share
// below the limit can be told.
func flipped(bends [][]float64, far, limit float64) float64 {
	far *= 1 - 1e-9 // sums in another order are off by roundings
	if len(bends) <= exactFlips {
		return flippedAll(bends, far)
	}
	return flippedDrawn(bends, far, limit)
}

// flippedAll goes by Gray's code: one sign changes at a time.
func flippedAll(bends [][]float64, far float64) float64 {
	sums := make([]float64, len(bends[0]))
	for _, one := range bends {
		add(sums, one, 1)
	}
	hits, all := 0, 1<<(len(bends)-1) // the other half are mirror images
	for i := range all {
		if i > 0 {
			changed := bits.TrailingZeros(uint(i))
			add(sums, bends[changed], 2*sign(i^i>>1, changed))
		}
		if _, f := furthest(sums); f >= far {
			hits++
		}
	}
	return float64(hits) / float64(all)
}

// flippedDrawn ends once the share can't be below the limit any more. What was seen
// counts as one of the draws.
func flippedDrawn(bends [][]float64, far, limit float64) float64 {
	sums := make([]float64, len(bends[0]))
	rng := rand.New(rand.NewPCG(flipsSeed, uint64(len(bends))))
	hits, draws := 1, int(math.Ceil(20/limit))
	for i := range draws {
		clear(sums)
		code := 0
		for t, one := range bends {
			if t%32 == 0 {
				code = int(rng.Uint32())
			}
			add(sums, one, sign(code, t%32))
		}
		if _, f := furthest(sums); f >= far {
			hits++
		}
		if float64(hits) > limit*float64(draws+1) {
			return float64(hits) / float64(i+2)
		}
	}
	return float64(hits) / float64(draws+1)
}

// sign is that of a trial in a code: plus where its bit is 0.
func sign(code, trial int) float64 {
	if code>>trial&1 == 1 {
		return -1
	}
	return 1
}

// off is by which share the mean of the windows differs from that of their longer part.
func (b bend) off() float64 {
	first := float64(b.at) / float64(b.parts)
	whole := 1 + first*b.longer // in means of the part after the bend
	if first > 0.5 {
		return whole/(1+b.longer) - 1
	}
	return whole - 1
}

// unsteady is the doubt whether windows were in their steady state from end to end.
func (s series) unsteady(among int) []string {
	limit := steadyWindow.limit / float64(among)
	b := course(s.courses, limit)
	if b.p >= limit || math.Abs(b.off()) < moved {
		return nil
	}
	which, share, longer, next := "first", float64(b.at)/float64(b.parts), b.longer,
		"not in a steady state yet; let it warm up for longer, or make the window longer"
	if share > 0.5 {
		which, share, longer = "last", 1-share, 1/(1+b.longer)-1
		next = "it does not keep its state; look at what changes towards the end, or make the window longer"
	}
	word := "longer"
	if longer < 0 {
		word = "less time"
	}
	return []string{fmt.Sprintf("steady window: an operation in the %s %.0f %% of the windows of %s takes %.2g %% %s than in the rest (%d trials, p %.2g), which moves their mean by %.2g %%: %s",
		which, 100*share, s.name, 100*math.Abs(longer), word, b.trials, b.p, 100*math.Abs(b.off()), next)}
}

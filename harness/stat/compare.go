package stat

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// ErrNoBlocks means that no block holds both sides of a question.
var ErrNoBlocks = errors.New("no block holds both sides")

// A Comparison is the answer to a Question.
type Comparison struct {
	Question
	Effect Effect
	Points []Point // one a block, in run order, as shown: a ratio, difference or value; 0 or 1 for a share
	Pairs  []Pair  // what was matched
	Short  []int   // blocks that hold some pairs but not all; they count with those they hold

	// Scale is the size of what is compared against, to read a difference as a
	// share: the median of the readings of the To side, for a value of its own.
	Scale float64

	series []series // readings by cell, in run order
	thin   int      // trials whose quantile rests on too few events
}

// A Point is the effect within one block.
type Point struct {
	Block  int
	Effect float64
}

// A series is one cell's readings in the order of blocks.
type series struct {
	cell     int
	name     string
	blocks   []int
	values   []float64        // one a trial
	distinct map[float64]bool // what all its lines held
	inner    inner
	courses  [][]float64 // of its trials' windows, where they were noted
}

// Compare answers a question from samples, at most one a cell and block:
// choose attempts first. Warm-ups and failed trials are passed over.
//
// Within a block the effect is the mean of log ratios (of differences, of
// values) over the matched pairs that the block holds. Several lines of a name
// in one trial count as their median. The error says why there is no answer;
// it is ErrNoBlocks where samples are missing.
func Compare(p plan.Plan, samples []sample.Sample, q Question) (Comparison, error) {
	pairs, err := q.Pairs(p)
	if err != nil {
		return Comparison{}, err
	}
	pairs = slices.DeleteFunc(pairs, func(x Pair) bool { return q.Without[x.Of] || q.Without[x.To] })
	if err := q.oneCell(pairs); err != nil {
		return Comparison{}, err
	}
	t, err := newTable(p, samples, q, pairs)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{Question: q, Pairs: pairs, Scale: t.scale(pairs), series: t.series(p), thin: t.thin}
	c.gather(t, len(pairs), func(block int) (float64, float64, int) { return q.within(t, block, pairs) })
	if len(c.Points) == 0 {
		return c, fmt.Errorf("%w: %s against %s", ErrNoBlocks, q.show(q.Of), q.show(q.To))
	}
	return c, nil
}

// gather makes the effect of what every block gives: in tells one block's
// effect, what it may be off by, and how many of the whole it holds.
func (c *Comparison) gather(t table, whole int, in func(block int) (effect, off float64, held int)) {
	values := make([]float64, 0, len(t.rows))
	c.Points = make([]Point, 0, len(t.rows))
	widen := 0.0
	for b := range t.rows {
		v, off, held := in(b)
		if held == 0 {
			continue
		}
		if held < whole {
			c.Short = append(c.Short, b)
		}
		c.Points = append(c.Points, Point{Block: b, Effect: v})
		values, widen = append(values, v), max(widen, off)
	}
	if len(values) > 0 {
		c.Effect = NewEffect(c.Quantity, values, widen)
	}
}

// within is the effect in one block, what it may be off by for the resolution
// (in working units, see NewEffect), and how many pairs were there.
func (q Question) within(t table, block int, pairs []Pair) (effect, off float64, held int) {
	sum, offs := 0.0, 0.0
	for _, x := range pairs {
		of, ok := t.get(block, x.Of)
		to, both := t.get(block, x.To)
		switch {
		case !ok || !q.Quantity.alone() && !both:
			continue
		case q.Quantity == Ratio:
			sum += math.Log(of) - math.Log(to)
		case q.Quantity == Difference:
			sum += of - to
		case q.Quantity == Share:
			if of > 0 {
				sum++
			}
		default:
			sum += of
		}
		held++
		offs += q.off(of, to)
	}
	if held == 0 {
		return 0, 0, 0
	}
	effect = sum / float64(held)
	if q.Quantity == Ratio {
		effect = math.Exp(effect)
	}
	return effect, offs / float64(held), held // the mean of pairs is off by the mean of theirs, at worst
}

// off is what one pair's effect may be off by, both readings at their worst.
//
//	ratio:      log((1+r)/(1-r)), r the relative resolution
//	difference: 2a, a the absolute resolution
//	value:      a
//	share:      0, it counts readings as printed
//
// Where a metric has only the other kind of resolution, it is turned into the
// one that is needed at the size of the readings themselves.
//
// Intervals are widened by the whole of it, and so cover more often than they say
// where errors cancel: on noise of four steps 99 % instead of 95 %. That is the
// price of covering as often as they say wherever errors don't. A resolution says
// how far off a reading can be, not that one reading's error has nothing to do with
// the next one's, and all of one side's can be off alike:
//
//   - Noise within a step rounds every reading of a side to one value. Simulated over
//     all places of both sides within a step, intervals of 20 blocks that are widened
//     by half of it, a quarter of a step for each reading, cover 95 % and more where a
//     step is up to four standard deviations; at worst 21 % where it is eight, and none
//     where it is sixteen.
//   - What a machine does may have steps of its own, as anything that waits for a
//     timer tick has: then readings scatter over many values and are off alike all the
//     same. So their scatter, from which a smaller width could be chosen, is no
//     evidence either (TestNoLessThanTheWholeResolutionCovers).
//
// Note: the interval of Imbens and Manski, who cover the effect and not all that it
// could be, was left out too. It is shorter only where the resolution exceeds the
// interval, needs the noise to be estimated, and so gives up that ours is exact.
func (q Question) off(of, to float64) float64 {
	if q.Quantity == Share {
		return 0
	}
	rel, abs := q.Resolution.Relative, q.Resolution.Absolute
	if q.Quantity == Ratio {
		share := func(v float64) float64 {
			if rel > 0 {
				return rel
			}
			return abs / v
		}
		return stretch(share(of), share(to))
	}
	size := func(v float64) float64 {
		if abs > 0 {
			return abs
		}
		return rel * math.Abs(v)
	}
	if q.Quantity == Value {
		return size(of)
	}
	return size(of) + size(to)
}

// stretch is the largest change of a log ratio whose two readings are off by
// shares a and b. From a share of 1 on, nothing is known of the ratio.
func stretch(a, b float64) float64 {
	if a >= 1 || b >= 1 {
		return math.Inf(1)
	}
	return max(math.Log1p(a)-math.Log1p(-b), math.Log1p(b)-math.Log1p(-a))
}

package stat

import (
	"maps"
	"math"
	"slices"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/workloads/wire"
)

// A Matched value is one to be held against that of another side with the same
// Block and Rest: what else was set in its trial.
type Matched struct {
	Block int
	Rest  string
	Value float64
}

// Within is the effect of two sides over the blocks that hold a match of both,
// where no plan says what they are: in a block the mean of log ratios or of
// differences, as in [Compare]. Several values of one block and rest count as
// their median. A ratio needs values above 0; q is Ratio or Difference.
func Within(q Quantity, of, to []Matched, r wire.Resolution) Effect {
	type sum struct {
		of, off float64
		n       int
	}
	question := Question{Quantity: q, Resolution: r}
	tos, blocks, widen := medians(to), map[int]sum{}, 0.0
	ofs := medians(of)
	for _, at := range inOrder(ofs) {
		a := ofs[at]
		b, ok := tos[at]
		if !ok {
			continue
		}
		s := blocks[at.Block]
		if q == Ratio {
			s.of += math.Log(a) - math.Log(b)
		} else {
			s.of += a - b
		}
		s.n++
		s.off += question.off(a, b)
		blocks[at.Block] = s
	}
	var values []float64
	for _, b := range slices.Sorted(maps.Keys(blocks)) {
		v := blocks[b].of / float64(blocks[b].n)
		widen = max(widen, blocks[b].off/float64(blocks[b].n))
		if q == Ratio {
			v = math.Exp(v)
		}
		values = append(values, v)
	}
	return NewEffect(q, values, widen)
}

// inOrder are the keys by block, so that sums come out alike every time.
func inOrder(m map[Matched]float64) []Matched {
	return slices.SortedFunc(maps.Keys(m), func(a, b Matched) int {
		if a.Block != b.Block {
			return a.Block - b.Block
		}
		if a.Rest < b.Rest {
			return -1
		}
		return 1
	})
}

// medians are those of each block and rest, whose keys have no Value.
func medians(all []Matched) map[Matched]float64 {
	lists := map[Matched][]float64{}
	for _, m := range all {
		v := m.Value
		m.Value = 0
		lists[m] = append(lists[m], v)
	}
	out := make(map[Matched]float64, len(lists))
	for at, vs := range lists {
		out[at] = sample.Median(vs)
	}
	return out
}

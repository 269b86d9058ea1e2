package verdict

import (
	"math"

	"github.com/assaylab/assay/harness/stat"
)

// write makes a Side of one comparison, its interval at the decision's level.
func (s side) write(d decision) Side {
	out := Side{To: s.to, RegionLo: end(s.region.Lo), RegionHi: end(s.region.Hi), P: s.p, Blocks: []Point{}}
	for _, p := range s.cmp.Points {
		out.Blocks = append(out.Blocks, Point{Block: p.Block, Effect: finite(p.Effect)})
	}
	out.N = len(out.Blocks)
	if s.fixed != nil {
		out.Estimate = finite(s.fixed.Lo + (s.fixed.Hi-s.fixed.Lo)/2)
		out.Lo, out.Hi = pointer(s.fixed.Lo), pointer(s.fixed.Hi)
		return out
	}
	i := s.cmp.Effect.Interval(d.level)
	out.Estimate, out.Lo, out.Hi = finite(s.cmp.Effect.Estimate()), pointer(i.Lo), pointer(i.Hi)
	if h := s.cmp.Effect.HalfWidth(d.level); !math.IsInf(h, 0) {
		out.Smallest = finite(h)
	}
	if s.region.Place(i) == stat.Straddles {
		out.Needed = s.cmp.Effect.Needed(s.region, d.level)
	}
	return out
}

func end(b stat.Bound) *float64 {
	if b.Inf {
		return nil
	}
	return pointer(b.Value)
}

// pointer is nil for an end without a bound: JSON knows no infinity.
func pointer(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}

func finite(v float64) float64 {
	return max(-math.MaxFloat64, min(math.MaxFloat64, v))
}

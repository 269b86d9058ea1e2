package verdict

import (
	"math"

	"github.com/assaylab/assay/harness/stat"
)

// write makes a Side of one comparison, its interval at the decision's level.
func (s side) write(d decision) Side {
	out := Side{To: s.to, RegionLo: end(s.region.Lo), RegionHi: end(s.region.Hi), P: s.p, Blocks: []Point{}}
	for _, p := range s.cmp.Points {
		out.Blocks = append(out.Blocks, Point{Block: p.Block, Effect: clamped(p.Effect)})
	}
	out.N = len(out.Blocks)
	if s.fixed != nil {
		out.Estimate = clamped(s.fixed.Lo + (s.fixed.Hi-s.fixed.Lo)/2)
		out.Lo, out.Hi = stat.Finite(s.fixed.Lo), stat.Finite(s.fixed.Hi)
		return out
	}
	i := s.cmp.Effect.Interval(d.level)
	out.Estimate, out.Lo, out.Hi = clamped(s.cmp.Effect.Estimate()), stat.Finite(i.Lo), stat.Finite(i.Hi)
	if h := s.cmp.Effect.HalfWidth(d.level); !math.IsInf(h, 0) {
		out.Smallest = clamped(h)
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
	return stat.Finite(b.Value)
}

// clamped is the number next to v that JSON can hold.
func clamped(v float64) float64 {
	return max(-math.MaxFloat64, min(math.MaxFloat64, v))
}

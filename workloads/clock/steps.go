package main

import "math"

// steps are the differences between readings in a row.
type steps struct {
	last  int64
	least int64 // smallest above 0; math.MaxInt64 if there is none
	most  int64
	back  int64 // how many were below 0
}

func newSteps() steps { return steps{least: math.MaxInt64} }

// next is inlined into the loops that it measures.
func (s *steps) next(now int64) {
	d := now - s.last
	s.last = now
	if d > 0 {
		s.least = min(s.least, d)
		s.most = max(s.most, d)
	} else if d < 0 {
		s.back++
	}
}

package results

import (
	"slices"
	"time"

	"github.com/assaylab/assay/harness/sample"
)

// Slot is the time that a trial takes of a block, its retries and all that the
// harness does around it included: the median over blocks; 0 where there is none.
func (r Run) Slot() time.Duration {
	var slots []time.Duration
	stretches := r.stretches()
	for i, s := range stretches {
		if s[0].Block < 0 {
			continue
		}
		var next []sample.Sample
		if i+1 < len(stretches) {
			next = stretches[i+1]
		}
		slots = append(slots, span(s, next)/time.Duration(trialsOf(s)))
	}
	if len(slots) == 0 {
		return 0
	}
	slices.Sort(slots)
	return slots[len(slots)/2]
}

// stretches are the attempts that were made, in their order, block by block; those of
// a block over two sessions are two.
func (r Run) stretches() [][]sample.Sample {
	made := slices.DeleteFunc(slices.Clone(r.Attempts), func(s sample.Sample) bool { return s.Outcome == sample.GivenUp })
	slices.SortStableFunc(made, func(a, b sample.Sample) int { return a.Start.Compare(b.Start) })
	var all [][]sample.Sample
	for i, s := range made {
		if i == 0 || s.Block != made[i-1].Block || s.Session != made[i-1].Session {
			all = append(all, nil)
		}
		last := &all[len(all)-1]
		*last = append(*last, s)
	}
	return all
}

// span is how long a stretch took: until the next one of its session began, or else
// until its last trial ended.
func span(stretch, next []sample.Sample) time.Duration {
	last := stretch[len(stretch)-1]
	if len(next) > 0 && next[0].Session == last.Session {
		return next[0].Start.Sub(stretch[0].Start)
	}
	return last.Start.Add(time.Duration(last.Wall)).Sub(stretch[0].Start)
}

// trialsOf counts trials, however often each was tried.
func trialsOf(attempts []sample.Sample) int {
	seen := map[int]bool{}
	for _, s := range attempts {
		seen[s.N] = true
	}
	return len(seen)
}

package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/sample"
)

// Take adds what the attempts of a run say beside what they measured: those of its
// blocks that failed, and the cells that can be tested no more, because what they set
// was taken away before anything of them was measured.
func (in *Input) Take(attempts []sample.Sample) {
	untestable := maps.Clone(in.Untestable)
	measured := map[int]bool{}
	for _, s := range attempts {
		measured[s.Cell] = measured[s.Cell] || s.Block >= 0 && s.Outcome != sample.Gone && s.Outcome != sample.Void
		if s.Block >= 0 && !s.Counts() {
			in.Failed = append(in.Failed, s)
		}
	}
	for _, s := range attempts {
		if s.Outcome == sample.Gone && !measured[s.Cell] {
			if untestable == nil {
				untestable = map[int]string{}
			}
			untestable[s.Cell] = s.Error
		}
	}
	in.Untestable = untestable
}

// Complete is nil where every testable cell was measured to the end. Otherwise the
// error names the cells that were not, and says why the first of them was not.
func (in Input) Complete() error {
	counts := map[int]int{}
	for _, s := range in.Main {
		counts[s.Cell]++
	}
	var empty, lost []int
	for _, c := range in.Plan.Cells {
		if _, skip := in.Untestable[c.Index]; !skip && counts[c.Index] == 0 {
			empty = append(empty, c.Index)
		}
		if _, given := in.firstFailure(c.Index, sample.GivenUp); given {
			lost = append(lost, c.Index)
		}
	}
	switch {
	case len(empty) > 0:
		why := "no attempt was made"
		if s, ok := in.firstFailure(empty[0], ""); ok {
			why = fmt.Sprintf("first failure: %s: %s", s.Outcome, s.Error)
		}
		return fmt.Errorf("no trial measured anything in: %s (%s)", strings.Join(in.list(empty), "; "), why)
	case len(lost) > 0:
		s, _ := in.firstFailure(lost[0], sample.GivenUp)
		return fmt.Errorf("not measured to the end: %s (%s)", strings.Join(in.list(lost), "; "), s.Error)
	}
	return nil
}

// firstFailure is the first attempt of a cell that ended in an outcome, "" for any.
func (in Input) firstFailure(cell int, outcome sample.Outcome) (s sample.Sample, ok bool) {
	i := slices.IndexFunc(in.Failed, func(s sample.Sample) bool {
		return s.Cell == cell && (outcome == "" || s.Outcome == outcome)
	})
	if i < 0 {
		return s, false
	}
	return in.Failed[i], true
}

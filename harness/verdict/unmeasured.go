package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
)

// givenUp says which cells of a comparison the run gave up and what they said; ""
// where there is none. Blocks from then on lack them, and nobody knows what those
// would have shown.
func (in Input) givenUp(pairs [][]stat.Pair) string {
	var lines []string
	for _, c := range slices.Concat(cellsOf(pairs, ofCell), cellsOf(pairs, toCell)) {
		if s, given := in.firstFailure(c, sample.GivenUp); given {
			lines = append(lines, in.Plan.Name(in.Plan.Cells[c])+": "+brief(s.Error))
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "; ")
}

// unmeasured says why no block holds both sides of a comparison: its cells of which
// every attempt failed, or, where there are none, the error.
func (in Input) unmeasured(pairs []stat.Pair, err error) string {
	one := [][]stat.Pair{pairs}
	if why := in.givenUp(one); why != "" {
		return why
	}
	var lines []string
	for _, c := range slices.Concat(cellsOf(one, ofCell), cellsOf(one, toCell)) {
		if why := in.allFailed(c); why != "" && len(among(in.Main, []int{c})) == 0 {
			lines = append(lines, why)
		}
	}
	if lines == nil {
		return fmt.Sprintf("no samples: %v", err)
	}
	return strings.Join(lines, "; ")
}

// allFailed says how the attempts of a cell failed, the latest in its own words; ""
// where none did.
func (in Input) allFailed(cell int) string {
	n := 0
	var last sample.Sample
	for _, s := range in.Failed {
		if s.Cell == cell && s.Block >= 0 && s.Failed() {
			n, last = n+1, s
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("all %s of %s failed: %s: %s", prose.Plural(n, "attempt"), in.Plan.Name(in.Plan.Cells[cell]), last.Outcome, brief(last.Error))
}

// mostSaid bounds what of a program's words stands in a sentence, in characters.
const mostSaid = 240

// brief is a text in one line, cut where it is long.
func brief(text string) string {
	return prose.Cut(strings.Join(strings.Fields(text), " "), mostSaid)
}

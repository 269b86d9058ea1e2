package verdict

import (
	"slices"
	"testing"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/spec"
)

func TestSharesOutOfReachAreSaidBeforeAnythingRuns(t *testing.T) {
	check := func(blocks int, direction string, want ...string) {
		t.Helper()
		in := lab([]spec.Claim{claim("rare", "thp=madvise", "", direction, "")})
		in.Plan.Blocks = make([]plan.Block, blocks)
		if got := OutOfReach(in.Plan); !slices.Equal(got, want) {
			t.Errorf("%d blocks, %s: %q, want %q", blocks, direction, got, want)
		}
	}
	check(35, "share < 0.1", `claim rare: 35 blocks can't support "share < 0.1" at 95 %, whatever they show: it takes 36`)
	check(36, "share < 0.1")
	check(36, "share == 0.5", `claim rare: 36 blocks can't support "share == 0.5" at 95 %: no number of blocks can (claim a range)`)
	check(1, "value < 3 ms")
}

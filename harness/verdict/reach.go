package verdict

import (
	"fmt"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
)

// OutOfReach names the sub-claims that the planned blocks could not support even
// if the data were the best they can be: those about a share, for an effect of
// any other kind is out of reach only under [spec.Design.FewestBlocks], which a file is
// held to. They are judged all the same, and can be refuted.
func OutOfReach(p plan.Plan) []string {
	ps := parts(p)
	level := 1 - p.Spec.Design.Alpha()/float64(max(len(ps), 1))
	var all []string
	for _, x := range ps {
		if x.rel.Quantity != spec.Share {
			continue
		}
		reg, ok := region(x.rel, x.claim.Compare.Metric.Text)
		if !ok {
			continue
		}
		head := fmt.Sprintf("claim %s: %s can't support %q at %s", x.claim.ID.Text, prose.Plural(len(p.Blocks), "block"), x.rel.Text, percent(level))
		switch fewest := stat.FewestForShare(reg, level); {
		case fewest == 0:
			all = append(all, head+": no number of blocks can (claim a range)")
		case fewest > len(p.Blocks):
			all = append(all, fmt.Sprintf("%s, whatever they show: it takes %d", head, fewest))
		}
	}
	return all
}

package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
)

// emulated says why a claim about a time can't be decided by these samples: an
// emulator's instructions take other times, in other proportions, than those of any
// processor. "" where it can. What is counted, or exact, is as real as elsewhere.
func (in Input) emulated(metric string, pairs [][]stat.Pair, samples []sample.Sample) string {
	if !stat.Timed(metric) {
		return ""
	}
	used := among(samples, append(cellsOf(pairs, ofCell), cellsOf(pairs, toCell)...))
	n := countEmulated(used)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %s ran on an emulated CPU (%s), whose timings decide nothing, and %s is one (run it on a machine of that kind, or make the claim about a count)",
		n, prose.Plural(len(used), "trial"), strings.Join(environments(used), ", "), metric)
}

func countEmulated(samples []*sample.Sample) (n int) {
	for _, s := range samples {
		if s.Emulated {
			n++
		}
	}
	return n
}

// environments are those of the emulated samples, sorted.
func environments(samples []*sample.Sample) []string {
	var envs []string
	for _, s := range samples {
		if s.Emulated && !slices.Contains(envs, s.Env) {
			envs = append(envs, s.Env)
		}
	}
	slices.Sort(envs)
	return envs
}

// marked warns of samples from emulation, whatever was claimed of them.
func (in Input) marked(r *Results) {
	all := pointers(in.Main)
	if n := countEmulated(all); n > 0 {
		r.warn(fmt.Sprintf("%d of %s ran on an emulated CPU (%s): settings, counts and exact values are real there, timings are not, and decide no claim",
			n, prose.Plural(len(all), "trial"), strings.Join(environments(all), ", ")))
	}
}

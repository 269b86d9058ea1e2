package verdict

import (
	"fmt"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
)

// uncounted says why a claim on a counter of the harness has no values here: the
// machine was known not to have it, or none of the trials did. "" where it has, and
// for what the workload prints itself.
func (in Input) uncounted(metric string, pairs [][]stat.Pair, samples []sample.Sample) string {
	used := in.used(pairs, samples)
	why, known := in.Uncounted[metric]
	switch group := sample.GroupOf(metric); {
	case sample.Counted(used, metric):
		return ""
	case known:
		return fmt.Sprintf("%s is not counted here: %s", metric, why)
	case group != "" && len(used) > 0:
		return fmt.Sprintf("%s is not counted here: none of %d trials has it (%s; the warnings say what is not counted and why)", metric, len(used), doc(metric))
	}
	return ""
}

// used are the samples of the cells on either side that measured something.
func (in Input) used(pairs [][]stat.Pair, samples []sample.Sample) []sample.Sample {
	var used []sample.Sample
	for _, s := range among(samples, append(cellsOf(pairs, ofCell), cellsOf(pairs, toCell)...)) {
		used = append(used, *s)
	}
	return used
}

func doc(unit string) string {
	for _, c := range sample.Vocabulary() {
		if c.Unit == unit {
			return c.Doc
		}
	}
	return ""
}

// perfShare is the unit of what package collect says of its scaling.
const perfShare = "perf-counted-share"

// scaled remarks on counts of the processor's events that are estimates: there were
// more events than counters, so that each was counted for a part of the window only.
func (in Input) scaled(metric string, pairs [][]stat.Pair, samples []sample.Sample) []string {
	if sample.GroupOf(metric) != sample.Perf {
		return nil
	}
	used := in.used(pairs, samples)
	least, n := 1.0, 0
	for _, s := range used {
		if share, ok := s.Counters[perfShare]; ok && share < 1 {
			least, n = min(least, share), n+1
		}
	}
	if n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("events took turns on the counters of the processor in %d of %d trials: some were counted for %s of the window only, and scaled up from that (measure fewer at once, or take it for an estimate)",
		n, len(used), percent(least))}
}

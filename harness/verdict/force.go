package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
)

// cellsOf are the distinct cells of one side of pairs, in order; -1 is none.
func cellsOf(pairs [][]stat.Pair, pick func(stat.Pair) int) []int {
	var cells []int
	for _, ps := range pairs {
		for _, p := range ps {
			if c := pick(p); c >= 0 && !slices.Contains(cells, c) {
				cells = append(cells, c)
			}
		}
	}
	slices.Sort(cells)
	return cells
}

func ofCell(p stat.Pair) int { return p.Of }
func toCell(p stat.Pair) int { return p.To }

// among are the samples of some cells that measured something.
func among(samples []sample.Sample, cells []int) []*sample.Sample {
	var in []*sample.Sample
	for i := range samples {
		if s := &samples[i]; s.Block >= 0 && s.Outcome == sample.OK && slices.Contains(cells, s.Cell) {
			in = append(in, s)
		}
	}
	return in
}

func pointers(samples []sample.Sample) []*sample.Sample {
	var all []*sample.Sample
	for i := range samples {
		all = append(all, &samples[i])
	}
	return all
}

// keys are the knobs that a comparison names, in file order.
func keys(c spec.Compare) []string {
	var all []string
	for _, s := range append([]spec.Selection{c.Of}, c.To...) {
		for _, set := range s {
			if !slices.Contains(all, set.Key.Text) {
				all = append(all, set.Key.Text)
			}
		}
	}
	return all
}

// outOfForce names the first knob of the comparison that was not in force in a
// sample used; "" where all were. One trial is enough: its block's number then
// says nothing about the knob.
func (in Input) outOfForce(x part, pairs [][]stat.Pair, samples []sample.Sample) string {
	cells := append(cellsOf(pairs, ofCell), cellsOf(pairs, toCell)...)
	used := among(samples, cells)
	for _, key := range keys(x.claim.Compare) {
		count, why, level := 0, "", ""
		for _, s := range used {
			if st := s.Standings[key]; st.Word == sample.NotInForce {
				if count == 0 {
					why, level = st.Why, in.Plan.Level(in.Plan.Cells[s.Cell], key)
				}
				count++
			}
		}
		if count > 0 {
			return fmt.Sprintf("%s was not in force in %d of %s, first with %s=%s: %s", key, count, prose.Plural(len(used), "trial"), key, level, orUnknown(why))
		}
	}
	return ""
}

func orUnknown(why string) string {
	if why == "" {
		return "the evidence gives no reason"
	}
	return why
}

// idle remarks on knobs whose mechanism did not move: in all trials of both
// sides, or of one.
func (in Input) idle(x part, pairs [][]stat.Pair, samples []sample.Sample) []string {
	var remarks []string
	for _, key := range keys(x.claim.Compare) {
		of, ofIdle := in.resting(key, among(samples, cellsOf(pairs, ofCell)))
		to, toIdle := in.resting(key, among(samples, cellsOf(pairs, toCell)))
		value := x.rel.Quantity.Alone()
		switch {
		case ofIdle && (toIdle || value):
			remarks = append(remarks, "mechanism not exercised: "+strings.Join(slices.Compact(append(of, to...)), "; "))
		case ofIdle || toIdle:
			remarks = append(remarks, "mechanism idle on one side: "+strings.Join(append(of, to...), "; "))
		}
	}
	return remarks
}

// resting says whether a knob was idle in all of some samples (one at least),
// and for each level, why.
func (in Input) resting(key string, samples []*sample.Sample) (why []string, idle bool) {
	for _, s := range samples {
		st, ok := s.Standings[key]
		if !ok || st.Word != sample.Idle {
			return nil, false
		}
		text := key + "=" + in.Plan.Level(in.Plan.Cells[s.Cell], key)
		if !slices.ContainsFunc(why, func(w string) bool { return w == text || strings.HasPrefix(w, text+": ") }) {
			if st.Why != "" {
				text += ": " + st.Why
			}
			why = append(why, text)
		}
	}
	slices.Sort(why)
	return why, len(samples) > 0
}

// unproved remarks on knobs of which some trial could not find out whether they
// were in force.
func (in Input) unproved(x part, pairs [][]stat.Pair, samples []sample.Sample) []string {
	var remarks []string
	used := among(samples, append(cellsOf(pairs, ofCell), cellsOf(pairs, toCell)...))
	for _, key := range keys(x.claim.Compare) {
		for _, s := range used {
			if st := s.Standings[key]; st.Word == sample.Unproved {
				remarks = append(remarks, fmt.Sprintf("could not find out whether %s=%s was in force: %s",
					key, in.Plan.Level(in.Plan.Cells[s.Cell], key), orUnknown(st.Why)))
				break
			}
		}
	}
	return remarks
}

// mostFailed is the share of an arm's trials above which its timings are no
// fair sample: those that failed may have been the slow ones.
const mostFailed = 0.10

// failures says which arm lost too many trials; "" where none did. A trial
// counts as failed when any attempt at it did.
func (in Input) failures(pairs [][]stat.Pair) string {
	if len(in.Failed) == 0 {
		return ""
	}
	arms := [][]int{cellsOf(pairs, ofCell)}
	for i := range pairs {
		arms = append(arms, cellsOf(pairs[i:i+1], toCell))
	}
	for _, cells := range arms {
		if l := in.lossesOf(cells); float64(l.failed) > mostFailed*float64(l.all) {
			return fmt.Sprintf("%d of %s of %s failed (%s first), more than %.0f %%: what is left is no fair sample of its timings; look at the failures in trials.jsonl",
				l.failed, prose.Plural(l.all, "trial"), in.names(cells), l.first, 100*mostFailed)
		}
	}
	return ""
}

// losses are the trials of an arm at which some attempt failed.
type losses struct {
	failed, all int
	first       sample.Outcome
}

func (in Input) lossesOf(cells []int) losses {
	failed, all := map[int]bool{}, map[int]bool{}
	var l losses
	for _, s := range in.Failed {
		if s.Block >= 0 && slices.Contains(cells, s.Cell) && (s.Failed() || s.Outcome == sample.Gone) {
			failed[s.N], all[s.N] = true, true
			if l.first == "" {
				l.first = s.Outcome
			}
		}
	}
	for _, s := range among(in.Main, cells) {
		all[s.N] = true
	}
	l.failed, l.all = len(failed), len(all)
	return l
}

// failureRates compares how often trials of two arms failed; "" where alike.
func (in Input) failureRates(of, to []int) string {
	if len(in.Failed) == 0 {
		return ""
	}
	a, b := in.lossesOf(of), in.lossesOf(to)
	p := stat.Fisher(a.failed, a.all, b.failed, b.all)
	if p >= ratesAlpha {
		return ""
	}
	return fmt.Sprintf("failure rates: %d of %s of %s failed and %d of %d of %s (Fisher's exact p %.2g): those that are left may be the lucky ones of one arm; look at the failures in trials.jsonl",
		a.failed, prose.Plural(a.all, "trial"), in.names(of), b.failed, b.all, in.names(to), p)
}

// names are those of cells, for a sentence.
func (in Input) names(cells []int) string { return strings.Join(in.list(cells), ", ") }

func (in Input) list(cells []int) []string {
	var names []string
	for _, c := range cells {
		names = append(names, in.Plan.Name(in.Plan.Cells[c]))
	}
	return names
}

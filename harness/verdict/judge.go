package verdict

import (
	"slices"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
)

// Judge says what the data say of each sub-claim of the plan, in file order.
// The same input gives the same Results.
func Judge(in Input) Results {
	ps := parts(in.Plan)
	r := Results{Version: Version, M: len(ps), Alpha: in.Plan.Spec.Design.Alpha(), Blocks: blocks(in.Main), Verdicts: []Verdict{}}
	main := in.look(ps, in.Main)
	first := main
	if !slices.EqualFunc(in.Main, in.First, sameAttempt) {
		first = in.look(ps, in.First)
	}
	otherwise := decide(first, len(ps), r.Alpha)
	for i, o := range decide(main, len(ps), r.Alpha) {
		v := in.write(ps[i], main[i], o)
		in.sensitivity(&v, main[i], first[i], otherwise[i])
		in.unanswered(&v, main[i], o)
		r.Verdicts = append(r.Verdicts, v)
	}
	r.Short = in.sayings(ps, r.Verdicts)
	r.Controls = in.controls()
	in.doubts(&r)
	for _, w := range stat.Ties(compared(main)) {
		r.warn(w)
	}
	return r
}

// compared are the comparisons that findings rest on.
func compared(fs []finding) (all []stat.Comparison) {
	for _, f := range fs {
		for _, s := range f.sides {
			if s.fixed == nil {
				all = append(all, s.cmp)
			}
		}
	}
	return all
}

// blocks is how many blocks hold a sample.
func blocks(samples []sample.Sample) int {
	seen := map[int]bool{}
	for _, s := range samples {
		if s.Block >= 0 && s.Counts() {
			seen[s.Block] = true
		}
	}
	return len(seen)
}

func sameAttempt(a, b sample.Sample) bool { return a.N == b.N && a.Attempt == b.Attempt }

// look finds out about every part what a set of samples says.
func (in Input) look(ps []part, samples []sample.Sample) []finding {
	fs := make([]finding, len(ps))
	for i, x := range ps {
		fs[i] = in.find(x, samples)
	}
	return fs
}

// A decision is a finding's word, and the level at which it is judged and shown.
type decision struct {
	word  Word
	rank  int
	fair  float64 // p after Holm
	alpha float64 // of Holm's step
	level float64 // of the intervals
}

// decide judges findings together: those that statistics must decide by Holm's
// procedure, m counting all. The others keep their word and take no rank, which
// makes the steps of the rest no laxer than they would be.
func decide(fs []finding, m int, family float64) []decision {
	ds := make([]decision, len(fs))
	var open []int
	var ps []float64
	for i, f := range fs {
		if f.word == "" {
			open, ps = append(open, i), append(ps, f.p)
		} else {
			ds[i] = decision{word: f.word, alpha: family / float64(max(m, 1))}
		}
	}
	fair := stat.HolmAdjusted(ps, m)
	for j, s := range stat.Holm(ps, m, family) {
		f := fs[open[j]]
		d := decision{word: Inconclusive, rank: s.Rank, fair: fair[j], alpha: s.Alpha}
		if s.Decided {
			d.word = f.leans
		}
		ds[open[j]] = d
	}
	for i := range ds {
		share := float64(len(fs[i].sides))
		if ds[i].word == Supported || share == 0 {
			share = 1
		}
		ds[i].level = 1 - ds[i].alpha/share
	}
	return ds
}

// combine is the rule for several sides: all inside at alpha, or one outside at
// alpha over their number.
func combine(sides []side) (p float64, leans Word) {
	inside, outside := 0.0, 1.0
	all := true
	for _, s := range sides {
		switch s.place {
		case stat.Inside:
			inside = max(inside, s.p)
			continue
		case stat.Outside:
			outside = min(outside, s.p*float64(len(sides)))
		}
		all = false
	}
	if all {
		return inside, Supported
	}
	if slices.ContainsFunc(sides, func(s side) bool { return s.place == stat.Outside }) {
		return outside, Refuted
	}
	return 1, Inconclusive
}

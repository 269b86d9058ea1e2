package verdict

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
)

// A difference between the arms' taint or failure rates counts from this p of
// Fisher's exact test.
const ratesAlpha = 0.05

// sensitivity holds a verdict against the first attempts: where they say
// otherwise, or where one arm was tainted more often than the other, so that its
// repeats were a selection, it is inconclusive.
func (in Input) sensitivity(v *Verdict, f, first finding, d decision) {
	if len(f.sides) == 0 || f.exact {
		return
	}
	of, to := f.cells()
	cells := slices.Concat(append([][]int{of}, to...)...)
	main := among(in.Main, cells)
	if !slices.Equal(attempts(main), attempts(among(in.First, cells))) {
		v.Sensible = string(d.word)
		v.over(first, d)
		if d.word != v.Word {
			v.doubt("on first attempts alone it is " + string(d.word))
		}
	}
	for _, denominator := range to {
		if text := in.taintRates(of, denominator); text != "" {
			v.doubt(text)
		}
		if text := in.failureRates(of, denominator); text != "" {
			v.warn(text)
		}
	}
	if text := adopted(main); text != "" {
		v.warn(text)
	}
}

// over notes what the first attempts alone measured of each side.
func (v *Verdict) over(first finding, d decision) {
	for i := range v.Sides {
		if i < len(first.sides) && first.sides[i].fixed == nil {
			s := first.sides[i].write(d)
			v.Sides[i].First = &First{Estimate: s.Estimate, Lo: s.Lo, Hi: s.Hi, Level: d.level, N: s.N}
		}
	}
}

// doubt makes a verdict inconclusive and says why first.
func (v *Verdict) doubt(why string) {
	if v.Word == Supported || v.Word == Refuted {
		v.Why = fmt.Sprintf("%s on clean attempts, but %s; %s", v.Word, why, v.Why)
		v.Word = Inconclusive
		return
	}
	v.remark("sensitivity: " + why)
}

// cells are those of the numerator, and of each denominator.
func (f finding) cells() (of []int, to [][]int) {
	for _, s := range f.sides {
		pairs := [][]stat.Pair{s.cmp.Pairs}
		for _, c := range cellsOf(pairs, ofCell) {
			if !slices.Contains(of, c) {
				of = append(of, c)
			}
		}
		if cells := cellsOf(pairs, toCell); len(cells) > 0 {
			to = append(to, cells)
		}
	}
	slices.Sort(of)
	return of, to
}

// attempts says which attempt of which trial samples are, sorted.
func attempts(samples []*sample.Sample) [][2]int {
	ids := make([][2]int, len(samples))
	for i, s := range samples {
		ids[i] = [2]int{s.N, s.Attempt}
	}
	slices.SortFunc(ids, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	return ids
}

// taintRates compares how often first attempts of two arms were tainted.
func (in Input) taintRates(of, to []int) string {
	a, b := among(in.First, of), among(in.First, to)
	x, kinds := tainted(a)
	y, more := tainted(b)
	if p := stat.Fisher(x, len(a), y, len(b)); p < ratesAlpha {
		if x == 0 {
			kinds = more
		}
		return fmt.Sprintf("%d of %s of %s were tainted and %d of %d of %s (%s; Fisher's exact p %.2g): what disturbed one arm is not noise",
			x, prose.Plural(len(a), "trial"), in.names(of), y, len(b), in.names(to), kinds, p)
	}
	return ""
}

// adopted says how many of some samples stand in the analysis though they are tainted;
// empty for none.
func adopted(samples []*sample.Sample) string {
	n, kinds := tainted(samples)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("taints: %s without a clean attempt in the analysis all the same (%s); see the thresholds, and run it on a quieter machine", prose.Plural(n, "trial"), kinds)
}

// tainted counts samples with taints and names the kinds.
func tainted(samples []*sample.Sample) (n int, kinds string) {
	seen := map[string]bool{}
	for _, s := range samples {
		if len(s.Taints) > 0 {
			n++
		}
		for _, t := range s.Taints {
			seen[t.Kind] = true
		}
	}
	return n, strings.Join(slices.Sorted(maps.Keys(seen)), ", ")
}

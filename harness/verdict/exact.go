package verdict

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
)

// exactly decides a claim on values without noise: all trials of a cell must
// agree, and then the value itself lies in the region or does not. All matched
// pairs must lie on the same side of it.
func (in Input) exactly(qs []stat.Question, to []string, reg stat.Region, pairs [][]stat.Pair, samples []sample.Sample) finding {
	f := finding{exact: true}
	var seen []string
	for i, q := range qs {
		s := side{to: to[i], region: reg}
		for _, x := range pairs[i] {
			one := q
			one.Without = in.allBut(x)
			c, err := stat.Compare(in.Plan, samples, one)
			if errors.Is(err, stat.ErrNoBlocks) {
				return settled(Inconclusive, "%s", in.unmeasured(pairs[i], err))
			} else if err != nil {
				return settled(Inconclusive, "%v", err)
			}
			for _, r := range c.Readings() {
				if why := doubtful(q.Metric, r); why != "" {
					return settled(Inconclusive, "%s", why)
				}
				if text := fmt.Sprintf("%s %s in %s", r.Name, plain(r.Values[0]), prose.Plural(r.Trials, "trial")); !slices.Contains(seen, text) {
					seen = append(seen, text)
				}
			}
			s.add(x, c)
		}
		if s.place == stat.Straddles {
			return settled(Inconclusive, "%s lies inside the region for some matched pairs and outside for others (%s): split the claim with each:", q.Metric, strings.Join(seen, "; "))
		}
		f.sides = append(f.sides, s)
	}
	_, f.word = combine(f.sides)
	f.why = fmt.Sprintf("%s, exact: %s", qs[0].Metric, strings.Join(seen, "; "))
	if why := in.givenUp(pairs); why != "" {
		f.remarks = append(f.remarks, why+" (what was measured before agrees)")
	}
	return f
}

// add takes in the exact value of one pair. It is worked out from the readings
// themselves: the logarithms of a Comparison would cost the last digit.
func (s *side) add(x stat.Pair, c stat.Comparison) {
	at := map[int]float64{}
	for _, r := range c.Readings() {
		at[r.Cell] = r.Values[0]
	}
	v := at[x.Of]
	switch c.Quantity {
	case stat.Ratio:
		v /= at[x.To]
	case stat.Difference:
		v -= at[x.To]
	}
	if s.fixed == nil {
		s.fixed, s.cmp = &stat.Interval{Lo: v, Hi: v}, c
		for i := range s.cmp.Points {
			s.cmp.Points[i].Effect = v
		}
		s.place = s.region.Place(*s.fixed)
		return
	}
	s.fixed.Lo, s.fixed.Hi = min(s.fixed.Lo, v), max(s.fixed.Hi, v)
	if s.region.Place(stat.Interval{Lo: v, Hi: v}) != s.place {
		s.place = stat.Straddles
	}
}

// doubtful says why a cell's exact value is not to be believed; "" where it is.
func doubtful(metric string, r stat.Reading) string {
	if len(r.Values) > 1 {
		return fmt.Sprintf("%s is exact, yet %d trials of %s gave %s", metric, r.Trials, r.Name, list(r.Values))
	}
	if r.Trials < spec.Repetitions {
		return fmt.Sprintf("%s of %s: needs %d repetitions that agree, has %d", metric, r.Name, spec.Repetitions, r.Trials)
	}
	return ""
}

// allBut leaves only the cells of one pair.
func (in Input) allBut(x stat.Pair) map[int]bool {
	out := map[int]bool{}
	for c := range in.Plan.Cells {
		if c != x.Of && c != x.To {
			out[c] = true
		}
	}
	return out
}

// list shows distinct values, the first few of them.
func list(vs []float64) string {
	var words []string
	for _, v := range vs {
		words = append(words, plain(v))
	}
	return prose.Few(words, 8)
}

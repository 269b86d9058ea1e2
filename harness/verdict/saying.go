package verdict

import (
	"math"
	"strings"

	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// A Saying is a claim in one line, its sub-claims apart and what was measured
// last: "faster: supported; by 20 to 25 %: refuted (2 %, 1 to 3)". The interval
// is that of the last sub-claim which has one.
type Saying struct {
	Claim string `json:"claim"`
	Case  string `json:"case,omitempty"`
	Text  string `json:"text"`
}

// sayings are those of all claims. Parts and verdicts stand in the same order,
// the parts of one claim and case one after another.
func (in Input) sayings(ps []part, vs []Verdict) []Saying {
	var all []Saying
	at := map[[2]string]int{}
	measured := map[int]string{}
	for i, v := range vs {
		key := [2]string{v.Claim, v.Case}
		j, further := at[key]
		if !further {
			j = len(all)
			at[key] = j
			all = append(all, Saying{Claim: v.Claim, Case: v.Case})
		} else {
			all[j].Text += "; "
		}
		d := in.directed(ps[i])
		all[j].Text += d.phrase(ps[i].rel, further && ps[i].name == "magnitude") + ": " + string(v.Word)
		if text := d.measured(v, ps[i].rel); text != "" {
			measured[j] = " (" + text + ")"
		}
	}
	for j := range all {
		all[j].Text += measured[j]
	}
	return all
}

// A directed quantity is how a relation's numbers are put into words: a ratio as
// the percentage by which it is above or below 1.
type directed struct {
	less, more string // "faster", "slower"
	down       bool   // percentages count downwards: 0.8 is 20
	unit       string // of what is no ratio
}

func (in Input) directed(x part) directed {
	d := directed{less: "lower", more: "higher", down: below(x.rel)}
	metric := x.claim.Compare.Metric.Text
	m, _ := in.metric(metric)
	top, per, _ := strings.Cut(metric, "/")
	switch unit := top[strings.LastIndexByte(top, '-')+1:]; {
	case m.Better != wire.Higher && (unit == "ns" || unit == "sec"):
		d.less, d.more = "faster", "slower"
	case m.Better != wire.Lower && per == "s":
		d.less, d.more = "slower", "faster"
	}
	if x.rel.Quantity == spec.Difference || x.rel.Quantity == spec.Value {
		d.unit = " " + metric
	}
	return d
}

// below says whether a relation is about ratios under 1: a bound of 1 itself is
// on the side to which the region opens.
func below(r spec.Relation) bool {
	switch {
	case r.Lo.Inf:
		return r.Hi.Value <= 1
	case r.Hi.Inf:
		return r.Lo.Value < 1
	}
	return r.Hi.Value <= 1 && r.Lo.Value < 1
}

// phrase is a relation in words. A further one leaves out the word that another
// part of its claim has said.
func (d directed) phrase(r spec.Relation, further bool) string {
	if r.Quantity != spec.Ratio {
		return r.Text
	}
	word := d.more + " "
	if d.down {
		word = d.less + " "
	}
	if further {
		word = ""
	}
	a, b := d.percents(r.Lo.Value, r.Hi.Value)
	switch {
	case r.Lo == r.Hi && r.Lo.Value == 1:
		return "equal"
	case r.Lo == r.Hi:
		return word + "by " + a + " %"
	case !r.Lo.Inf && !r.Hi.Inf && r.Lo.Value < 1 && r.Hi.Value > 1:
		return "changed by " + a + " to " + b + " %"
	case !r.Lo.Inf && !r.Hi.Inf:
		return word + "by " + a + " to " + b + " %"
	}
	return d.open(r, word)
}

// open is a region with one bound, which lies before or beyond 1.
func (d directed) open(r spec.Relation, word string) string {
	bound, far := r.Hi.Value, r.Hi.Value < 1
	if r.Hi.Inf {
		bound, far = r.Lo.Value, r.Lo.Value > 1
	}
	by, _ := d.percents(bound, bound)
	switch {
	case bound == 1 && word == "":
		return r.Text
	case bound == 1:
		return strings.TrimSpace(word)
	case far:
		return word + "by more than " + by + " %"
	}
	return word + "by less than " + by + " %"
}

// percents are two ratios as percentages, the smaller first.
func (d directed) percents(a, b float64) (string, string) {
	x, y := d.percent(a), d.percent(b)
	return few(min(x, y), everything), few(max(x, y), everything)
}

func (d directed) percent(ratio float64) float64 {
	if d.down {
		return 100 * (1 - ratio)
	}
	return 100 * (ratio - 1)
}

// measured is the estimate and interval of each side: "2 %, 1 to 3".
func (d directed) measured(v Verdict, r spec.Relation) string {
	var parts []string
	for _, s := range v.Sides {
		text := d.side(s, r)
		if len(v.Sides) > 1 {
			text = "over " + s.To + " " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func (d directed) side(s Side, r spec.Relation) string {
	region := stat.Region{Lo: bound(s.RegionLo), Hi: bound(s.RegionHi)}
	show := func(v float64) string { return number(v, region) }
	unit := d.unit
	if r.Quantity == spec.Ratio {
		unit = " %"
		region = d.region(region)
		show = func(v float64) string { return few(d.percent(v), region) }
	}
	text := show(s.Estimate) + unit
	switch {
	case s.Lo == nil || s.Hi == nil:
		return text + ", no finite interval"
	case *s.Lo == *s.Hi:
		return text
	case d.down && r.Quantity == spec.Ratio:
		return text + ", " + show(*s.Hi) + " to " + show(*s.Lo)
	}
	return text + ", " + show(*s.Lo) + " to " + show(*s.Hi)
}

// region is one of ratios in percentages.
func (d directed) region(r stat.Region) stat.Region {
	lo, hi := r.Lo, r.Hi
	lo.Value, hi.Value = d.percent(lo.Value), d.percent(hi.Value)
	if d.down {
		lo, hi = hi, lo
	}
	return stat.Region{Lo: lo, Hi: hi}
}

// few shows a percentage with two digits or three, more where it takes them to
// show it on its side of a region's bounds.
func few(v float64, r stat.Region) string {
	v = math.Round(v*1e9) / 1e9 // 1 - 0.8 is a little less than a fifth
	decimals := 2
	switch a := math.Abs(v); {
	case a >= 10:
		decimals = 0
	case a >= 1:
		decimals = 1
	}
	text := onItsSide(v, decimals, r)
	if strings.Contains(text, ".") && !strings.Contains(text, "e") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "-0" {
		return "0"
	}
	return text
}

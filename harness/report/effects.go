package report

import (
	"strings"

	"github.com/assaylab/assay/harness/verdict"
)

// An Effect is one within-block comparison. Ratios and shares of trials stand
// as such, differences and values in the metric's unit.
type Effect struct {
	Claim       string       `json:"claim,omitempty"` // id and part, where a claim asked for it
	Word        verdict.Word `json:"verdict,omitempty"`
	Exploratory bool         `json:"exploratory,omitempty"` // nobody predicted it
	Benchmark   string       `json:"benchmark,omitempty"`   // of several that have the metric
	Metric      string       `json:"metric"`
	Of          string       `json:"of"`
	To          string       `json:"to,omitempty"`
	Quantity    string       `json:"quantity"` // ratio, difference, value or share
	Estimate    float64      `json:"estimate"`
	Lo          *float64     `json:"lo"` // nil is unbounded
	Hi          *float64     `json:"hi"`
	Level       float64      `json:"level"`           // of the interval: 0.95
	Exact       bool         `json:"exact,omitempty"` // repetition agreed: no interval, no p
	N           int          `json:"n"`               // blocks
	P           *float64     `json:"p,omitempty"`
	Fair        *float64     `json:"p-adjusted,omitempty"` // of the sub-claim after Holm; one for all its sides
	Q           *float64     `json:"q,omitempty"`          // p after Benjamini-Hochberg over the exploratory effects
	Smallest    float64      `json:"smallest-detectable,omitempty"`
	Needed      int          `json:"blocks-needed,omitempty"`

	Bootstrap *verdict.Bootstrap `json:"bootstrap,omitempty"` // at the same Level; decides nothing

	// Interaction marks a ratio of two ratios: Of over To is the same comparison
	// at two levels of another factor, 1 where the factors do not interact.
	Interaction bool `json:"interaction,omitempty"`
}

// effectsOf lists the sides of all verdicts, then what else was compared.
func effectsOf(in Input) []Effect {
	var es []Effect
	for _, v := range in.Verdicts.Verdicts {
		for _, s := range v.Sides {
			e := Effect{
				Claim: v.Claim + " " + part(v), Word: v.Word, Benchmark: v.Line, Metric: v.Metric, Of: v.Of, To: s.To, Quantity: quantity(v.Relation),
				Estimate: s.Estimate, Lo: s.Lo, Hi: s.Hi, Level: v.Level, N: s.N, Exact: v.Exact, Smallest: s.Smallest, Needed: s.Needed, Bootstrap: s.Bootstrap,
			}
			if !v.Exact {
				e.P, e.Fair = &s.P, v.Fair
			}
			es = append(es, e)
		}
	}
	return append(es, in.Effects...)
}

// part names a sub-claim within its claim: "direction, gomaxprocs=2".
func part(v verdict.Verdict) string {
	if v.Case == "" {
		return v.Part
	}
	return v.Part + ", " + v.Case
}

// quantity is the first word of a relation: ratio, difference, value or share.
func quantity(relation string) string {
	q, _, _ := strings.Cut(strings.TrimSpace(relation), " ")
	return q
}

// Exploratory counts what was looked at without having been predicted.
type Exploratory struct {
	Declared int `json:"declared"` // sub-claims that share the family-wise error
	Compared int `json:"compared"` // effects that nobody predicted
	Found    int `json:"found"`    // of these, with q at or below the same error

	// Below counts those whose own p is at or below the error; Expected is how many
	// would be by chance alone if there were no effect anywhere.
	Below    int     `json:"below"`
	Expected float64 `json:"expected-false-alarms"`
}

func exploratoryOf(es []Effect, v verdict.Results) Exploratory {
	x := Exploratory{Declared: v.M}
	for _, e := range es {
		if e.Exploratory {
			x.Compared++
			x.Expected = v.Alpha * float64(x.Compared)
			if e.P != nil && *e.P <= v.Alpha {
				x.Below++
			}
			if e.Q != nil && *e.Q <= v.Alpha {
				x.Found++
			}
		}
	}
	return x
}

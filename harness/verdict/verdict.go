// Package verdict says what the data say of each claim.
//
//  1. [Count] is m, the number of sub-claims that an experiment declares.
//  2. [Judge] looks at every sub-claim and gives each one of five words.
//  3. [Results.Gate] turns them into an exit code, [Precision] into a reason to stop.
//
// One rule makes number and picture agree: the p of a sub-claim is the smallest
// alpha at which its interval lies wholly inside or wholly outside its region,
// and Holm's procedure sets the level at which that interval is judged and shown.
//
// A claim against several denominators holds only if it holds against all. It is
// supported where all intervals lie inside at 1-alpha (an intersection-union
// test needs no correction), refuted where one of k lies outside at 1-alpha/k.
// So its intervals are shown at 1-alpha where it is supported and at 1-alpha/k
// otherwise, and again the picture decides what the word says.
package verdict

import (
	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/stat"
)

// Version is that of the analysis: what verdicts.json was made by. Results say so
// where a run was planned for another.
const Version = plan.Analysis

// A Word is one of the five verdicts.
type Word string

const (
	Supported    Word = "supported"    // the interval lies inside the region
	Refuted      Word = "refuted"      // the interval lies outside the region
	Inconclusive Word = "inconclusive" // it does neither
	Invalid      Word = "invalid"      // a knob was not in force
	NotTestable  Word = "not testable here"
)

// Results is verdicts.json.
type Results struct {
	Version  int       `json:"version"`            // of the analysis
	M        int       `json:"m"`                  // declared sub-claims, the untestable ones counted
	Alpha    float64   `json:"alpha"`              // family-wise error that the sub-claims share: [spec.Design.Alpha]
	Blocks   int       `json:"blocks"`             // with at least one sample
	Verdicts []Verdict `json:"verdicts"`           // in file order
	Short    []Saying  `json:"in-short,omitempty"` // one a claim and case, in file order
	Controls []Control `json:"controls,omitempty"`
	Warnings []string  `json:"warnings,omitempty"` // doubts that concern no single claim
}

// A Verdict is what the data say of one sub-claim.
type Verdict struct {
	Claim    string   `json:"claim"`          // its id
	Part     string   `json:"part"`           // direction, magnitude or predict
	Case     string   `json:"case,omitempty"` // "gomaxprocs=2", where each splits
	Source   string   `json:"source"`         // "Title, 3.2"
	Says     string   `json:"says"`
	Relation string   `json:"relation"`            // as written: "ratio < 1"
	Metric   string   `json:"metric"`              // as the workload prints it
	Line     string   `json:"benchmark,omitempty"` // the benchmark whose line has it, where the claim names one
	Of       string   `json:"of"`                  // "thp=madvise"
	Word     Word     `json:"verdict"`
	Why      string   `json:"why"`                // one sentence: the number that decided
	Remarks  []string `json:"remarks,omitempty"`  // equivalent; mechanism idle; other scale; sensitivity
	Warnings []string `json:"warnings,omitempty"` // doubts: drift, modes, autocorrelation, taints

	P     *float64 `json:"p,omitempty"`          // smallest alpha that decides; nil where statistics did not
	Fair  *float64 `json:"p-adjusted,omitempty"` // P after Holm over all M: decided where it is at most Alpha
	Rank  int      `json:"rank,omitempty"`       // k: this is the k-th smallest p of M; 0 where P is nil
	Level float64  `json:"level,omitempty"`      // what the intervals below are drawn at; 0 where there are none

	// Level is 1 - Alpha/(M-k+1), with k no larger than the rank at which Holm's
	// procedure stopped; of several sides that are not all inside, 1 - Alpha/(M-k+1)/sides.

	Sides    []Side `json:"sides,omitempty"`       // one per denominator; one for a value
	Exact    bool   `json:"exact,omitempty"`       // decided by repetition that agreed
	Sensible string `json:"sensitivity,omitempty"` // the word over first attempts only, where attempts differ
}

// A Side is one comparison of a sub-claim.
type Side struct {
	To       string   `json:"to,omitempty"` // "thp=never"
	Estimate float64  `json:"estimate"`     // ratio or share as such; difference or value in the metric's own unit
	Lo       *float64 `json:"lo"`           // interval at Level, widened by the metric's resolution; nil is unbounded
	Hi       *float64 `json:"hi"`
	RegionLo *float64 `json:"region-lo"` // the claim's region, in the same unit; nil is unbounded
	RegionHi *float64 `json:"region-hi"`
	N        int      `json:"n"`                             // blocks used
	P        float64  `json:"p"`                             // smallest alpha at which this interval decides; 0 where it is exact
	Smallest float64  `json:"smallest-detectable,omitempty"` // half-width at Level: a ratio's as a share (0.03), else in the unit
	Needed   int      `json:"blocks-needed,omitempty"`       // estimate of the blocks that would settle it; 0 where it is settled or can't be told
	Blocks   []Point  `json:"blocks"`                        // the effect of each block, for plots

	First     *First     `json:"first-attempts,omitempty"` // the same over first attempts only, where these differ
	Bootstrap *Bootstrap `json:"bootstrap,omitempty"`      // beside Lo and Hi at the same level; nil under 15 blocks, or where not asked for
}

// A First is what a side's first attempts measured, tainted ones among them. Where
// a disturbance was noticed in one arm only, repeating its trials has made the
// main analysis a selection, and this is the fair one.
type First struct {
	Estimate float64  `json:"estimate"`
	Lo       *float64 `json:"lo"` // at Level, nil is unbounded
	Hi       *float64 `json:"hi"`
	Level    float64  `json:"level"`
	N        int      `json:"n"`
}

// A Bootstrap is a BCa interval over blocks. No verdict rests on it.
type Bootstrap struct {
	Lo   float64 `json:"lo"`
	Hi   float64 `json:"hi"`
	Note string  `json:"note"` // BootstrapNote: the numbers may travel without their table
}

// BootstrapNote stands beside every bootstrap interval.
const BootstrapNote = "not used for verdicts"

// bootstrapOf is the interval of an effect at a level; nil where none is shown.
func bootstrapOf(e stat.Effect, level float64) *Bootstrap {
	i, ok := e.Bootstrap(level)
	if !ok {
		return nil
	}
	return &Bootstrap{Lo: clamped(i.Lo), Hi: clamped(i.Hi), Note: BootstrapNote}
}

// A Point is the effect within one block: a ratio, difference or value.
type Point struct {
	Block  int     `json:"block"`
	Effect float64 `json:"effect"`
}

// A Control is an arm that tests the instrument.
type Control struct {
	Arm    string  `json:"arm"` // aa or positive
	Metric string  `json:"metric"`
	Of     string  `json:"of"`
	OK     bool    `json:"ok"`                   // aa: the interval covers 1; positive: it covers the injected ratio and leaves out 1
	Open   bool    `json:"not-judged,omitempty"` // there is no interval to judge it by: Why says what it needs
	Why    string  `json:"why"`
	Side   Side    `json:"side"`
	Level  float64 `json:"level"`
}

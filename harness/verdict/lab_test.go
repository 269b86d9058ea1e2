package verdict

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// metric is the one that most tests compare.
const metric = "gc-mark-cpu-ns/cycle"

// pick is a selection from "thp=never gogc=50".
func pick(text string) (s spec.Selection) {
	for _, word := range strings.Fields(text) {
		key, level, _ := strings.Cut(word, "=")
		s = append(s, spec.Setting{Key: spec.Scalar{Text: key}, Level: spec.Scalar{Text: level}})
	}
	return s
}

// rel reads the four operators, without the checks of an experiment file.
func rel(text string) *spec.Relation {
	words := strings.Fields(text)
	r := spec.Relation{Text: text, Quantity: spec.Quantity(words[0])}
	number := func(s string) float64 { v, _ := strconv.ParseFloat(s, 64); return v }
	switch words[1] {
	case "<":
		r.Lo, r.Hi = spec.Bound{Inf: true}, spec.Bound{Value: number(words[2])}
	case ">":
		r.Lo, r.Hi = spec.Bound{Value: number(words[2])}, spec.Bound{Inf: true}
	case "==":
		r.Lo = spec.Bound{Value: number(words[2]), Closed: true}
		r.Hi = r.Lo
	case "within":
		a, b, _ := strings.Cut(words[2], "..")
		r.Lo, r.Hi = spec.Bound{Value: number(a), Closed: true}, spec.Bound{Value: number(b), Closed: true}
	}
	if len(words) > 3 {
		r.Unit = words[3]
	}
	return &r
}

// claim compares two sides; to may hold several, separated by "|".
func claim(id, of, to, direction, magnitude string) spec.Claim {
	c := spec.Claim{ID: spec.Scalar{Text: id}, Source: spec.Source{Title: "Paper", Section: "3.2"}, Says: "So it is.",
		Compare: spec.Compare{Metric: spec.Scalar{Text: metric}, Of: pick(of)}}
	for _, t := range strings.Split(to, "|") {
		if t != "" {
			c.Compare.To = append(c.Compare.To, pick(t))
		}
	}
	if direction != "" {
		c.Direction = rel(direction)
	}
	if magnitude != "" {
		c.Magnitude = rel(magnitude)
	}
	return c
}

// lab is a plan over thp (never, madvise, always) and more factors "key=a,b".
func lab(claims []spec.Claim, factors ...string) Input {
	p := plan.Plan{Analysis: plan.Analysis, Fixed: map[string]string{"param.live-heap": "64MiB"}, Spec: spec.Experiment{Claims: claims}}
	cells := []map[string]string{{}}
	for _, f := range append([]string{"thp=never,madvise,always"}, factors...) {
		key, levels, _ := strings.Cut(f, "=")
		factor := plan.Factor{Key: key, Levels: strings.Split(levels, ",")}
		p.Factors = append(p.Factors, factor)
		var next []map[string]string
		for _, c := range cells {
			for _, l := range factor.Levels {
				m := maps.Clone(c)
				m[key] = l
				next = append(next, m)
			}
		}
		cells = next
	}
	for i, c := range cells {
		p.Cells = append(p.Cells, plan.Cell{Index: i, Arm: plan.ArmMain, Levels: c})
	}
	return Input{Plan: p, Metrics: []wire.Metric{{Unit: metric, Better: wire.Lower, Primary: true}}}
}

// arm adds a control arm that repeats the first cell.
func (in *Input) arm(arm string, inject float64) {
	c := in.Plan.Cells[0]
	c.Index, c.Arm, c.Inject = len(in.Plan.Cells), arm, inject
	in.Plan.Cells = append(in.Plan.Cells, c)
	if arm == plan.ArmPositive {
		in.Plan.Spec.Design.Controls.Positive = &spec.Positive{Inject: inject, Metric: spec.Scalar{Text: metric}}
	}
}

// fill gives every cell one clean trial in each of n blocks, as main and first attempt.
func (in *Input) fill(n int, value func(block, cell int) float64) {
	for b := range n {
		for c := range in.Plan.Cells {
			in.Main = append(in.Main, trial(in.Plan, b, c, value(b, c)))
		}
	}
	in.First = append([]sample.Sample(nil), in.Main...)
}

func trial(p plan.Plan, block, cell int, v float64) sample.Sample {
	return sample.Sample{N: block*len(p.Cells) + cell, Block: block, Cell: cell, Attempt: 1, Env: "host", Session: 1,
		Outcome: sample.OK, Window: sample.Measured, File: "samples.txt",
		Lines: []sample.Line{{Name: "GCChurn", Iters: 1, Values: []sample.Value{{Value: v, Unit: metric}}}}}
}

// wobble is noise of a trial between -s and s, the same in every run of the tests.
func wobble(block, cell int, s float64) float64 {
	return s * (2*rand.New(rand.NewPCG(uint64(block), uint64(cell))).Float64() - 1)
}

// by gives each cell a level with some wobble.
func by(s float64, levels ...float64) func(block, cell int) float64 {
	return func(b, c int) float64 { return levels[c%len(levels)] * (1 + wobble(b, c, s)) }
}

func only(t *testing.T, r Results) Verdict {
	t.Helper()
	if len(r.Verdicts) != 1 {
		t.Fatalf("%d verdicts, want 1", len(r.Verdicts))
	}
	return r.Verdicts[0]
}

func checkWord(t *testing.T, v Verdict, want Word) {
	t.Helper()
	if v.Word != want {
		t.Errorf("%s %s%s: %s, want %s (%s)", v.Claim, v.Part, v.Case, v.Word, want, v.Why)
	}
}

// checkHas fails where no text of a list holds want.
func checkHas(t *testing.T, what string, list []string, want string) {
	t.Helper()
	for _, text := range list {
		if strings.Contains(text, want) {
			return
		}
	}
	t.Errorf("%s: want %q in %s", what, want, fmt.Sprintf("%q", list))
}

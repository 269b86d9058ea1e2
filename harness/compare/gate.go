package compare

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchunit"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/stat"
	"github.com/assaylab/assay/workloads/wire"
)

// A Gate says whether anything got worse by more than a threshold. It is one
// claim against k rows, "none got worse": it passes where every row's interval at
// 1 - 0.05 lies within the threshold (all must hold, which needs no correction),
// and fails where one row's at 1 - 0.05/k lies beyond it.
type Gate struct {
	Threshold float64   `json:"threshold"` // a share: 0.03
	Word      GateWord  `json:"gate"`
	Why       string    `json:"why,omitempty"` // where no row decided
	K         int       `json:"k"`             // rows looked at
	Metrics   []string  `json:"metrics"`
	Rows      []GateRow `json:"rows,omitempty"`    // that keep it from passing, the worst first
	Missing   []Lone    `json:"missing,omitempty"` // with one of these metrics in A, and not in B
}

// A GateRow is a row that keeps a gate from passing.
type GateRow struct {
	Name   string   `json:"name"`
	Metric string   `json:"metric"`
	Word   GateWord `json:"gate"`
	Lo     *float64 `json:"lo"` // the interval that decided, at Level; nil is unbounded
	Hi     *float64 `json:"hi"`
	Level  float64  `json:"level"`
	Limit  float64  `json:"limit"` // the effect from which it is worse
}

// A GateWord is what a gate says of all, or of one row.
type GateWord string

const (
	Passes  GateWord = "nothing got worse"
	Fails   GateWord = "worse"
	TooWide GateWord = "can't be told"
)

// Code is the exit code: 0, 3 for what got worse, 4 for what can't be told.
func (g Gate) Code() int {
	switch g.Word {
	case Fails:
		return 3
	case TooWide:
		return 4
	}
	return 0
}

// Gate judges the rows of some metrics; of the primary ones and those that claims
// name where none is given. Where there are none such it takes all with a known
// direction but the harness's own counters, which are there to explain times.
// threshold is a share. The error says that nothing of the kind is there.
func (r Result) Gate(threshold float64, metrics []string) (Gate, error) {
	rows, err := r.gated(metrics)
	if err != nil {
		return Gate{}, err
	}
	g := Gate{Threshold: threshold, Word: Passes, K: len(rows)}
	for _, x := range rows {
		if !slices.Contains(g.Metrics, x.Metric) {
			g.Metrics = append(g.Metrics, x.Metric)
		}
		if word, at := x.judge(threshold, len(rows)); word != Passes {
			g.Rows = append(g.Rows, x.shown(word, at, threshold))
		}
	}
	for _, l := range r.OnlyA {
		if slices.ContainsFunc(l.Metrics, func(m string) bool { return slices.Contains(g.Metrics, m) }) {
			g.Missing = append(g.Missing, l)
		}
	}
	slices.SortStableFunc(g.Rows, func(x, y GateRow) int { return b2i(y.Word == Fails) - b2i(x.Word == Fails) })
	switch {
	case r.emulated():
		g.Word, g.Why = TooWide, "one side was measured on an emulated CPU"
	case len(g.Rows) > 0:
		g.Word = g.Rows[0].Word
		if n := broken(rows); n > 0 && g.Word == TooWide {
			g.Why = fmt.Sprintf("%s of %d can be no measurement", prose.Plural(n, "row"), len(rows))
		}
	case len(g.Missing) > 0:
		g.Word = TooWide
	}
	return g, nil
}

// broken counts the rows with values that no measurement gives.
func broken(rows []Row) int {
	n := 0
	for _, x := range rows {
		n += b2i(len(x.Impossible) > 0)
	}
	return n
}

// emulated says whether one side ran on an emulated CPU and the other did not.
func (r Result) emulated() bool {
	return slices.ContainsFunc(r.Differences, func(d Difference) bool { return strings.HasPrefix(d.What, kinds[0].what) })
}

// gated are the rows that a gate looks at.
func (r Result) gated(metrics []string) ([]Row, error) {
	var primary, own, directed, named []Row
	for _, x := range r.Rows {
		if x.Better == "" {
			continue
		}
		directed = append(directed, x)
		if x.Primary {
			primary = append(primary, x)
		}
		if !counter(x.Metric) {
			own = append(own, x)
		}
		if slices.ContainsFunc(metrics, func(m string) bool { return tidied(m) == tidied(x.Metric) }) {
			named = append(named, x)
		}
	}
	for _, m := range metrics {
		if !slices.ContainsFunc(named, func(x Row) bool { return tidied(x.Metric) == tidied(m) }) {
			return nil, Refusal{fmt.Sprintf("no row of %s with a known better direction (there are: %s)", m, strings.Join(units(directed), ", "))}
		}
	}
	switch {
	case len(named) > 0:
		return named, nil
	case len(primary) > 0:
		return primary, nil
	case len(own) > 0:
		return own, nil
	case len(directed) > 0:
		return directed, nil
	}
	return nil, Refusal{"no metric says which direction is better, so nothing can be called worse (a Unit line of the file says it: Unit ns/op better=lower)"}
}

func counter(unit string) bool {
	return slices.ContainsFunc(sample.Counters(), func(m wire.Metric) bool { return tidied(m.Unit) == tidied(unit) })
}

func tidied(unit string) string {
	_, t := benchunit.Tidy(1, unit)
	return t
}

func units(rows []Row) []string {
	var list []string
	for _, x := range rows {
		if !slices.Contains(list, x.Metric) {
			list = append(list, x.Metric)
		}
	}
	return list
}

// judge holds one of k rows against the threshold. level is that of the interval
// to be shown with the word.
func (r Row) judge(threshold float64, k int) (word GateWord, at float64) {
	worse := r.worse(threshold)
	if len(r.Impossible) > 0 {
		return TooWide, level
	}
	if r.Exact {
		if worse.Contains(r.of(r.B.Median, r.A.Median)) {
			return Fails, 1
		}
		return Passes, 1
	}
	p, place := r.effect.P(worse)
	switch each := alpha / float64(k); {
	case place == stat.Inside && p <= each:
		return Fails, 1 - each
	case place == stat.Outside && p <= alpha:
		return Passes, level
	}
	return TooWide, level
}

// worse is the region of effects that are worse by more than a threshold. What is
// better when higher is worse by 3 % where the same work would take 3 % longer: at
// 1/1.03. A difference is held against A's median.
func (r Row) worse(threshold float64) stat.Region {
	at := r.limit(threshold)
	if r.Better == wire.Higher {
		return stat.Region{Lo: stat.Bound{Inf: true}, Hi: stat.Bound{Value: at}}
	}
	return stat.Region{Lo: stat.Bound{Value: at}, Hi: stat.Bound{Inf: true}}
}

func (r Row) limit(threshold float64) float64 {
	switch higher := r.Better == wire.Higher; {
	case r.Quantity == stat.Ratio && higher:
		return 1 / (1 + threshold)
	case r.Quantity == stat.Ratio:
		return 1 + threshold
	case higher:
		return -threshold * max(r.A.Median, -r.A.Median)
	}
	return threshold * max(r.A.Median, -r.A.Median)
}

func (r Row) shown(word GateWord, at, threshold float64) GateRow {
	g := GateRow{Name: r.Name(), Metric: r.Metric, Word: word, Level: at, Limit: r.limit(threshold)}
	if r.Exact {
		v := r.of(r.B.Median, r.A.Median)
		g.Lo, g.Hi = stat.Finite(v), stat.Finite(v)
		return g
	}
	if i := r.effect.Interval(at); i.Bounded() {
		g.Lo, g.Hi = stat.Finite(i.Lo), stat.Finite(i.Hi)
	}
	return g
}

// Name shows a row's benchmark and cell.
func (r Row) Name() string {
	if r.Cell == "" {
		return r.Benchmark
	}
	return r.Benchmark + " " + r.Cell
}

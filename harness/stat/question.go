package stat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/workloads/wire"
)

// A Quantity is what is compared.
type Quantity string

const (
	Ratio      Quantity = "ratio"      // of / to
	Difference Quantity = "difference" // of - to, in the metric's unit
	Value      Quantity = "value"      // of alone
	Share      Quantity = "share"      // of alone: blocks whose trial is above 0, of all
)

// alone says whether there is but one side.
func (q Quantity) alone() bool { return q == Value || q == Share }

// A Question is one comparison of two sides of a plan. A key that is in neither
// Of nor To is matched: cells are paired over equal other levels.
type Question struct {
	Metric    string // a unit; "ns/op" also finds "sec/op" and the other way round, answers are in Metric
	Benchmark string // a line's name, without "Benchmark"; empty where one name holds the metric
	Quantity  Quantity

	Of, To       map[string]string // key -> canonical level; To is ignored for a Value or Share
	OfArm, ToArm string            // empty for plan.ArmMain
	Fix          map[string]string // levels that both sides share: one case of an "each"
	Without      map[int]bool      // cells to leave out, with the pairs they are in

	Resolution wire.Resolution // of the metric, Absolute in units of Metric
}

// A Pair is a cell of each side; To is -1 for a Value or Share.
type Pair struct{ Of, To int }

// Pairs are the matched cells of a question, in the order of the plan. The
// error says which side names no cell, or that the sides are the same cell.
func (q Question) Pairs(p plan.Plan) ([]Pair, error) {
	of := q.side(p, q.Of, q.OfArm)
	if len(of) == 0 {
		return nil, fmt.Errorf("no cell has %s", q.show(q.Of))
	}
	if q.Quantity.alone() {
		pairs := make([]Pair, len(of))
		for i, c := range of {
			pairs[i] = Pair{Of: c.Index, To: -1}
		}
		return pairs, nil
	}
	to := q.side(p, q.To, q.ToArm)
	if len(to) == 0 {
		return nil, fmt.Errorf("no cell has %s", q.show(q.To))
	}
	var pairs []Pair
	for _, a := range of {
		for _, b := range to {
			if !q.matched(p, a, b) {
				continue
			}
			if a.Index == b.Index {
				return nil, fmt.Errorf("of and to are the same cell, %s: nothing is compared", p.Name(a))
			}
			pairs = append(pairs, Pair{Of: a.Index, To: b.Index})
		}
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("no cell with %s has a partner with %s at equal other levels", q.show(q.Of), q.show(q.To))
	}
	return pairs, nil
}

// side are the cells of one arm that have the levels named.
func (q Question) side(p plan.Plan, levels map[string]string, arm string) []plan.Cell {
	if arm == "" {
		arm = plan.ArmMain
	}
	var cells []plan.Cell
	for _, c := range p.Cells {
		if c.Arm == arm && has(p, c, levels) && has(p, c, q.Fix) {
			cells = append(cells, c)
		}
	}
	return cells
}

func has(p plan.Plan, c plan.Cell, levels map[string]string) bool {
	for key, level := range levels {
		if p.Level(c, key) != level {
			return false
		}
	}
	return true
}

// matched says whether two cells are equal in every key that neither side names.
func (q Question) matched(p plan.Plan, a, b plan.Cell) bool {
	for _, f := range p.Factors {
		_, of := q.Of[f.Key]
		_, to := q.To[f.Key]
		if !of && !to && a.Levels[f.Key] != b.Levels[f.Key] {
			return false
		}
	}
	return true
}

// show is a side for messages: "thp=madvise gogc=50".
func (q Question) show(levels map[string]string) string {
	var parts []string
	for k, l := range levels {
		parts = append(parts, k+"="+l)
	}
	for k, l := range q.Fix {
		if _, ok := levels[k]; !ok {
			parts = append(parts, k+"="+l)
		}
	}
	slices.Sort(parts)
	if len(parts) == 0 {
		return "any level"
	}
	return strings.Join(parts, " ")
}

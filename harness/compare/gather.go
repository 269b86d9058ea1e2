package compare

import (
	"fmt"
	"math"

	"golang.org/x/perf/benchunit"

	"github.com/assaylab/assay/harness/sample"
)

// A place is where a value belongs within a side.
type place struct{ benchmark, cell, unit string }

// A gatherer sorts values into the series of a side.
type gatherer struct {
	side  *Side
	at    map[place]*Series // by tidied unit
	units map[string]unit   // printed -> what it is
	order []*Series
	bad   int // values that are no numbers
}

type unit struct {
	tidy   string
	factor float64
}

func newGatherer(s *Side) *gatherer {
	return &gatherer{side: s, at: map[place]*Series{}, units: map[string]unit{}}
}

// add enters one value. at.unit is as printed; levels are kept, not copied.
func (g *gatherer) add(at place, levels map[string]string, w sample.Window, v float64) {
	if !usable(v) {
		g.bad++
		return
	}
	printed := at.unit
	u, ok := g.units[printed]
	if !ok {
		u.factor, u.tidy = benchunit.Tidy(1, printed)
		g.units[printed] = u
	}
	at.unit = u.tidy
	x := g.at[at]
	if x == nil {
		x = &Series{Benchmark: at.benchmark, Levels: levels, Tidy: u.tidy, Unit: printed, Factor: u.factor, Window: w}
		g.at[at] = x
		g.order = append(g.order, x)
	}
	if printed != x.Unit {
		v = rescale(v, u.factor, x.Factor) // "sec/op" on one line and "ns/op" on another
	}
	x.Values = append(x.Values, v)
}

// rescale turns a value whose unit has one factor to the tidied unit into that of
// another. Factors are powers of ten that a float64 can't hold below 1, so that
// the whole number between them is found first: equal values stay equal.
func rescale(v, from, to float64) float64 {
	if from >= to {
		return v * whole(from/to)
	}
	return v / whole(to/from)
}

func whole(f float64) float64 {
	if r := math.Round(f); math.Abs(f/r-1) < 1e-12 {
		return r
	}
	return f
}

func (g *gatherer) done() {
	for _, x := range g.order {
		g.side.Series = append(g.side.Series, *x)
	}
	if g.bad > 0 {
		g.side.Warnings = append(g.side.Warnings, noNumbers(g.bad))
	}
}

func noNumbers(n int) string {
	return fmt.Sprintf("values that are no numbers to be compared (NaN, infinite) are left out: %d", n)
}

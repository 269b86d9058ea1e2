package stat

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// An Interaction asks whether one effect depends on another factor. Its effect
// is the Question's ratio at the levels At over the same ratio at the levels
// Base: 1 where the factors do not interact on the log scale. Of a difference
// it is the difference of both.
type Interaction struct {
	Question
	At, Base Levels
}

// A quad is the four cells of one contrast.
type quad struct{ at, base Pair }

// errOneSided refuses what has no second side to depend on.
var errOneSided = errors.New("an interaction needs a ratio or a difference")

// Compare answers from samples as [Compare] does: one effect a block, the mean
// over all quads of cells that are equal in every other level. A matrix with
// cells left out gives the quads that it holds whole.
func (x Interaction) Compare(p plan.Plan, samples []sample.Sample) (Comparison, error) {
	if x.Quantity.alone() {
		return Comparison{}, errOneSided
	}
	quads, err := x.quads(p)
	if err != nil {
		return Comparison{}, err
	}
	var pairs []Pair
	for _, s := range quads {
		pairs = append(pairs, s.at, s.base)
	}
	t, err := newTable(p, samples, x.Question, pairs)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{Question: x.Question, Pairs: pairs, Scale: t.scale(pairs), series: t.series(p), thin: t.thin}
	c.gather(t, len(quads), func(block int) (float64, float64, int) { return x.inBlock(t, block, quads) })
	if len(c.Points) == 0 {
		return c, fmt.Errorf("%w: %s against %s, at %s and at %s", ErrNoBlocks, x.show(x.Of), x.show(x.To), x.At, x.Base)
	}
	return c, nil
}

// quads are the contrasts, in the order of the plan.
func (x Interaction) quads(p plan.Plan) ([]quad, error) {
	side := func(fix Levels) ([]Pair, error) {
		q := x.Question
		q.Fix = fix
		pairs, err := q.Pairs(p)
		return slices.DeleteFunc(pairs, func(y Pair) bool { return q.Without[y.Of] || q.Without[y.To] }), err
	}
	at, err := side(x.At)
	if err != nil {
		return nil, err
	}
	base, err := side(x.Base)
	if err != nil {
		return nil, err
	}
	var quads []quad
	for _, a := range at {
		for _, b := range base {
			if x.alike(p, p.Cells[a.Of], p.Cells[b.Of]) && x.alike(p, p.Cells[a.To], p.Cells[b.To]) {
				quads = append(quads, quad{a, b})
			}
		}
	}
	if len(quads) == 0 {
		return nil, fmt.Errorf("no four cells have %s and %s at %s and at %s, equal in all else", x.show(x.Of), x.show(x.To), x.At, x.Base)
	}
	return quads, nil
}

// alike says whether two cells are equal in all but the levels that At names.
func (x Interaction) alike(p plan.Plan, a, b plan.Cell) bool {
	return !slices.ContainsFunc(p.Factors, func(f plan.Factor) bool {
		_, named := x.At[f.Key]
		return !named && a.Levels[f.Key] != b.Levels[f.Key]
	})
}

// inBlock is the effect in one block, what it may be off by, and how many quads
// were there.
func (x Interaction) inBlock(t table, block int, quads []quad) (effect, off float64, held int) {
	sum := 0.0
	for _, s := range quads {
		at, atOff, ok := x.within(t, block, []Pair{s.at})
		base, baseOff, both := x.within(t, block, []Pair{s.base})
		if ok == 0 || both == 0 {
			continue
		}
		if x.Quantity == Ratio {
			sum += math.Log(at) - math.Log(base)
		} else {
			sum += at - base
		}
		held++
		off = max(off, atOff+baseOff)
	}
	if held == 0 {
		return 0, 0, 0
	}
	effect = sum / float64(held)
	if x.Quantity == Ratio {
		effect = math.Exp(effect)
	}
	return effect, off, held
}

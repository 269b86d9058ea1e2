package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// relationForm is the grammar of a relation, for messages and the schema.
const relationForm = `(ratio|difference|value|share) (< N|> N|== N|within A..B), then the unit of a difference or value: "ratio < 1", "ratio within 0.75..0.85", "difference < 5 ms", "value == 1 procs", "share < 0.1"`

// number is what a relation's numbers look like: digits on both sides of a
// point, so that 0..1 reads in one way only.
var number = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// unit is what a unit looks like: "ms", "MiB", "gc-mark-cpu-ns/cycle".
var unit = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9%._/-]*$`)

// parseRelation reads "quantity operator number [unit]". < and > leave their
// number out, within keeps both of its ends, == is the point alone.
func parseRelation(s Scalar) (Relation, error) {
	words := strings.Fields(s.Text)
	r := Relation{Text: strings.Join(words, " "), Pos: s.Pos}
	if len(words) < 3 || len(words) > 4 {
		return r, fmt.Errorf("a relation has three words, or four with its unit, and %q has %d", s.Text, len(words))
	}
	r.Quantity = Quantity(words[0])
	if !slices.Contains([]Quantity{Ratio, Difference, Value, Share}, r.Quantity) {
		return r, fmt.Errorf("%q is no quantity", words[0])
	}
	if err := r.region(words[1], words[2]); err != nil {
		return r, err
	}
	if len(words) == 4 {
		r.Unit = words[3]
	}
	return r, r.sensible()
}

// region fills the bounds from an operator and its number or range.
func (r *Relation) region(operator, text string) error {
	first, second, ranged := strings.Cut(text, "..")
	if ranged != (operator == "within") {
		return fmt.Errorf("%q does not fit %s: within takes A..B, the others one number", text, operator)
	}
	a, err := parseNumber(first)
	if err != nil {
		return err
	}
	switch operator {
	case "<":
		r.Lo, r.Hi = Bound{Inf: true}, Bound{Value: a}
	case ">":
		r.Lo, r.Hi = Bound{Value: a}, Bound{Inf: true}
	case "==":
		r.Lo, r.Hi = Bound{Value: a, Closed: true}, Bound{Value: a, Closed: true}
	case "within":
		b, err := parseNumber(second)
		if err != nil {
			return err
		}
		if a >= b {
			return fmt.Errorf("%q is no range: the first number must be below the second", text)
		}
		r.Lo, r.Hi = Bound{Value: a, Closed: true}, Bound{Value: b, Closed: true}
	default:
		return fmt.Errorf("%q is no operator", operator)
	}
	return nil
}

// sensible says what is wrong with the unit, or with a region that ratios or
// shares never leave or reach.
func (r Relation) sensible() error {
	if r.Quantity == Share {
		return r.sensibleShare()
	}
	if r.Quantity != Ratio {
		if r.Unit == "" {
			return fmt.Errorf("a %s needs a unit", r.Quantity)
		}
		if !unit.MatchString(r.Unit) {
			return fmt.Errorf("%q is no unit", r.Unit)
		}
		return nil
	}
	if r.Unit != "" {
		return fmt.Errorf("a ratio has no unit, and %q stands after its number", r.Unit)
	}
	for _, b := range []Bound{r.Lo, r.Hi} {
		if !b.Inf && b.Value <= 0 {
			return fmt.Errorf("a ratio is always above 0, and so must its numbers be")
		}
	}
	return nil
}

func (r Relation) sensibleShare() error {
	if r.Unit != "" {
		return fmt.Errorf("a share has no unit, and %q stands after its number", r.Unit)
	}
	for _, b := range []Bound{r.Lo, r.Hi} {
		if !b.Inf && (b.Value < 0 || b.Value > 1) {
			return fmt.Errorf("a share lies from 0 to 1, and so must its numbers")
		}
	}
	if r.Hi == (Bound{Value: 0}) || r.Lo == (Bound{Value: 1}) {
		return fmt.Errorf("no share lies there: it is never below 0 or above 1")
	}
	return nil
}

// parseNumber reads one number of a relation.
func parseNumber(text string) (float64, error) {
	if !number.MatchString(text) {
		return 0, fmt.Errorf("%q is no number", text)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is too large a number", text)
	}
	return f, nil
}

package wire

import (
	"fmt"
	"slices"
	"strings"
)

// Canonical parses a level of p; beyond its kind it must be one of p.Values
// and within p.Min and p.Max, where these are given.
func (p Param) Canonical(text string) (string, error) {
	canonical, err := Canonical(p.Kind, text)
	if err != nil {
		return "", err
	}
	if len(p.Values) > 0 && !slices.Contains(p.Values, canonical) {
		return "", fmt.Errorf("%q is not a level (%s)", text, strings.Join(p.Values, ", "))
	}
	if p.Min != "" && size(p.Kind, canonical) < size(p.Kind, p.Min) {
		return "", fmt.Errorf("%s is below the least, %s", canonical, p.Min)
	}
	if p.Max != "" && size(p.Kind, canonical) > size(p.Kind, p.Max) {
		return "", fmt.Errorf("%s is above the most, %s", canonical, p.Max)
	}
	return canonical, nil
}

// size puts canonical levels of a kind in order. Levels over 2^53 may tie,
// which no bound is near.
func size(kind Kind, canonical string) float64 {
	switch kind {
	case Int, Float:
		f, _ := ParseFloat(canonical)
		return f
	case Bytes:
		n, _ := ParseBytes(canonical)
		return float64(n)
	case Duration:
		d, _ := ParseDuration(canonical)
		return float64(d)
	}
	return 0
}

// Allowed says in words what a level of p may be; "" where its kind is all there is to say.
func (p Param) Allowed() string {
	switch {
	case len(p.Values) > 0:
		return strings.Join(p.Values, ", ")
	case p.Min != "" && p.Max != "":
		return p.Min + " to " + p.Max
	case p.Min != "":
		return "at least " + p.Min
	case p.Max != "":
		return "at most " + p.Max
	}
	return ""
}

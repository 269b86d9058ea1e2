package knob

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// known holds every knob by name. It is filled while package variables are
// initialised and never changed afterwards.
var known = make(map[string]Knob)

// register is called once in each knob's file: var _ = register(Knob{...}).
func register(k Knob) struct{} {
	if _, twice := known[k.Name]; twice {
		panic("knob " + k.Name + ": registered twice")
	}
	known[k.Name] = k
	return struct{}{}
}

// All lists the knobs by name.
func All() []Knob {
	return slices.SortedFunc(maps.Values(known), func(a, b Knob) int { return cmp.Compare(a.Name, b.Name) })
}

// Lookup finds the knob of a key: "thp", or "env.X" of the family "env.*".
func Lookup(key string) (Knob, bool) {
	family, member, _ := strings.Cut(key, ".")
	switch member {
	case "*":
		return Knob{}, false
	case "":
		k, ok := known[key]
		return k, ok
	}
	if k, ok := known[key]; ok {
		return k, true
	}
	k, ok := known[family+".*"]
	return k, ok
}

// errUnknown is wrapped by errors about a key that names no knob.
var errUnknown = errors.New("no such knob")

// A BadLevel is a text that is no level of a knob.
type BadLevel struct {
	Key   string
	Why   error  // what is wrong with the text, which it quotes
	Allow string // what is right
}

func (b *BadLevel) Error() string { return fmt.Sprintf("%s: %v", b.Key, b.Reason()) }
func (b *BadLevel) Unwrap() error { return b.Why }

// Reason is the error without the key.
func (b *BadLevel) Reason() error {
	return fmt.Errorf("%w (allowed: %s, or %s)", b.Why, b.Allow, Default)
}

// Parse gives the canonical text of a level. The error names key and text, says
// what is wrong with it and what is allowed; of a knob that there is, it is a
// [BadLevel].
func Parse(key, text string) (string, error) {
	k, ok := Lookup(key)
	if !ok {
		return "", fmt.Errorf("%s: %w (assay knobs lists them)", key, errUnknown)
	}
	if text == Default {
		return Default, nil
	}
	level, err := k.Parse(key, text)
	if err != nil {
		return "", &BadLevel{Key: key, Why: err, Allow: k.Allow}
	}
	return level, nil
}

// member is what a family's key names: "X" of "env.X".
func member(key string) string {
	_, name, _ := strings.Cut(key, ".")
	return name
}

// inOrder sorts the keys of a cell that name knobs, those that come after others
// behind them, by name where nothing else decides. Keys that name none, such as
// params and the arm, are left out.
func inOrder(levels map[string]string) []string {
	var keys []string
	for key := range levels {
		if _, ok := Lookup(key); ok {
			keys = append(keys, key)
		}
	}
	return arrange(keys, func(key string) Knob { k, _ := Lookup(key); return k })
}

// arrange takes, again and again, the first key in alphabet all of whose
// predecessors are taken. In a cycle, which TestEveryKnob excludes, the rest
// keeps the alphabet's order.
func arrange(keys []string, of func(string) Knob) []string {
	rest := slices.Sorted(slices.Values(keys))
	order := make([]string, 0, len(rest))
	for len(rest) > 0 {
		next := slices.IndexFunc(rest, func(key string) bool {
			return !slices.ContainsFunc(rest, func(other string) bool {
				return other != key && slices.Contains(of(key).After, of(other).Name)
			})
		})
		next = max(next, 0)
		order = append(order, rest[next])
		rest = slices.Delete(rest, next, next+1)
	}
	return order
}

package spec

import "strings"

const selectionForm = "keys of this experiment with one level each, such as {thp: never}"

func selectionSchema() object {
	return object{"type": "object", "minProperties": 1, "additionalProperties": anyScalar()}
}

// selection reads some keys with one level each. Whether the experiment has
// them is asked when all of it is read.
func selection[T any](get func(*T) *Selection) rule[T] {
	return rule[T]{
		read:   func(w *walk, path string, n node, into *T) { *get(into) = w.selection(path, n) },
		schema: func(Catalogue) object { return selectionSchema() },
	}
}

// selections reads a list of selections, or one where one is allowed.
func selections[T any](oneAlone bool, get func(*T) *[]Selection) rule[T] {
	many := object{"type": "array", "minItems": 1, "items": selectionSchema()}
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if oneAlone && n.kind == mapping {
				n = node{kind: listing, at: n.at, items: []node{n}}
			}
			if !w.expect(n, listing, path, "a list of mappings: [{thp: never}]") {
				return
			}
			for _, item := range n.items {
				if s := w.selection(path, item); s != nil {
					*get(into) = append(*get(into), s)
				}
			}
		},
		schema: func(Catalogue) object {
			if oneAlone {
				return object{"anyOf": []object{selectionSchema(), many}}
			}
			return object{"type": "array", "minItems": 1, "items": selectionSchema()}
		},
	}
}

func (w *walk) selection(path string, n node) Selection {
	if !w.expect(n, mapping, path, selectionForm) {
		return nil
	}
	var s Selection
	for _, p := range n.pairs {
		if level, ok := w.text(p.value, path+": the level of "+p.key.Text, selectionForm); ok {
			s = append(s, Setting{p.key, level})
		}
	}
	return s
}

// keys reads a list of different keys.
func keys[T any](get func(*T) *[]Scalar) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if !w.expect(n, listing, path, "a list of keys that vary: [gomaxprocs]") {
				return
			}
			var all []Scalar
			for _, item := range n.items {
				if s, ok := w.text(item, path, "keys that vary"); ok {
					all = append(all, s)
				}
			}
			if first, second, found := repeated(all); found {
				w.fail(second.Pos, "", "%s: %s stands twice (first in line %d)", path, second.Text, first.Pos.Line)
			}
			*get(into) = all
		},
		schema: func(Catalogue) object {
			return object{"type": "array", "minItems": 1, "uniqueItems": true, "items": object{"type": "string"}}
		},
	}
}

// level is the level that a selection names for a key.
func (s Selection) level(key string) (Scalar, bool) {
	for _, set := range s {
		if set.Key.Text == key {
			return set.Level, true
		}
	}
	return Scalar{}, false
}

// equal says whether two selections name the same levels, in whatever order.
func (s Selection) equal(o Selection) bool {
	for _, set := range s {
		if l, ok := o.level(set.Key.Text); !ok || l.Text != set.Level.Text {
			return false
		}
	}
	return len(s) == len(o)
}

// String shows the selection as "thp=never gogc=100".
func (s Selection) String() string {
	var parts []string
	for _, set := range s {
		parts = append(parts, set.Key.Text+"="+set.Level.Text)
	}
	return strings.Join(parts, " ")
}

// Levels is the selection by key.
func (s Selection) Levels() map[string]string {
	m := make(map[string]string, len(s))
	for _, set := range s {
		m[set.Key.Text] = set.Level.Text
	}
	return m
}

// place is where the selection begins.
func (s Selection) place() Pos {
	if len(s) == 0 {
		return Pos{}
	}
	return s[0].Key.Pos
}

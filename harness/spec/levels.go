package spec

import (
	"fmt"
	"regexp"
	"strings"
)

// ParamPrefix begins the key of a workload's param: "param.live-heap".
const ParamPrefix = "param."

// knobKey is what knobs are called. What follows a family's dot keeps its case:
// it may be the name of an environment variable.
var knobKey = regexp.MustCompile(`^[a-z][a-z0-9-]{0,99}(\.[A-Za-z0-9_][A-Za-z0-9_.-]{0,199})?$`)

const (
	knobForm  = "names of knobs, such as thp, memory.max or env.TZ"
	levelForm = "a level, or a list of different levels"
)

// levelsSchema is one level or several.
func levelsSchema() object {
	return object{"anyOf": []object{anyScalar(), {"type": "array", "minItems": 1, "uniqueItems": true, "items": anyScalar()}}}
}

// factors reads knobs: a list of levels, or one level to hold.
func factors[T any](get func(*T) *[]Factor) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if w.expect(n, mapping, path, knobForm) {
				*get(into) = w.factors(path, n, (*walk).knob)
			}
		},
		schema: func(c Catalogue) object { return knobSchema(c, levelsSchema) },
	}
}

// params reads a workload's params, which get their prefix here.
func params[T any](get func(*T) *[]Factor) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if w.expect(n, mapping, path, "names of the workload's flags, without the dash") {
				*get(into) = w.factors(path, n, (*walk).param)
			}
		},
		schema: func(Catalogue) object {
			return object{"type": "object", "minProperties": 1,
				"propertyNames": object{"pattern": name.String()}, "additionalProperties": levelsSchema()}
		},
	}
}

// zips reads groups of factors that advance together.
func zips[T any](get func(*T) *[][]Factor) rule[T] {
	const allowed = "a list of mappings, such as [{gogc: [50, 100], gomemlimit: [1GiB, 2GiB]}]"
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if !w.expect(n, listing, path, allowed) {
				return
			}
			for _, item := range n.items {
				if !w.expect(item, mapping, path, allowed) {
					continue
				}
				group := w.factors(path, item, (*walk).knobOrParam)
				if w.zippable(item, group) {
					*get(into) = append(*get(into), group)
				}
			}
		},
		schema: func(c Catalogue) object {
			return object{"type": "array", "minItems": 1, "items": knobSchema(c, func() object {
				return object{"type": "array", "minItems": 2, "items": anyScalar()}
			}, "^param\\.")}
		},
	}
}

// zippable says whether a group has two or more keys with equally many levels, two or more.
func (w *walk) zippable(n node, group []Factor) bool {
	if len(group) != len(n.pairs) {
		return false // some key was refused already
	}
	if len(group) < 2 {
		w.fail(n.at, "", "a zip advances two or more keys together, and here is one (knobs and params are crossed)")
		return false
	}
	for _, f := range group {
		if len(f.Levels) < 2 || len(f.Levels) != len(group[0].Levels) {
			w.fail(f.Key.Pos, "lists of two or more levels, equally long", "zip: %s has %d, and %s has %d",
				f.Key.Text, len(f.Levels), group[0].Key.Text, len(group[0].Levels))
			return false
		}
	}
	return true
}

// factors reads the pairs of a mapping. name refuses a key or gives its full name.
func (w *walk) factors(path string, n node, name func(*walk, string, Scalar) (Scalar, bool)) []Factor {
	var all []Factor
	for _, p := range n.pairs {
		key, ok := name(w, path, p.key)
		if !ok {
			continue
		}
		if levels := w.levels(key, p.value); len(levels) > 0 {
			all = append(all, Factor{Key: key, Levels: levels})
		}
	}
	return all
}

// levels reads a list of levels, or one.
func (w *walk) levels(key Scalar, n node) []Scalar {
	if n.kind == scalar {
		n = node{kind: listing, at: n.at, items: []node{n}}
	}
	allowed := levelForm
	if n.kind == mapping && len(n.pairs) > 0 {
		allowed = fmt.Sprintf("a family is written with dots: %s.%s: [...]", key.Text, n.pairs[0].key.Text)
	}
	if !w.expect(n, listing, key.Text, allowed) {
		return nil
	}
	var all []Scalar
	for _, item := range n.items {
		if s, ok := w.text(item, "a level of "+key.Text, "text without line breaks"); ok {
			all = append(all, s)
		}
	}
	return all
}

func (w *walk) knob(path string, key Scalar) (Scalar, bool) {
	if strings.HasPrefix(key.Text, ParamPrefix) {
		w.fail(key.Pos, knobForm, "%s: %s is a param, and stands under workload.params without its prefix", path, key.Text)
		return key, false
	}
	if !knobKey.MatchString(key.Text) {
		w.fail(key.Pos, knobForm, "%s: %q is not the name of a knob", path, key.Text)
		return key, false
	}
	return key, true
}

func (w *walk) param(path string, key Scalar) (Scalar, bool) {
	if !name.MatchString(key.Text) {
		w.fail(key.Pos, nameForm, "%s: %q is not the name of a param", path, key.Text)
		return key, false
	}
	return Scalar{Text: ParamPrefix + key.Text, Pos: key.Pos}, true
}

func (w *walk) knobOrParam(path string, key Scalar) (Scalar, bool) {
	if short, ok := strings.CutPrefix(key.Text, ParamPrefix); ok {
		_, ok := w.param(path, Scalar{Text: short, Pos: key.Pos})
		return key, ok
	}
	return w.knob(path, key)
}

// constants reads keys that have one level each.
func constants[T any](get func(*T) *[]Setting) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if !w.expect(n, mapping, path, knobForm) {
				return
			}
			for _, p := range n.pairs {
				key, ok := w.knob(path, p.key)
				if !ok {
					continue
				}
				allowed := "one level: what varies stands under knobs"
				if level, ok := w.text(p.value, path+": "+key.Text, allowed); ok {
					*get(into) = append(*get(into), Setting{key, level})
				}
			}
		},
		schema: func(c Catalogue) object { return knobSchema(c, anyScalar) },
	}
}

// knobSchema is a mapping from the catalogue's knobs to values. Further
// patterns of keys may be allowed.
func knobSchema(c Catalogue, value func() object, patterns ...string) object {
	known, families := object{}, object{}
	for _, k := range c.Knobs() {
		if family, ok := strings.CutSuffix(k, "*"); ok {
			families["^"+regexp.QuoteMeta(family)] = value()
		} else {
			known[k] = value()
		}
	}
	for _, p := range c.Programs() {
		for _, role := range c.Roles(p) {
			families["^"+regexp.QuoteMeta(role)+`\.`] = value()
		}
	}
	for _, p := range patterns {
		families[p] = value()
	}
	return object{"type": "object", "minProperties": 1,
		"properties": known, "patternProperties": families, "additionalProperties": false}
}

// repeated is the first text that stands twice: where it did first, and then.
func repeated(texts []Scalar) (first, second Scalar, found bool) {
	seen := make(map[string]Scalar, len(texts))
	for _, t := range texts {
		if first, found := seen[t.Text]; found {
			return first, t, true
		}
		seen[t.Text] = t
	}
	return Scalar{}, Scalar{}, false
}

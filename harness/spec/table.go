package spec

import "strings"

// A table is all that is known of one mapping of the file: reader, error
// messages and schema come from it. T is what the mapping fills.
type table[T any] struct {
	name   string // how messages call the mapping: "design"
	fields []field[T]
}

// A field is one known key.
type field[T any] struct {
	key  string
	doc  string // one line, for editors
	is   rule[T]
	need bool // the key must be there
}

// A rule is how one kind of value is read into T, and its JSON Schema.
type rule[T any] struct {
	read   func(w *walk, path string, n node, into *T)
	schema func(c Catalogue) object
}

// An object is a JSON object.
type object = map[string]any

// A walk reads a tree by the tables, and notes problems and places.
type walk struct {
	problems
	at map[string]Pos // "design.blocks" -> where its value stands
}

// read fills into from a mapping. Path is the mapping's own, "" at the top.
func (t table[T]) read(w *walk, path string, n node, into *T) {
	if !w.expect(n, mapping, t.name, list(t.keys())) {
		return
	}
	for _, p := range n.pairs {
		f, ok := t.field(p.key.Text)
		if !ok {
			w.fail(p.key.Pos, list(t.keys()), "unknown key %q under %s%s", p.key.Text, t.name, Suggest(p.key.Text, t.keys()))
			continue
		}
		at := strings.TrimPrefix(path+"."+f.key, ".")
		w.at[at] = p.value.at
		f.is.read(w, at, p.value, into)
	}
	for _, f := range t.fields {
		if _, ok := n.get(f.key); f.need && !ok {
			w.fail(n.at, "", "%s has no %s (%s)", t.name, f.key, strings.ToLower(f.doc[:1])+strings.TrimSuffix(f.doc[1:], "."))
		}
	}
}

func (t table[T]) field(key string) (field[T], bool) {
	for _, f := range t.fields {
		if f.key == key {
			return f, true
		}
	}
	return field[T]{}, false
}

func (t table[T]) keys() []string {
	var keys []string
	for _, f := range t.fields {
		keys = append(keys, f.key)
	}
	return keys
}

// list are the keys for people.
func (t table[T]) list() []Key {
	var keys []Key
	for _, f := range t.fields {
		keys = append(keys, Key{f.key, f.doc, f.need})
	}
	return keys
}

// schema describes the mapping.
func (t table[T]) schema(c Catalogue) object {
	properties, need := object{}, []string{}
	for _, f := range t.fields {
		p := f.is.schema(c)
		p["description"] = f.doc
		properties[f.key] = p
		if f.need {
			need = append(need, f.key)
		}
	}
	o := object{"type": "object", "properties": properties, "additionalProperties": false, "minProperties": 1}
	if len(need) > 0 {
		o["required"] = need
	}
	return o
}

// expect notes a value of the wrong shape, and an empty one.
func (w *walk) expect(n node, k kind, name, allowed string) bool {
	switch {
	case n.kind == nothing:
		w.fail(n.at, allowed, "%s has no value", name)
	case k == scalar && n.kind == mapping && len(n.pairs) == 1:
		w.fail(n.at, allowed, "%s is a mapping, and must be a scalar: text with a colon in it stands in quotes", name)
	case n.kind != k:
		w.fail(n.at, allowed, "%s is %s, and must be %s", name, n.kind, k)
	case k == mapping && len(n.pairs) == 0, k == listing && len(n.items) == 0:
		w.fail(n.at, allowed, "%s is empty", name)
	default:
		return true
	}
	return false
}

// text is the text of a scalar, noted as wrong where it is empty, has blanks at
// its ends or a character that results can't hold.
func (w *walk) text(n node, name, allowed string) (Scalar, bool) {
	if !w.expect(n, scalar, name, allowed) {
		return Scalar{}, false
	}
	switch {
	case n.text == "":
		w.fail(n.at, allowed, "%s is empty", name)
	case strings.TrimSpace(n.text) != n.text:
		w.fail(n.at, allowed, "%s %q has blanks at its ends, which results do not keep", name, n.text)
	case len(n.text) > maxText:
		w.fail(n.at, allowed, "%s is longer than %d bytes", name, maxText)
	case strings.ContainsFunc(n.text, func(r rune) bool { return r == '\t' || control(r) }):
		w.fail(n.at, allowed, "%s %q holds a control character", name, n.text)
	default:
		return n.scalar(), true
	}
	return Scalar{}, false
}

// maxText is the length of the longest level, name or sentence, in bytes.
const maxText = 4096

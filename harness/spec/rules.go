package spec

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// name is what experiments, workloads, params and claims are called.
var name = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,99}$`)

const nameForm = "lower-case letters, digits and -, not beginning with -"

// anyScalar is the schema of a value whose text alone matters.
func anyScalar() object {
	return object{"type": []string{"string", "number", "boolean", "null"}}
}

// named reads a name, such as one of a folder: never a path.
func named[T any](get func(*T) *Scalar) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			s, ok := w.text(n, path, nameForm)
			if !ok {
				return
			}
			if strings.ContainsAny(s.Text, `/\`) || strings.Contains(s.Text, "..") {
				w.fail(s.Pos, nameForm, "%s %q is a path, and must be a name", path, s.Text)
			} else if !name.MatchString(s.Text) {
				w.fail(s.Pos, nameForm, "%s %q is not a name", path, s.Text)
			} else {
				*get(into) = s
			}
		},
		schema: func(Catalogue) object { return object{"type": "string", "pattern": name.String()} },
	}
}

// word reads text without blanks: a unit, a key, a line's name.
func word[T any](get func(*T) *Scalar) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			s, ok := w.text(n, path, "")
			if ok && strings.ContainsAny(s.Text, " \u00a0") {
				w.fail(s.Pos, "", "%s %q has a blank in it", path, s.Text)
			} else if ok {
				*get(into) = s
			}
		},
		schema: func(Catalogue) object { return object{"type": "string", "pattern": `^\S+$`} },
	}
}

// sentence reads prose; line breaks and runs of blanks become one blank.
func sentence[T any](get func(*T) *string) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			n.text = strings.Join(strings.Fields(n.text), " ")
			if s, ok := w.text(n, path, ""); ok {
				*get(into) = s.Text
			}
		},
		schema: func(Catalogue) object { return object{"type": []string{"string", "number"}} },
	}
}

// address reads a web address: reports turn it into a link.
func address[T any](get func(*T) *string) rule[T] {
	const allowed = "https://host/path"
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			s, ok := w.text(n, path, allowed)
			if !ok {
				return
			}
			u, err := url.Parse(s.Text)
			if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
				w.fail(s.Pos, allowed, "%s %q is no web address", path, s.Text)
				return
			}
			*get(into) = s.Text
		},
		schema: func(Catalogue) object { return object{"type": "string", "format": "uri", "pattern": "^https?://"} },
	}
}

// words reads a list of different words out of a few.
func words[T any](get func(*T) *[]string, from ...string) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if !w.expect(n, listing, path, list(from)) {
				return
			}
			var all []string
			for _, item := range n.items {
				s, ok := w.text(item, path, list(from))
				switch {
				case !ok:
				case !slices.Contains(from, s.Text):
					w.fail(s.Pos, list(from), "%s: %q is not known%s", path, s.Text, suggest(s.Text, from))
				case slices.Contains(all, s.Text):
					w.fail(s.Pos, "", "%s: %s stands twice", path, s.Text)
				default:
					all = append(all, s.Text)
				}
			}
			*get(into) = all
		},
		schema: func(Catalogue) object {
			return object{"type": "array", "minItems": 1, "uniqueItems": true, "items": object{"enum": from}}
		},
	}
}

// relation reads a claim's relation.
func relation[T any](get func(*T) **Relation) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			s, ok := w.text(n, path, relationForm)
			if !ok {
				return
			}
			r, err := parseRelation(s)
			if err != nil {
				w.fail(s.Pos, relationForm, "%s: %v", path, err)
				return
			}
			*get(into) = &r
		},
		schema: func(Catalogue) object {
			return object{"type": "string", "pattern": `^\s*(ratio|difference|value|share)\s+(<|>|==|within)\s+\S+(\s+\S+)?\s*$`}
		},
	}
}

// under reads a mapping by its table. get may make room for it.
func under[T, U any](t table[U], get func(*T) *U) rule[T] {
	return rule[T]{
		read:   func(w *walk, path string, n node, into *T) { t.read(w, path, n, get(into)) },
		schema: func(c Catalogue) object { return t.schema(c) },
	}
}

// eachUnder reads a list of mappings by their table.
func eachUnder[T, U any](t table[U], get func(*T) *[]U) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if !w.expect(n, listing, path, "a list of mappings") {
				return
			}
			all := make([]U, len(n.items))
			for i, item := range n.items {
				t.read(w, fmt.Sprintf("%s.%d", path, i), item, &all[i])
			}
			*get(into) = all
		},
		schema: func(c Catalogue) object {
			return object{"type": "array", "minItems": 1, "items": t.schema(c)}
		},
	}
}

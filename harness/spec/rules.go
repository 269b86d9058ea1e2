package spec

import (
	"fmt"
	"maps"
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

// parsed is the rule of a scalar that parse understands, or says in an error why
// not. allowed is what it may be, for people; path is where it stands.
func parsed[T, V any](get func(*T) *V, allowed string, schema object, parse func(path string, s Scalar) (V, error)) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			s, ok := w.text(n, path, allowed)
			if !ok {
				return
			}
			v, err := parse(path, s)
			if err != nil {
				w.fail(s.Pos, allowed, "%v", err)
				return
			}
			*get(into) = v
		},
		schema: func(Catalogue) object { return maps.Clone(schema) }, // a key's own doc is added to it
	}
}

// named reads a name, such as one of a folder: never a path.
func named[T any](get func(*T) *Scalar) rule[T] {
	return parsed(get, nameForm, object{"type": "string", "pattern": name.String()}, func(path string, s Scalar) (Scalar, error) {
		switch {
		case strings.ContainsAny(s.Text, `/\`) || strings.Contains(s.Text, ".."):
			return s, fmt.Errorf("%s %q is a path, and must be a name", path, s.Text)
		case !name.MatchString(s.Text):
			return s, fmt.Errorf("%s %q is not a name", path, s.Text)
		}
		return s, nil
	})
}

// word reads text without blanks: a unit, a key, a line's name.
func word[T any](get func(*T) *Scalar) rule[T] {
	return parsed(get, "", object{"type": "string", "pattern": `^\S+$`}, func(path string, s Scalar) (Scalar, error) {
		if strings.ContainsAny(s.Text, " \u00a0") {
			return s, fmt.Errorf("%s %q has a blank in it", path, s.Text)
		}
		return s, nil
	})
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
	schema := object{"type": "string", "format": "uri", "pattern": "^https?://"}
	return parsed(get, "https://host/path", schema, func(path string, s Scalar) (string, error) {
		u, err := url.Parse(s.Text)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return "", fmt.Errorf("%s %q is no web address", path, s.Text)
		}
		return s.Text, nil
	})
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
					w.fail(s.Pos, list(from), "%s: %q is not known%s", path, s.Text, Suggest(s.Text, from))
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
	schema := object{"type": "string", "pattern": `^\s*(ratio|difference|value|share)\s+(<|>|==|within)\s+\S+(\s+\S+)?\s*$`}
	return parsed(get, relationForm, schema, func(path string, s Scalar) (*Relation, error) {
		r, err := parseRelation(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return &r, nil
	})
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

package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// argv reads a command: a list of texts, each an argument. An argument may be
// empty and have line breaks.
func argv[T any](get func(*T) *[]Scalar) rule[T] {
	const allowed = "a list of the program and its arguments: [sort, -n, /etc/services]"
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if !w.expect(n, listing, path, allowed) {
				return
			}
			all := []Scalar{}
			for i, item := range n.items {
				switch {
				case !w.expect(item, scalar, path, allowed):
				case i == 0 && (item.text == "" || strings.HasPrefix(item.text, "-")):
					w.fail(item.at, allowed, "%s: %q is no program", path, item.text)
				case len(item.text) > maxText:
					w.fail(item.at, allowed, "%s: an argument is longer than %d bytes", path, maxText)
				}
				all = append(all, item.scalar())
			}
			*get(into) = all
		},
		schema: func(Catalogue) object { return object{"type": "array", "minItems": 1, "items": anyScalar()} },
	}
}

// importPath reads one package, never a pattern for several or a flag.
func importPath[T any](get func(*T) *Scalar) rule[T] {
	const allowed = "the path of one package: encoding/json, ./harness/stat or github.com/owner/module/package"
	return parsed(get, allowed, object{"type": "string", "pattern": `^[^-\s,][^\s,]*$`}, func(path string, s Scalar) (Scalar, error) {
		switch {
		case strings.ContainsAny(s.Text, " \u00a0,") || strings.HasPrefix(s.Text, "-"):
			return s, fmt.Errorf("%s %q is no package", path, s.Text)
		case strings.Contains(s.Text, "..."):
			return s, fmt.Errorf("%s %q is a pattern for several packages, and a trial runs one", path, s.Text)
		}
		return s, nil
	})
}

// benchPattern reads what go test -bench takes.
func benchPattern[T any](get func(*T) *Scalar) rule[T] {
	const allowed = "a regular expression for names of benchmarks, as of go test -bench"
	return parsed(get, allowed, object{"type": []string{"string", "number"}}, func(path string, s Scalar) (Scalar, error) {
		if _, err := regexp.Compile(s.Text); err != nil {
			return s, fmt.Errorf("%s: %w", path, err)
		}
		return s, nil
	})
}

// benchtime reads "100x" or "1s".
func benchtime[T any](get func(*T) *Scalar) rule[T] {
	const allowed = "iterations such as 100x, or a time such as 1s for which they are found once"
	iterations := regexp.MustCompile(`^[1-9][0-9]{0,8}x$`)
	schema := object{"type": "string", "pattern": `^([1-9][0-9]{0,8}x|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$`}
	return parsed(get, allowed, schema, func(path string, s Scalar) (Scalar, error) {
		if d, err := time.ParseDuration(s.Text); !iterations.MatchString(s.Text) && (err != nil || d <= 0) {
			return s, fmt.Errorf("%s %q is neither", path, s.Text)
		}
		return s, nil
	})
}

// folderPath reads the path of a folder; whether it is there is asked later.
func folderPath[T any](get func(*T) *Scalar) rule[T] {
	return parsed(get, "a folder, from the checkout or absolute", object{"type": "string"}, func(_ string, s Scalar) (Scalar, error) { return s, nil })
}

// choice reads one word out of a few.
func choice[T any](get func(*T) *string, from ...string) rule[T] {
	return parsed(get, list(from), object{"enum": from}, func(path string, s Scalar) (string, error) {
		if !slices.Contains(from, s.Text) {
			return "", fmt.Errorf("%s: %q is not known%s", path, s.Text, Suggest(s.Text, from))
		}
		return s.Text, nil
	})
}

// capture reads a regular expression with one group, in which the number stands.
func capture[T any](get func(*T) *string) rule[T] {
	const allowed = `a regular expression with one group for the number: 'mean: ([0-9.]+) ns'`
	return parsed(get, allowed, object{"type": "string"}, func(path string, s Scalar) (string, error) {
		re, err := regexp.Compile(s.Text)
		switch {
		case err != nil:
			return "", fmt.Errorf("%s: %w", path, err)
		case re.NumSubexp() != 1:
			return "", fmt.Errorf("%s has %d groups, and must have one (write (?:...) for what only belongs together)", path, re.NumSubexp())
		}
		return s.Text, nil
	})
}

// jsonPath reads a path into a JSON document.
func jsonPath[T any](get func(*T) *string) rule[T] {
	return parsed(get, pathForm, object{"type": "string", "pattern": `^[.\[]`}, func(path string, s Scalar) (string, error) {
		p, err := ParsePath(s.Text)
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		return p.String(), nil
	})
}

// multiple reads a number above zero.
func multiple[T any](get func(*T) *float64) rule[T] {
	const allowed = "a number above zero, such as 1000000 or 0.001"
	return parsed(get, allowed, object{"type": "number", "exclusiveMinimum": 0}, func(path string, s Scalar) (float64, error) {
		f, err := parseNumber(s.Text)
		if err != nil || f <= 0 {
			return 0, fmt.Errorf("%s %q is no such number", path, s.Text)
		}
		return f, nil
	})
}

// metrics reads how each metric is found, by the unit that it has in results.
func metrics[T any](get func(*T) *[]Metric) rule[T] {
	const allowed = "metrics by their unit in results: {ns/op: {regexp: 'mean: ([0-9.]+) ns'}, p99-latency-ns: {json: .p99, unit: ms}}"
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if !w.expect(n, mapping, path, allowed) {
				return
			}
			all := []Metric{}
			for _, p := range n.pairs {
				m := Metric{Unit: p.key}
				before := len(w.errs)
				metricKeys.read(w, path+"."+p.key.Text, p.value, &m)
				if len(w.errs) == before {
					w.metric(&m)
				}
				all = append(all, m)
			}
			*get(into) = all
		},
		schema: func(c Catalogue) object {
			return object{"type": "object", "minProperties": 1,
				"propertyNames": object{"pattern": unit.String()}, "additionalProperties": metricKeys.schema(c)}
		},
	}
}

// metric looks at one whose parts are sound, and works out its scale.
func (w *walk) metric(m *Metric) {
	fail := func(allowed, format string, args ...any) {
		w.fail(m.Unit.Pos, allowed, "metric "+m.Unit.Text+": "+format, args...)
	}
	switch {
	case m.Regexp != "" && m.JSON != "":
		fail("regexp, json", "it is found by one of regexp and json")
	case m.Counted() && (m.From != "" || m.printed != "" || m.Scale != 0):
		fail("regexp, json", "it is found by one of regexp and json: one that the harness counts has its own unit and no stream")
	}
	if word, ok := w.house(m.Unit.Text); !ok {
		fail("ns, bytes and counts, such as ns/op, p99-latency-ns or peak-RSS-bytes",
			"results have no unit %s (name the metric in ns or bytes, and say what is printed with unit:)", word)
	}
	switch {
	case m.printed != "" && m.Scale != 0:
		fail("", "unit and scale both say how what is printed becomes %s: give one", m.Unit.Text)
	case m.printed != "":
		factor, ok := Relation{Unit: m.printed, Quantity: Difference}.Scale(m.Unit.Text)
		if !ok {
			fail(units(m.Unit.Text), "what is printed in %s does not become %s", m.printed, m.Unit.Text)
		}
		m.Scale = factor
	case m.Scale == 0:
		m.Scale = 1
	}
}

// house says whether a unit is one that results may have: a word, and times in
// ns, sizes in bytes. Else it gives the part at fault.
func (w *walk) house(text string) (word string, ok bool) {
	if !unit.MatchString(text) {
		return fmt.Sprintf("%q", text), false
	}
	above, _, _ := strings.Cut(text, "/")
	for _, word := range strings.Split(above, "-") {
		if (nanoseconds[word] != 0 || sizes[word] != 0) && word != "ns" && word != "B" {
			return strconv.Quote(word), false
		}
	}
	return "", true
}

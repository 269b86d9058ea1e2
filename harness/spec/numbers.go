package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// digits is a count: 010 is refused, being eight to some readers and ten to others.
var digits = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)

// count reads a whole number from lo to hi.
func count[T any](lo, hi int, get func(*T) *int) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if i, ok := w.count(n, path, lo, hi); ok {
				*get(into) = i
			}
		},
		schema: func(Catalogue) object { return object{"type": "integer", "minimum": lo, "maximum": hi} },
	}
}

func (w *walk) count(n node, path string, lo, hi int) (int, bool) {
	allowed := fmt.Sprintf("a whole number from %d to %d", lo, hi)
	s, ok := w.text(n, path, allowed)
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(s.Text)
	if !digits.MatchString(s.Text) || err != nil || i < lo || i > hi {
		w.fail(s.Pos, allowed, "%s %q is no such count", path, s.Text)
		return 0, false
	}
	return i, true
}

// counts reads a list of different whole numbers.
func counts[T any](lo, hi int, get func(*T) *[]int) rule[T] {
	return rule[T]{
		read: func(w *walk, path string, n node, into *T) {
			if !w.expect(n, listing, path, "a list such as [0]") {
				return
			}
			var all []int
			for _, item := range n.items {
				i, ok := w.count(item, path, lo, hi)
				if ok && slices.Contains(all, i) {
					w.fail(item.at, "", "%s: %d stands twice", path, i)
				} else if ok {
					all = append(all, i)
				}
			}
			*get(into) = all
		},
		schema: func(Catalogue) object {
			return object{"type": "array", "minItems": 1, "uniqueItems": true,
				"items": object{"type": "integer", "minimum": lo, "maximum": hi}}
		},
	}
}

// seed reads 64 bits.
func seed[T any](get func(*T) **uint64) rule[T] {
	const allowed = "a whole number from 0 to 18446744073709551615"
	return parsed(get, allowed, object{"type": "integer", "minimum": 0}, func(path string, s Scalar) (*uint64, error) {
		u, err := strconv.ParseUint(s.Text, 10, 64)
		if !digits.MatchString(s.Text) || err != nil {
			return nil, fmt.Errorf("%s %q is no seed", path, s.Text)
		}
		return &u, nil
	})
}

// span reads a duration above zero in Go syntax.
func span[T any](get func(*T) *Duration) rule[T] {
	const allowed = "a duration above zero with its unit, such as 60s, 5m or 1h30m"
	schema := object{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`}
	return parsed(get, allowed, schema, func(path string, s Scalar) (Duration, error) {
		d, err := time.ParseDuration(s.Text)
		if err != nil || d <= 0 {
			return 0, fmt.Errorf("%s %q is no such duration", path, s.Text)
		}
		return Duration(d), nil
	})
}

// percentage is a number and its sign.
var percentage = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?%$`)

// percent reads "3%" as 0.03. It must be above zero and at most most percent.
func percent[T any](most int, get func(*T) *float64) rule[T] {
	allowed := fmt.Sprintf("a percentage above 0%% and up to %d%%, such as 3%%", most)
	return parsed(get, allowed, object{"type": "string", "pattern": percentage.String()}, func(path string, s Scalar) (float64, error) {
		f, ok := share(s.Text, most)
		if !ok {
			return 0, fmt.Errorf("%s %q is no such percentage", path, s.Text)
		}
		return f, nil
	})
}

// share is the number of a percentage above zero and at most most percent.
func share(text string, most int) (float64, bool) {
	// Shifting the exponent in the text, not dividing, gives the float nearest to it.
	f, err := strconv.ParseFloat(strings.TrimSuffix(text, "%")+"e-2", 64)
	return f, percentage.MatchString(text) && err == nil && f > 0 && f <= float64(most)/100
}

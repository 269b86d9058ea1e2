package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/assaylab/assay/harness/prose"
)

// An Error is one thing that is wrong with an experiment file.
type Error struct {
	Pos
	Line    string // the offending line as it stands in the file; "" where the experiment came from JSON
	Msg     string // what is wrong
	Allowed string // what may stand there; "" where Msg says it
}

// Error shows place, message, line and caret, and what is allowed:
//
//	experiments/x.yaml:7:3: unknown key "knob" under the experiment
//	    7 |   knob: [never]
//	      |   ^
//	allowed: name, extends, question, ...
func (e Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		fmt.Fprintf(&b, "%s:%d:%d: ", e.File, e.Pos.Line, e.Column)
	}
	b.WriteString(e.Msg)
	if e.Line != "" {
		line, caret := clip(e.Line, e.Column)
		fmt.Fprintf(&b, "\n%5d | %s\n      | %s", e.Pos.Line, line, caret)
	}
	if e.Allowed != "" {
		fmt.Fprintf(&b, "\nallowed: %s", e.Allowed)
	}
	return b.String()
}

// clip makes a line safe and short enough for a terminal and draws the caret
// under its column.
func clip(line string, column int) (shown, caret string) {
	const width, before = 120, 60
	runes := []rune(line)
	at := min(max(column-1, 0), len(runes))
	if len(runes) > width {
		from := max(0, min(at-before, len(runes)-width))
		to := min(from+width, len(runes))
		runes, at = runes[from:to], at-from
	}
	var under strings.Builder
	for i, r := range runes {
		if control(r) {
			runes[i] = unicode.ReplacementChar
		}
		if i < at && r == '\t' {
			under.WriteRune('\t')
		} else if i < at {
			under.WriteRune(' ')
		}
	}
	return string(runes), under.String() + "^"
}

// Errors are all that is wrong with a file, in the order of the file.
type Errors []Error

// Error shows the first twenty, a line between two.
func (e Errors) Error() string {
	const most = 20
	var texts []string
	for _, err := range e[:min(most, len(e))] {
		texts = append(texts, err.Error())
	}
	if len(e) > most {
		texts = append(texts, fmt.Sprintf("and %d more errors", len(e)-most))
	}
	return strings.Join(texts, "\n\n")
}

// Unwrap lets errors.As find an [Error].
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i := range e {
		all[i] = e[i]
	}
	return all
}

// problems collects errors. It knows the lines of the files to quote from.
type problems struct {
	lines map[string][]string
	errs  Errors
}

// What quotes a file is not as long as the file. In characters.
const (
	mostMessage = 400
	mostAllowed = 2000
)

// fail notes an error.
func (p *problems) fail(at Pos, allowed, format string, args ...any) {
	p.errs = append(p.errs, Error{
		Pos: at, Line: p.line(at),
		Msg: prose.Cut(fmt.Sprintf(format, args...), mostMessage), Allowed: prose.Cut(allowed, mostAllowed),
	})
}

// line is the line at a place; "" where it is not known.
func (p *problems) line(at Pos) string {
	if lines := p.lines[at.File]; at.Line >= 1 && at.Line <= len(lines) {
		return lines[at.Line-1]
	}
	return ""
}

// err is nil where nothing failed, otherwise Errors in the order of the files.
func (p *problems) err() error {
	if len(p.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(p.errs, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Column, b.Column))
	})
	return p.errs
}

// list joins words for a message.
func list(words []string) string { return strings.Join(words, ", ") }

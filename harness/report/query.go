package report

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/assaylab/assay/harness/plan"
	"github.com/assaylab/assay/harness/sample"
)

// A Query is how benchstat is asked for a run's tables. The projections are in
// the syntax of golang.org/x/perf/benchproc/syntax; empty for benchstat's default.
type Query struct {
	Filter string `json:"filter,omitempty"`
	Table  string `json:"table,omitempty"`
	Row    string `json:"row,omitempty"`
	Col    string `json:"col,omitempty"`
	Ignore string `json:"ignore,omitempty"`
}

// queryOf lays a plan out as tables: one factor across, all others down, each
// in the order of its levels and not of the random order of trials. Control
// arms are left out, as they repeat cells that stand there already.
func queryOf(p plan.Plan) Query {
	var q Query
	if p.HasControls() {
		q.Filter = plan.ArmKey + ":" + plan.ArmMain
	}
	var rows []string
	for _, f := range p.Factors {
		if f.Key == columns(p) {
			q.Col = ordered(p, f)
		} else {
			rows = append(rows, ordered(p, f))
		}
	}
	if len(rows) > 0 {
		q.Row = strings.Join(append(rows, ".fullname"), ",")
	}
	return q
}

// columns is the factor across the tables: the one the experiment names, else the first.
func columns(p plan.Plan) string {
	want := p.Spec.Report.Columns.Text
	for _, f := range p.Factors {
		if f.Key == want {
			return want
		}
	}
	if len(p.Factors) == 0 {
		return ""
	}
	return p.Factors[0].Key
}

// ordered is a projection with a fixed order: benchstat drops levels that are
// not in the list, so levels that only an included cell has are listed too.
func ordered(p plan.Plan, f plan.Factor) string {
	levels := slices.Clone(f.Levels)
	for _, c := range p.Cells {
		if l, ok := c.Levels[f.Key]; ok && !slices.Contains(levels, l) {
			levels = append(levels, l)
		}
	}
	words := make([]string, len(levels))
	for i, l := range levels {
		words[i] = word(sample.Written(l))
	}
	return word(strings.ToLower(f.Key)) + "@(" + strings.Join(words, " ") + ")"
}

// word quotes s where benchproc would not read it as one bare word.
func word(s string) string {
	odd := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`():@,"`, r) }
	if s == "" || s == "AND" || s == "OR" || strings.ContainsRune("-*/", rune(s[0])) || strings.ContainsFunc(s, odd) {
		return strconv.Quote(s)
	}
	return s
}

// Args are the arguments of benchstat, without its name, for a file of samples.
func (q Query) Args(file string) []string {
	var args []string
	for _, f := range []struct{ flag, value string }{
		{"-filter", q.Filter}, {"-table", q.Table}, {"-row", q.Row}, {"-col", q.Col}, {"-ignore", q.Ignore},
	} {
		if f.value != "" {
			args = append(args, f.flag, f.value)
		}
	}
	return append(args, file)
}

// Command is the same as a line for a shell.
func (q Query) Command(file string) string {
	return shell(append([]string{"benchstat"}, q.Args(file)...))
}

// shell joins words so that a POSIX shell reads them back as they are.
func shell(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		plain := func(r rune) bool {
			return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./=:,+%", r)
		}
		if w == "" || strings.ContainsFunc(w, func(r rune) bool { return !plain(r) }) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		out[i] = w
	}
	return strings.Join(out, " ")
}

package sample

import (
	"bytes"
	"fmt"

	"golang.org/x/perf/benchfmt"
)

// Parse reads benchmark lines as they stand, as [Text] writes them. Configuration
// lines are dropped: what varies is known to the harness, not to the workload.
//
// Units stay as printed: benchfmt tidies "ns/op" to "sec/op" on reading, which
// is undone here.
//
// The error is of the first line that begins like a benchmark and is none, and
// shows it; the lines before it are returned all the same.
func Parse(text []byte) ([]Line, error) {
	var lines []Line
	r := benchfmt.NewReader(bytes.NewReader(text), "stdout")
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			lines = append(lines, line(rec))
		case *benchfmt.SyntaxError:
			return lines, fmt.Errorf("benchmark line: %w: the line %s", rec, Begins(nth(text, rec.Line)))
		}
	}
	if err := r.Err(); err != nil {
		return lines, fmt.Errorf("read benchmark lines: %w", err)
	}
	return lines, nil
}

// nth is a line of a text, from 1.
func nth(text []byte, n int) []byte {
	for line := range bytes.Lines(text) {
		if n--; n == 0 {
			return line
		}
	}
	return nil
}

func line(r *benchfmt.Result) Line {
	l := Line{Name: string(r.Name), Iters: r.Iters}
	for _, v := range r.Values {
		val := Value{Value: v.Value, Unit: v.Unit}
		if v.OrigUnit != "" {
			val = Value{Value: v.OrigValue, Unit: v.OrigUnit}
		}
		l.Values = append(l.Values, val)
	}
	return l
}

package sample

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// Parse reads the benchmark lines of a workload's stdout. Configuration lines
// are dropped: what varies is known to the harness, not to the workload.
//
// Units stay as printed: benchfmt tidies "ns/op" to "sec/op" on reading, which
// is undone here. A -N suffix of a name is dropped, because GOMAXPROCS is a
// setting of the trial and not a part of the name.
//
// The error is of the first line that begins like a benchmark and is none; the
// lines before it are returned all the same.
func Parse(stdout []byte) ([]Line, error) {
	var lines []Line
	r := benchfmt.NewReader(bytes.NewReader(stdout), "stdout")
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			lines = append(lines, line(rec))
		case *benchfmt.SyntaxError:
			return lines, fmt.Errorf("benchmark line: %w", rec)
		}
	}
	if err := r.Err(); err != nil {
		return lines, fmt.Errorf("read benchmark lines: %w", err)
	}
	return lines, nil
}

func line(r *benchfmt.Result) Line {
	l := Line{Name: bare(r.Name), Iters: r.Iters}
	for _, v := range r.Values {
		val := Value{Value: v.Value, Unit: v.Unit}
		if v.OrigUnit != "" {
			val = Value{Value: v.OrigValue, Unit: v.OrigUnit}
		}
		l.Values = append(l.Values, val)
	}
	return l
}

// bare is a name without its -N suffix.
func bare(n benchfmt.Name) string {
	base, parts := n.Parts()
	name := string(base)
	for _, p := range parts {
		if !bytes.HasPrefix(p, []byte("-")) {
			name += string(p)
		}
	}
	return strings.TrimPrefix(name, "Benchmark")
}

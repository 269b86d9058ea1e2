package sample

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assaylab/assay/harness/prose"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/workloads/wire"
)

// A Finder finds the metrics of a command that prints them in words of its own.
// A nil Finder reads benchmark lines.
type Finder struct {
	name string // of the line
	wish []wanted
}

// A wanted is one metric, ready to be looked for.
type wanted struct {
	spec.Metric
	re   *regexp.Regexp // nil where path counts
	path spec.Path
}

// NewFinder prepares what an experiment says of a command's output; nil where it
// says nothing. The error is of a metric that no sound experiment has.
func NewFinder(w spec.Workload) (*Finder, error) {
	if w.Metrics == nil {
		return nil, nil
	}
	f := &Finder{name: w.Benchmark()}
	for _, m := range w.Metrics {
		if m.Counted() {
			continue
		}
		x := wanted{Metric: m}
		var err error
		if m.Regexp != "" {
			x.re, err = regexp.Compile("(?m:" + m.Regexp + ")")
		} else {
			x.path, err = spec.ParsePath(m.JSON)
		}
		if err != nil {
			return nil, fmt.Errorf("metric %s: %w", m.Unit, err)
		}
		f.wish = append(f.wish, x)
	}
	return f, nil
}

// Stderr says whether some metric is printed on stderr.
func (f *Finder) Stderr() bool {
	return f != nil && slices.ContainsFunc(f.wish, func(x wanted) bool { return x.From == "stderr" })
}

// Lines reads what a program printed: one line, or as many as the metric with
// the most matches has; an empty one for counters alone. A metric that is not
// there is an error, and those that are there are returned all the same.
func (f *Finder) Lines(stdout, stderr []byte) ([]Line, error) {
	if f == nil {
		return Printed(stdout)
	}
	if f.wish == nil {
		return []Line{{Name: f.name, Iters: 1}}, nil
	}
	var lines []Line
	var errs []error
	out := map[string]*output{"stdout": {text: stdout}, "stderr": {text: stderr}}
	for _, x := range f.wish {
		from := x.From
		if from == "" {
			from = "stdout"
		}
		values, err := x.find(out[from])
		if err != nil {
			errs = append(errs, fmt.Errorf("metric %s: %s %w", x.Unit, from, err))
		}
		for i, v := range values {
			if i == len(lines) {
				lines = append(lines, Line{Name: f.name, Iters: 1})
			}
			lines[i].Values = append(lines[i].Values, Value{Value: v * x.Scale, Unit: x.Unit.Text})
		}
	}
	return lines, errors.Join(errs...)
}

// An output is one stream, and the document in it once it was parsed.
type output struct {
	text   []byte
	parsed bool
	doc    any
	err    error
}

func (o *output) json() (any, error) {
	if !o.parsed {
		o.parsed = true
		o.err = json.Unmarshal(o.text, &o.doc)
	}
	return o.doc, o.err
}

// Begins shows the start of what a program printed, for messages that say what it is:
// "begins "PASS"", or "is empty".
func Begins(printed []byte) string {
	const most = 120
	text := strings.ToValidUTF8(strings.TrimSpace(string(printed)), "?")
	if text == "" {
		return "is empty"
	}
	return "begins " + strconv.Quote(prose.Cut(text, most))
}

// find gives every value of the metric. The error goes on after the name of the stream.
func (x wanted) find(o *output) ([]float64, error) {
	if x.re == nil {
		return x.inDocument(o)
	}
	var values []float64
	for _, m := range x.re.FindAllSubmatch(o.text, -1) {
		v, err := wire.ParseFloat(string(m[1]))
		if err != nil {
			return values, fmt.Errorf("has a match of %s, but %w", x.Regexp, err)
		}
		values = append(values, v)
	}
	if values == nil {
		return nil, fmt.Errorf("has no match of %s: it %s", x.Regexp, Begins(o.text))
	}
	return values, nil
}

func (x wanted) inDocument(o *output) ([]float64, error) {
	doc, err := o.json()
	if err != nil {
		return nil, fmt.Errorf("is not one JSON document (%w): it %s", err, Begins(o.text))
	}
	for i, step := range x.path {
		if doc, err = follow(doc, step); err != nil {
			return nil, fmt.Errorf("has no %s: %s %w", x.path, x.path[:i], err)
		}
	}
	v, ok := doc.(float64)
	if !ok {
		return nil, fmt.Errorf("has %s at %s, not a number", kind(doc), x.path)
	}
	return []float64{v}, nil
}

// follow takes one step into a document. The error goes on after the path so far.
func follow(doc any, s spec.Step) (any, error) {
	switch doc := doc.(type) {
	case map[string]any:
		if v, ok := doc[s.Key]; ok && !s.Item {
			return v, nil
		}
		return nil, fmt.Errorf("is an object with %s", few(slices.Sorted(maps.Keys(doc))))
	case []any:
		if s.Item && s.Index < len(doc) {
			return doc[s.Index], nil
		}
		return nil, fmt.Errorf("is an array of %d", len(doc))
	}
	return nil, fmt.Errorf("is %s", kind(doc))
}

// few shows the first of many keys.
func few(keys []string) string {
	const most = 10
	if len(keys) == 0 {
		return "no key"
	}
	return prose.Few(keys, most)
}

// kind names what a JSON value is.
func kind(doc any) string {
	switch doc.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case string:
		return "a string"
	case float64:
		return "a number"
	case []any:
		return "an array"
	}
	return "an object"
}

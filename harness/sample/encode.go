package sample

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/assaylab/assay/workloads/wire"
)

// A Config is one configuration line: a lower-case key and a non-empty value.
type Config struct{ Key, Value string }

// Text gives a sample's part of samples.txt: the configuration that varies
// between cells, then its lines. It stands alone: no state is carried over
// from the text before it, so that a file cut anywhere between samples is whole.
func Text(vary []Config, lines []Line) string {
	var b strings.Builder
	config(&b, vary)
	for _, l := range lines {
		fmt.Fprintf(&b, "Benchmark%s %d", l.Name, l.Iters)
		for _, v := range l.Values {
			b.WriteString(" " + number(v.Value) + " " + v.Unit)
		}
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return b.String()
}

// Header gives the head of samples.txt: what is constant over the run, and the
// metadata of units.
func Header(constant []Config, metrics []wire.Metric) string {
	var b strings.Builder
	config(&b, constant)
	b.WriteByte('\n')
	for _, m := range metrics {
		if m.Better != "" {
			fmt.Fprintf(&b, "Unit %s better=%s\n", m.Unit, m.Better)
		}
		if m.Exact {
			fmt.Fprintf(&b, "Unit %s assume=exact\n", m.Unit)
		}
	}
	b.WriteByte('\n')
	return b.String()
}

// config writes keys in lower case.
func config(b *strings.Builder, cs []Config) {
	for _, c := range cs {
		fmt.Fprintf(b, "%s: %s\n", strings.ToLower(c.Key), Written(c.Value))
	}
}

// Written is a level as samples.txt has it: blanks folded, and "none" for an absent
// one, since the format takes an empty value for the end of a key.
func Written(level string) string {
	if s := strings.Join(strings.Fields(level), " "); s != "" {
		return s
	}
	return "none"
}

// number is the shortest text that reads back to the same value, whole numbers
// without an exponent.
func number(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

package plot

import (
	"math"
	"strconv"
	"strings"
)

// A Unit shows values of a metric in a unit people read: ms, not ns.
type Unit struct {
	Label  string  // of an axis: "gc-mark-cpu (ms/cycle)"
	Suffix string  // after a number: "ms/cycle"
	Divide float64 // values by this
}

type prefix struct {
	from   float64 // smallest value shown with it
	name   string
	divide float64
}

var (
	timeScale  = []prefix{{1e9, "s", 1e9}, {1e6, "ms", 1e6}, {1e3, "µs", 1e3}, {0, "ns", 1}}
	byteScale  = []prefix{{1 << 40, "TiB", 1 << 40}, {1 << 30, "GiB", 1 << 30}, {1 << 20, "MiB", 1 << 20}, {1 << 10, "KiB", 1 << 10}, {0, "B", 1}}
	countScale = []prefix{{1e10, "billions", 1e9}, {1e7, "millions", 1e6}, {1e5, "thousands", 1e3}, {0, "", 1}}
)

// Human chooses the unit for values of a metric named by the conventions of
// the Go benchmark format: the numerator's last word is ns, B or bytes, else
// the metric is a count. The largest value decides.
func Human(metric string, values ...float64) Unit {
	size := 0.0
	for _, v := range values {
		if a := math.Abs(v); !math.IsInf(a, 0) {
			size = math.Max(size, a)
		}
	}
	name, per, kind := split(metric)
	p := pick(kind, size)
	u := Unit{Divide: p.divide, Suffix: p.name + per}
	switch {
	case kind == nil || name == "" && u.Suffix == "":
		u.Label, u.Suffix, u.Divide = metric, "", 1
	case u.Suffix == per: // a plain count keeps its own name
		u.Label, u.Suffix = metric, ""
	case p.name == "thousands" || p.name == "millions" || p.name == "billions":
		u.Label, u.Suffix = metric+" ("+p.name+")", p.name
	case name == "":
		u.Label = u.Suffix
	default:
		u.Label = name + " (" + u.Suffix + ")"
	}
	return u
}

// split takes a metric apart: "gc-mark-cpu-ns/cycle" is "gc-mark-cpu", "/cycle"
// and a time. A rate that is scaled already (MB/s) has no prefixes.
func split(metric string) (name, per string, kind []prefix) {
	top, rest, ok := strings.Cut(metric, "/")
	if ok {
		per = "/" + rest
	}
	last := top[strings.LastIndexByte(top, '-')+1:]
	name = strings.TrimSuffix(strings.TrimSuffix(top, last), "-")
	switch last {
	case "ns":
		return name, per, timeScale
	case "B", "bytes":
		return name, per, byteScale
	case "MB":
		return name, per, nil
	}
	return top, per, countScale
}

func pick(kind []prefix, size float64) prefix {
	for _, p := range kind {
		if size >= p.from {
			return p
		}
	}
	return prefix{divide: 1}
}

// Text shows one value with four significant digits and the unit: "98.61 ms/cycle".
func (u Unit) Text(v float64) string {
	s := Number(v / u.Divide)
	if u.Suffix != "" {
		s += " " + u.Suffix
	}
	return s
}

// Number shows a value with four significant digits, without an exponent
// where it is neither huge nor tiny.
func Number(v float64) string {
	a := math.Abs(v)
	switch {
	case a != 0 && (a < 1e-4 || a >= 1e15):
		return strconv.FormatFloat(v, 'g', 4, 64)
	case v == math.Trunc(v) && a < 1e6:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	digits := 3
	for x := a; x >= 10; x /= 10 {
		digits--
	}
	for x := a; x < 1; x *= 10 {
		digits++
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

func itoa(n int) string { return strconv.Itoa(n) }

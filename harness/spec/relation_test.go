package spec

import (
	"math"
	"testing"
)

func TestRelationsAreRegions(t *testing.T) {
	inf := Bound{Inf: true}
	open := func(v float64) Bound { return Bound{Value: v} }
	closed := func(v float64) Bound { return Bound{Value: v, Closed: true} }
	check := func(text string, q Quantity, lo, hi Bound, unit string) {
		t.Helper()
		r, err := parseRelation(Scalar{Text: text})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if r.Quantity != q || r.Lo != lo || r.Hi != hi || r.Unit != unit {
			t.Errorf("%s: got %+v", text, r)
		}
	}
	check("ratio < 1", Ratio, inf, open(1), "")
	check("ratio > 1.05", Ratio, open(1.05), inf, "")
	check("ratio  within   0.75..0.85", Ratio, closed(0.75), closed(0.85), "")
	check("ratio == 1", Ratio, closed(1), closed(1), "")
	check("value == 1 procs", Value, closed(1), closed(1), "procs")
	check("difference < 5 ms", Difference, inf, open(5), "ms")
	check("difference > -5 ms", Difference, open(-5), inf, "ms")
	check("difference within -1..1 MiB", Difference, closed(-1), closed(1), "MiB")
	check("share < 0.1", Share, inf, open(0.1), "")
	check("share > 0", Share, open(0), inf, "")
	check("share within 0..0.1", Share, closed(0), closed(0.1), "")
	check("share == 1", Share, closed(1), closed(1), "")
	check("value < 1e6 gc-mark-cpu-ns/cycle", Value, inf, open(1e6), "gc-mark-cpu-ns/cycle")
}

func TestOtherRelationsAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "ratio", "ratio <", "ratio 1", "ratio < x", "ratio < 1 2 3", "ratio <1", "ratio< 1", "Ratio < 1",
		"ratio <= 1", "ratio = 1", "ratio != 1", "ratio < 1..2", "ratio within 1", "ratio within 1...2", "ratio within 1..", "ratio within ..2",
		"ratio within 1..1", "ratio within 2..1", "ratio < 0", "ratio within 0..1", "ratio < 1 ms", "ratio < 0x1p3", "ratio < NaN",
		"ratio < Inf", "ratio < 1e999", "ratio < 1_0", "ratio < .5", "ratio < 5%", "value < 1",
		"share < 0", "share > 1", "share < 1.5", "share > -0.1", "share within 0..2", "share < 0.1 procs", "difference < 5ms", "difference < 5 3", "value < 1 -ms",
	} {
		if r, err := parseRelation(Scalar{Text: text}); err == nil {
			t.Errorf("%q is read as %+v", text, r)
		}
	}
}

func TestScaleTurnsClaimsIntoMetrics(t *testing.T) {
	check := func(unit, metric string, want float64) {
		t.Helper()
		r := Relation{Quantity: Difference, Unit: unit}
		if got, ok := r.Scale(metric); got != want || ok != (want != 0) {
			t.Errorf("%s on %s: got %v %t, want %v", unit, metric, got, ok, want)
		}
	}
	check("ms", "gc-mark-cpu-ns/cycle", 1e6)
	check("ms/cycle", "gc-mark-cpu-ns/cycle", 1e6)
	check("ms/op", "gc-mark-cpu-ns/cycle", 0)
	check("gc-mark-cpu-ns/cycle", "gc-mark-cpu-ns/cycle", 1)
	check("ns", "ns/op", 1)
	check("us", "p99-latency-ns", 1e3)
	check("s", "wall-ns", 1e9)
	check("KiB", "peak-RSS-bytes", 1024)
	check("MiB", "B/op", 1<<20)
	check("B", "heap-bytes", 1)
	check("GiB", "peak-RSS-bytes", 1<<30)
	check("procs", "procs", 1)
	check("procs", "usable-procs", 1)
	check("bytes", "peak-RSS-bytes", 1)
	check("MiB", "ns/op", 0)
	check("ms", "peak-RSS-bytes", 0)
	check("ms", "transactions/op", 0) // ns is a word of a unit, not its ending
	check("min", "wall-ns", 0)
	check("events", "procs", 0)
	if f, ok := (Relation{Quantity: Ratio}).Scale("ns/op"); f != 1 || !ok {
		t.Errorf("a ratio has no unit: %v %t", f, ok)
	}
}

func FuzzRelation(f *testing.F) {
	for _, text := range []string{"ratio < 1", "ratio within 0.75..0.85", "value == 1 procs", "difference within -1..1 MiB", "difference > 5e-3 ms", "ratio within 1...2"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseRelation(Scalar{Text: text})
		if err != nil {
			return
		}
		for _, b := range []Bound{r.Lo, r.Hi} {
			if math.IsNaN(b.Value) || math.IsInf(b.Value, 0) {
				t.Errorf("%q: a bound is %v", text, b.Value)
			}
		}
		if r.Lo.Inf && r.Hi.Inf || !r.Lo.Inf && !r.Hi.Inf && r.Lo.Value > r.Hi.Value {
			t.Errorf("%q is no region: %+v", text, r)
		}
		again, err := parseRelation(Scalar{Text: r.Text})
		if err != nil || again != r {
			t.Errorf("%q reads as %+v, its own text as %+v: %v", text, r, again, err)
		}
	})
}

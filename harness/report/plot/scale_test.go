package plot

import (
	"math"
	"slices"
	"testing"
)

func TestHumanUnits(t *testing.T) {
	check := func(metric string, v float64, label, text string) {
		t.Helper()
		u := Human(metric, v)
		if u.Label != label || u.Text(v) != text {
			t.Errorf("%s, %g: got %q and %q, want %q and %q", metric, v, u.Label, u.Text(v), label, text)
		}
	}
	check("gc-mark-cpu-ns/cycle", 98.6e6, "gc-mark-cpu (ms/cycle)", "98.60 ms/cycle")
	check("ns/op", 1234, "µs/op", "1.234 µs/op")
	check("ns/op", 12, "ns/op", "12 ns/op")
	check("p99-latency-ns", 2.5e9, "p99-latency (s)", "2.500 s")
	check("peak-RSS-bytes", 1<<20, "peak-RSS (MiB)", "1 MiB")
	check("B/op", 1536, "KiB/op", "1.500 KiB/op")
	check("MB/s", 1500, "MB/s", "1500")
	check("allocs/op", 12, "allocs/op", "12")
	check("events", 2.5e7, "events (millions)", "25 millions")
	check("gomaxprocs", 2, "gomaxprocs", "2")
	check("steal-share", 0.0123, "steal-share", "0.01230")
	check("x-ns", math.Inf(1), "x (ns)", "+Inf ns")
	check("", 5, "", "5")
}

func TestTicksAreTidy(t *testing.T) {
	check := func(a axis, want ...string) {
		t.Helper()
		var got []string
		for _, tk := range a.ticks {
			got = append(got, tk.label)
			if at := a.at(tk.at); at < -1e-9 || at > 1+1e-9 {
				t.Errorf("tick %s lies at %g, off the axis", tk.label, at)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%g..%g: got ticks %q, want %q", a.lo, a.hi, got, want)
		}
	}
	check(linear(81, 129, 6), "80", "90", "100", "110", "120", "130")
	check(linear(98.612, 98.618, 4), "98.612", "98.614", "98.616", "98.618")
	check(linear(-44, 0, 6), "-40", "-30", "-20", "-10", "0")
	check(linear(0, 0, 4), "-1", "0", "1")
	check(linear(0.001, 3, 4), "0", "1", "2", "3")
	check(logarithmic(0.75, 1.31, 8), "0.8", "0.9", "1.0", "1.1", "1.2", "1.3")
	check(logarithmic(0.5, 8, 6), "0.5", "1", "2", "5")
	check(logarithmic(1e-6, 1e6, 6), "1e-6", "1e-3", "1e0", "1e3", "1e6")
}

func TestLooksOfAFigureDiffer(t *testing.T) {
	seen := map[string]int{}
	for i := range MaxCells {
		l := lookOf(i)
		k := string([]byte{l.color.R, l.color.G, l.color.B}) + markName(l)
		if j, ok := seen[k]; ok {
			t.Errorf("cells %d and %d have the same colour and mark", j, i)
		}
		seen[k] = i
	}
}

func markName(l look) string {
	for i, m := range marks {
		if m == l.mark {
			return itoa(i)
		}
	}
	return "?"
}

func TestQuantileIsTheUsualMedian(t *testing.T) {
	check := func(q, want float64, vs ...float64) {
		t.Helper()
		if got := quantile(vs, q); got != want {
			t.Errorf("quantile(%v, %g) = %g, want %g", vs, q, got, want)
		}
	}
	check(0.5, 2, 3, 1, 2)
	check(0.5, 2.5, 4, 1, 3, 2)
	check(0.25, 1.75, 1, 2, 3, 4)
	check(1, 4, 1, 2, 3, 4)
	check(0.5, 7, 7)
}

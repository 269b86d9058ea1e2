package compare

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGateSaysWhatTheIntervalsSay(t *testing.T) {
	base := file(t, lines("X", 10, 1000, 0.005, 1)+lines("Y", 10, 50, 0.005, 2))
	check := func(text, threshold string, metrics []string, want GateWord, code int) {
		t.Helper()
		r := compared(t, base, file(t, text))
		share := map[string]float64{"3%": 0.03, "30%": 0.3}[threshold]
		g, err := r.Gate(share, metrics)
		require.NoError(t, err)
		if g.Word != want || g.Code() != code {
			t.Errorf("%s (%d), want %s (%d): %+v", g.Word, g.Code(), want, code, g)
		}
	}
	same := lines("Y", 10, 50, 0.005, 4)
	check(lines("X", 10, 1000, 0.005, 3)+same, "3%", nil, Passes, 0)
	check(lines("X", 10, 900, 0.005, 3)+same, "3%", nil, Passes, 0) // better is not worse
	check(lines("X", 10, 1100, 0.005, 3)+same, "3%", nil, Fails, 3)
	check(lines("X", 10, 1100, 0.005, 3)+same, "30%", nil, Passes, 0)
	check(lines("X", 10, 1030, 0.02, 3)+same, "3%", nil, TooWide, 4)
	check(lines("X", 10, 1000, 0.5, 3)+same, "3%", nil, TooWide, 4)
	check(lines("X", 1, 1000, 0.001, 3)+same, "3%", nil, TooWide, 4)                  // no interval
	check(lines("X", 10, 1000, 0.005, 3), "3%", nil, TooWide, 4)                      // Y is missing
	check(same, "3%", []string{"B/op"}, TooWide, 4)                                   // X too
	check(lines("X", 10, 1100, 0.005, 3)+same, "3%", []string{"B/op"}, Passes, 0)     // all equal
	check(lines("X", 10, 1100, 0.005, 3)+same, "3%", []string{"sec/op"}, Fails, 3)    // by what it means
	check(lines("X", 10, 1000/1.1, 0.005, 3)+same, "3%", []string{"MB/s"}, Passes, 0) // higher is better
	check(lines("X", 10, 1100, 0.005, 3)+same, "3%", []string{"MB/s"}, Fails, 3)
}

// A time below 0 would be the best of all: it is no time, and passes no gate.
func TestWhatCanBeNoMeasurementPassesNoGate(t *testing.T) {
	check := func(value, unit string, broken bool) {
		t.Helper()
		var good, bad strings.Builder
		for i := range 10 {
			fmt.Fprintf(&good, "BenchmarkX 100 10%02d %s\n", i, unit)
			fmt.Fprintf(&bad, "BenchmarkX 100 %s %s\n", value, unit)
		}
		meta := "Unit " + unit + " better=lower\n"
		r := compared(t, file(t, meta+good.String()), file(t, meta+bad.String()))
		g, err := r.Gate(0.03, []string{unit})
		require.NoError(t, err)
		x := row(t, r, "X", unit)
		if (g.Code() == 4) != broken || x.Moved == broken || (len(x.Impossible) == 1) != broken {
			t.Errorf("%s %s: gate %+v, row %+v", value, unit, g, x)
		}
	}
	check("-4", "ns/op", true)
	check("0", "ns/op", true)
	check("-1", "B/op", true)
	check("-1", "allocs/op", true)
	check("0", "B/op", false)
	check("0", "allocs/op", false)
	check("4", "ns/op", false)
	check("-4", "drift", false) // nobody knows what it is
}

// The gate is one claim against k rows. With m = 1 this excess would fail; one of
// 200 rows must lie beyond by more.
func TestAGateOverManyRowsAsksMoreOfOne(t *testing.T) {
	var a, b strings.Builder
	for i := range 60 {
		name := "R" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		a.WriteString(lines(name, 5, 100, 0.002, uint64(2*i)))
		b.WriteString(lines(name, 5, 100, 0.002, uint64(2*i+1)))
	}
	one, other := lines("Slow", 5, 100, 0.002, 900), lines("Slow", 5, 110, 0.002, 901)
	gate := func(a, b string) GateWord {
		r := compared(t, file(t, a), file(t, b))
		g, err := r.Gate(0.03, []string{"ns/op"})
		require.NoError(t, err)
		return g.Word
	}
	if got := gate(one, other); got != Fails { // 5 against 5: p is 2/252
		t.Errorf("alone: %s", got)
	}
	if got := gate(a.String()+one, b.String()+other); got != TooWide { // 0.05/61 is below 2/252
		t.Errorf("among 61: %s", got)
	}
}

func TestAGateWithNothingToGateIsRefused(t *testing.T) {
	a := file(t, strings.Repeat("BenchmarkX 1 5 widgets\n", 5))
	r := compared(t, a, a)
	if _, err := r.Gate(0.03, nil); err == nil {
		t.Error("nothing is known to be worse, and the gate passed")
	}
	r = compared(t, plain().write(t), plain().write(t))
	if _, err := r.Gate(0.03, []string{"p99-latency-ns"}); err == nil {
		t.Error("a metric that is not there, and the gate passed")
	}
	g, err := r.Gate(0.03, nil)
	if err != nil || len(g.Metrics) != 1 || g.Metrics[0] != "ns/op" || g.K != 2 {
		t.Errorf("without a word the primary metric is gated: %+v, %v", g, err)
	}
}

// Between identical sides of usual noise the gate is all but never wrong: 200
// comparisons of 20 rows, by the exact bound.
func TestGateSeldomFailsWhereNothingChanged(t *testing.T) {
	fails := 0
	for i := range 200 {
		var a, b strings.Builder
		for k := range 20 {
			name := "R" + string(rune('a'+k))
			a.WriteString(lines(name, 6, 100, 0.2, uint64(100*i+2*k)))
			b.WriteString(lines(name, 6, 100, 0.2, uint64(100*i+2*k+1)))
		}
		x, err := parse(strings.NewReader(a.String()), "a")
		require.NoError(t, err)
		y, err := parse(strings.NewReader(b.String()), "b")
		require.NoError(t, err)
		r, err := Compare(x, y)
		require.NoError(t, err)
		g, err := r.Gate(0.03, []string{"ns/op"})
		require.NoError(t, err)
		if g.Word == Fails {
			fails++
		}
	}
	if fails > 2 { // the 99.5 % bound of 3 of 200 exceeds 5 %
		t.Errorf("%d of 200 gates failed", fails)
	}
}

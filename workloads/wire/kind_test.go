package wire

import (
	"strings"
	"testing"
)

func TestEveryLevelHasOneText(t *testing.T) {
	check := func(kind Kind, text, want string) {
		t.Helper()
		got, err := Canonical(kind, text)
		if err != nil || got != want {
			t.Errorf("Canonical(%s, %q) = %q, %v; want %q", kind, text, got, err, want)
		}
	}
	check(Int, "100000", "100000")
	check(Int, "1e5", "100000")
	check(Int, "022", "22") // decimal, as written
	check(Int, "-7", "-7")
	check(Int, "0e999999", "0")
	check(Float, "0.50", "0.5")
	check(Float, "1e-3", "0.001")
	check(Float, "-0", "0")
	check(Bytes, "1024MiB", "1GiB")
	check(Bytes, "1.5GiB", "1536MiB")
	check(Bytes, "512B", "512B")
	check(Bytes, "0GiB", "0B")
	check(Duration, "60s", "1m0s")
	check(Bool, "true", "true")
	check(String, "pow 2", "pow 2")
}

func TestWrongLevelsSayWhatIsAllowed(t *testing.T) {
	check := func(kind Kind, text, want string) {
		t.Helper()
		_, err := Canonical(kind, text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Canonical(%s, %q): %v; want an error with %q", kind, text, err, want)
		}
	}
	check(Int, "1.5", "write 100000 or 1e5")
	check(Int, "0x10", "write 100000 or 1e5")
	check(Int, "1e-1", "write 100000 or 1e5")
	check(Int, "1e19", "64 bits")
	check(Int, "9223372036854775808", "64 bits")
	check(Float, "inf", "write 0.5")
	check(Float, "0x1p-2", "write 0.5")
	check(Float, "1e999", "out of range")
	check(Bytes, "64", "64MiB")
	check(Bytes, "64MB", "KiB, MiB")
	check(Bytes, "-1KiB", "64MiB")
	check(Bytes, "0.3B", "whole number of bytes")
	check(Bytes, "8388608TiB", "64 bits")
	check(Duration, "5", "write 100ms")
	check(Bool, "yes", "neither true nor false")
	check(String, "", "empty")
	check(String, " x", "white space")
	check(String, "a\nb", "control character")
	check("colour", "red", "no such kind")
}

func TestParamsBoundTheirLevels(t *testing.T) {
	check := func(p Param, text, want string) {
		t.Helper()
		got, err := p.Canonical(text)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s %q: %s; want %s", p.Kind, text, got, want)
		}
	}
	heap := Param{Kind: Bytes, Min: "1MiB", Max: "1TiB"}
	check(heap, "64MiB", "64MiB")
	check(heap, "1024KiB", "1MiB")
	check(heap, "1023KiB", "1023KiB is below the least, 1MiB")
	check(heap, "2TiB", "2TiB is above the most, 1TiB")
	check(Param{Kind: Float, Min: "0", Max: "1"}, "1.01", "1.01 is above the most, 1")
	check(Param{Kind: Duration, Min: "1s"}, "999ms", "999ms is below the least, 1s")
	check(Param{Kind: String, Values: []string{"fixed", "uniform"}}, "normal", `"normal" is not a level (fixed, uniform)`)
}

func TestPercentagesReadBackToTheLastBit(t *testing.T) {
	check := func(text string, share float64, canonical string) {
		t.Helper()
		got, err := ParsePercent(text)
		if err != nil || got != share {
			t.Errorf("ParsePercent(%q) = %v, %v; want %v", text, got, err, share)
		}
		if s := FormatPercent(share); s != canonical {
			t.Errorf("FormatPercent(%v) = %q, want %q", share, s, canonical)
		}
	}
	check("5%", 0.05, "5%")
	check("007.50%", 0.075, "7.5%")
	check("0%", 0, "0%")
	check("0.001%", 0.00001, "0.001%")
	check("29%", 0.29, "29%") // 0.29*100 is 28.999999999999996
	check("1000%", 10, "1000%")
	for _, text := range []string{"5", "", "%", "-1%", "1001%", "1e2%", "NaN%", "5 %"} {
		if _, err := ParsePercent(text); err == nil {
			t.Errorf("ParsePercent(%q) succeeded", text)
		}
	}
}

func FuzzCanonicalIsAFixedPoint(f *testing.F) {
	for _, text := range []string{"1e5", "64MiB", "1.5GiB", "0.1", "-0", "1m30s", "true", "x", "5e-324", "9223372036854775807B"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []Kind{Int, Float, Bytes, Duration, Bool, String} {
			once, err := Canonical(kind, text)
			if err != nil {
				continue
			}
			if twice, err := Canonical(kind, once); err != nil || twice != once {
				t.Errorf("%s: %q -> %q -> %q, %v", kind, text, once, twice, err)
			}
		}
	})
}

func FuzzPercentReadsBack(f *testing.F) {
	f.Add(0.05)
	f.Add(0.29)
	f.Add(1e-300)
	f.Fuzz(func(t *testing.T, share float64) {
		if !(share >= 1e-30 && share <= 10) { // what ParsePercent takes
			return
		}
		text := FormatPercent(share)
		if len(text) > 40 {
			return
		}
		if got, err := ParsePercent(text); err != nil || got != share {
			t.Errorf("%v -> %q -> %v, %v", share, text, got, err)
		}
	})
}

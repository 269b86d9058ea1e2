package spec

import (
	"slices"
	"testing"
)

func TestAPathIsReadStepByStep(t *testing.T) {
	check := func(text string, want ...Step) {
		t.Helper()
		got, err := ParsePath(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, error %v; want %v", text, got, err, want)
		}
	}
	check(".")
	check(".a", Step{Key: "a"})
	check(".latency.p99", Step{Key: "latency"}, Step{Key: "p99"})
	check(".results[0].mean", Step{Key: "results"}, Step{Index: 0, Item: true}, Step{Key: "mean"})
	check("[12][3]", Step{Index: 12, Item: true}, Step{Index: 3, Item: true})
	check(`.jobs[0]["read iops"]`, Step{Key: "jobs"}, Step{Index: 0, Item: true}, Step{Key: "read iops"})
	check(`["a\"b.c[0]"]`, Step{Key: `a"b.c[0]`})
	check(`.0`, Step{Key: "0"})
}

func TestWhatIsNoPathIsRefused(t *testing.T) {
	for _, text := range []string{"", "a", "a.b", "..", ".a.", ".a..b", "[", "[]", "[-1]", "[01]", "[1", ".a[*]", `["a]`, `["a"`, `["\x"]`, "[9999999999]", ".a b", ".ä"} {
		if p, err := ParsePath(text); err == nil {
			t.Errorf("%q was read as %s", text, p)
		}
	}
}

func FuzzParsePath(f *testing.F) {
	for _, text := range []string{".", ".a.b[0]", `["x y"][3]`, `["\u00e9\"]"]`, "[0].a-b_c", ".a..b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePath(text)
		if err != nil {
			return
		}
		again, err := ParsePath(p.String())
		if err != nil || !slices.Equal(again, p) {
			t.Errorf("%q is %s, which reads as %v (%v)", text, p, again, err)
		}
	})
}

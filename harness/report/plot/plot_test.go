package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func drawn(t *testing.T, f Figure, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, f.Write(&b, format))
	return b.Bytes()
}

func TestEqualInputGivesEqualBytes(t *testing.T) {
	for name, f := range map[string]func() Figure{
		"box":       func() Figure { return Box(thp()) },
		"ecdf":      func() Figure { return ECDF(thp()) },
		"run-order": func() Figure { return RunOrder(thp()) },
		"forest":    func() Figure { return Forest(claims()) },
		"pareto":    func() Figure { return Pareto(varied()) },
		"pair":      func() Figure { return Interaction(varied()) },
	} {
		for _, format := range Formats {
			if format == "png" && name != "box" {
				continue // slow under the race detector, and one pixel encoder serves all
			}
			if !bytes.Equal(drawn(t, f(), format), drawn(t, f(), format)) {
				t.Errorf("%s.%s: two drawings of one input differ", name, format)
			}
		}
	}
}

func TestOrderOfTrialsInTheInputDoesNotMatter(t *testing.T) {
	turned := thp()
	for i := range turned.Cells {
		slices.Reverse(turned.Cells[i].Trials)
	}
	if !bytes.Equal(drawn(t, Box(thp()), "svg"), drawn(t, Box(turned), "svg")) {
		t.Error("the box plot depends on the order in which trials are handed in")
	}
}

// texts are the strings of an SVG, which is checked to be well-formed on the way.
func texts(t *testing.T, svg []byte) []string {
	t.Helper()
	var out []string
	d := xml.NewDecoder(bytes.NewReader(svg))
	in := false
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		switch x := tok.(type) {
		case xml.StartElement:
			in = x.Name.Local == "text"
		case xml.CharData:
			if s := strings.TrimSpace(string(x)); in && s != "" {
				out = append(out, s)
			}
		case xml.EndElement:
			in = false
		}
	}
}

func TestFiguresSayWhatTheyShow(t *testing.T) {
	check := func(name string, f Figure, want ...string) {
		t.Helper()
		got := texts(t, drawn(t, f, "svg"))
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: no text %q in %q", name, w, got)
			}
		}
	}
	sub := "thp-gc: 20 blocks, n = 20 a cell; 2 CPUs, Linux 6.1.0-18-amd64"
	check("box", Box(thp()), "gc-mark-cpu-ns/cycle", sub, "thp", "never", "madvise", "always", "gc-mark-cpu (ms/cycle)", "100", "median", "20")
	check("ecdf", ECDF(thp()), sub, "thp=never (n 20)", "gc-mark-cpu (ms/cycle)", "50 %")
	check("run-order", RunOrder(thp()), sub, "thp=always (n 20)", "median of the block", "trial, in the order run; bands are blocks")
	check("forest", Forest(claims()), "thp-madvise-marks-faster", "direction", "magnitude", "thp=madvise / thp=never",
		"0.832 [0.815, 0.851]  n 20", "0.970 [0, ∞]  n 20", "supported", "refuted", "inconclusive", "invalid", "not testable here",
		"10 [1.235, 31.70]  n 20", "trials with oom-kills above 0 (%)", "swappiness: this host has no swap", "ratio of / to (log scale)", "gomaxprocs", "difference, of − to: max-pause (µs)", "region claimed")
	check("pareto", Pareto(varied()), "thp", "thp x gogc", "noise", "61.0 %", "83.5 %", "100.0 %", "a factor by itself",
		"two factors that depend on each other", "share of the variation over the whole matrix (%)")
	check("pareto of many", Pareto(many()), "45 smaller ones")
	check("interaction", Interaction(varied()), "thp", "madvise", "gogc=200", "gc-mark-cpu (ms/cycle) (log scale)",
		"thp and gogc: their interaction explains 22.5 %; parallel lines would be none")
	check("interaction of many", Interaction(many()), "shown are the first 24 of 60 levels of param.live-heap, and 9 of 60 of gomemlimit")
	check("box of many", Box(made("peak-RSS-bytes", "", names(40), 3, func(c, b int) float64 { return 64e6 })),
		"the first 24 of 40 cells are shown", "peak-RSS (MiB)")
	check("long run", RunOrder(made("ns/op", "", names(2), 400, func(c, b int) float64 { return 5e3 })), "trial, in the order run; bands are 5 blocks", "µs/op")
}

// No text of a figure may leave the paper or lie on another text.
func TestTextNeitherLeavesThePaperNorOverlaps(t *testing.T) {
	figures := map[string]Figure{"forest": Forest(claims())}
	for _, n := range []int{2, 3, 9, 24, 40} {
		m := made("peak-RSS-bytes", "", names(n), 6, func(c, b int) float64 { return 64e6 * (1 + 0.1*float64(c%7)) })
		figures["box"+itoa(n)], figures["ecdf"+itoa(n)], figures["order"+itoa(n)] = Box(m), ECDF(m), RunOrder(m)
	}
	figures["box thp"] = Box(thp())
	figures["pareto"], figures["pareto of many"] = Pareto(varied()), Pareto(many())
	figures["pair"], figures["pair of many"] = Interaction(varied()), Interaction(many())
	for name, f := range figures {
		boxes := record(f)
		require.NotEmpty(t, boxes, name)
		for i, a := range boxes {
			if a.x0 < 0 || a.y0 < 0 || a.x1 > f.Width || a.y1 > f.Height {
				t.Errorf("%s: %q leaves the paper: %+v", name, a.text, a)
			}
			for _, b := range boxes[:i] {
				if a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1 {
					t.Errorf("%s: %q lies on %q", name, a.text, b.text)
				}
			}
		}
	}
}

func TestOddDataAreDrawn(t *testing.T) {
	odd := map[string]Metric{
		"no cell":      {Name: "ns/op"},
		"empty cell":   {Name: "ns/op", Cells: []Cell{{Name: "a"}}},
		"one value":    {Name: "gomaxprocs", Cells: []Cell{{Name: "a", Trials: []Trial{{0, 0, 2}}}}},
		"zeros":        {Name: "events", Cells: []Cell{{Name: "a", Trials: []Trial{{0, 0, 0}, {1, 1, 0}}}}},
		"not a number": {Name: "x", Cells: []Cell{{Name: "a", Trials: []Trial{{0, 0, math.NaN()}, {1, 0, math.Inf(1)}, {2, 0, 1}}}}},
		"negative":     {Name: "x-ns", Cells: []Cell{{Name: "a", Trials: []Trial{{0, 0, -5e9}, {1, 0, 3e9}}}}},
		"huge":         {Name: "B/s", Cells: []Cell{{Name: "a", Trials: []Trial{{0, 0, 1e300}, {1, 0, 1e-300}}}}},
	}
	for name, m := range odd {
		for kind, f := range map[string]Figure{"box": Box(m), "ecdf": ECDF(m), "run-order": RunOrder(m)} {
			if b := drawn(t, f, "svg"); bytes.Contains(b, []byte("NaN")) || bytes.Contains(b, []byte("Inf")) {
				t.Errorf("%s of %s: coordinates that are no numbers", kind, name)
			}
		}
	}
}

// A reason can hold a workload's stderr.
func TestForeignTextKeepsTheSVGWhole(t *testing.T) {
	c := Claims{Title: "a <b> & \"c\"", Rows: []Row{{Claim: "x", Quantity: "ratio", Word: "invalid", Why: "exit 2:\x1b[31m\nno\x00"}}}
	got := texts(t, drawn(t, Forest(c), "svg"))
	if !slices.Contains(got, `a <b> & "c"`) || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "exit 2:") }) {
		t.Errorf("texts %q", got)
	}
}

func TestForestCutsWhatWouldSqueezeTheRest(t *testing.T) {
	lo, hi := 1e-9, 1e9
	c := Claims{Title: "t", Rows: []Row{
		{Claim: "a", Quantity: "ratio", Word: "inconclusive", Measured: true, Estimate: 1.1, Lo: &lo, Hi: &hi},
		{Claim: "b", Quantity: "ratio", Word: "inconclusive", Measured: true, Estimate: 0.9},
	}}
	a := group(c.Rows)[0].axis(Unit{Divide: 1})
	if a.lo < 0.5 || a.hi > 2 {
		t.Errorf("axis %g..%g: an interval of 18 decades squeezed estimates of 0.9 and 1.1", a.lo, a.hi)
	}
	if b := drawn(t, Forest(c), "svg"); bytes.Contains(b, []byte("NaN")) {
		t.Error("coordinates that are no numbers")
	}
}

func TestAllWritesBothFormatsUnderSafeNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "plots")
	m := thp()
	other := thp()
	other.Name = "GC-mark-cpu-ns per cycle"
	files, err := All(dir, Data{Metrics: []Metric{m, other, {Name: "empty"}}, Claims: claims(), Kinds: []string{"box"}})
	require.NoError(t, err)
	want := []string{
		"gc-mark-cpu-ns-per-cycle-box.svg", "gc-mark-cpu-ns-per-cycle-box.png",
		"GC-mark-cpu-ns-per-cycle-2-box.svg", "GC-mark-cpu-ns-per-cycle-2-box.png",
	}
	if !slices.Equal(files, want) {
		t.Fatalf("files\n got %q\nwant %q", files, want)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f))
		require.NoError(t, err)
		if filepath.Ext(f) == ".png" {
			_, err := png.Decode(bytes.NewReader(b))
			require.NoError(t, err, f)
		}
	}
	_, err = All(dir, Data{Kinds: []string{"pie"}})
	if err == nil || !strings.Contains(err.Error(), "box, ecdf, run-order, forest, pareto, interaction") {
		t.Errorf("a kind that is none: got %v, want an error that lists the kinds", err)
	}
}

func TestFileNameIsSafe(t *testing.T) {
	check := func(in, want string) {
		t.Helper()
		if got := fileName(in); got != want {
			t.Errorf("fileName(%q) = %q, want %q", in, got, want)
		}
	}
	check("gc-mark-cpu-ns/cycle", "gc-mark-cpu-ns-per-cycle")
	check("p99.9-latency-ns", "p99.9-latency-ns")
	check("../../etc/passwd", "per-..-per-etc-per-passwd")
	check("µs/op", "s-per-op")
	check("", "metric")
	check("..", "metric")
}

func FuzzFileName(f *testing.F) {
	f.Add("gc-mark-cpu-ns/cycle")
	f.Add("../\x00 ü%")
	f.Fuzz(func(t *testing.T, in string) {
		got := fileName(in)
		if got == "" || got != filepath.Base(got) || got == "." || got == ".." || strings.ContainsAny(got, "/\\ \x00:") || len(got) > 100 {
			t.Errorf("fileName(%q) = %q", in, got)
		}
	})
}

func TestForestComesFirstAndKindsChoose(t *testing.T) {
	d := Data{Metrics: []Metric{thp()}, Claims: claims()}
	check := func(kinds []string, want ...string) {
		t.Helper()
		var got []string
		d.Kinds = kinds
		for _, n := range d.figures() {
			got = append(got, strings.TrimPrefix(n.name, "gc-mark-cpu-ns-per-cycle-"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("kinds %q: got %q, want %q", kinds, got, want)
		}
	}
	check(nil, "claims-forest", "box", "ecdf", "run-order")
	d.Metrics = []Metric{varied()}
	check(nil, "claims-forest", "box", "ecdf", "run-order", "pareto", "interaction")
	check([]string{"pareto"}, "pareto")
	check([]string{"run-order"}, "run-order")
	check([]string{"forest"}, "claims-forest")
}

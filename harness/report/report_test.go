package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
	"github.com/assaylab/assay/harness/spec"
	"github.com/assaylab/assay/harness/verdict"
	"github.com/assaylab/assay/workloads/wire"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a file of testdata; a failure leaves what it got beside it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, got, 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run go test -update")
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update rewrites it); got\n%s", file, got)
	}
}

func built(t *testing.T) Report {
	t.Helper()
	in, text := synthetic()
	golden(t, "samples.txt", []byte(text))
	r, err := Build(in)
	require.NoError(t, err)
	return r
}

func TestEveryRendererMatchesItsGolden(t *testing.T) {
	r := built(t)
	for _, x := range Renderers() {
		var b bytes.Buffer
		require.NoError(t, x.Render(&b, r))
		golden(t, x.File, b.Bytes())
	}
	var narrow bytes.Buffer
	require.NoError(t, Terminal(72, true)(&narrow, r))
	golden(t, "report-72-colour.txt", narrow.Bytes())
}

func TestEveryRendererKeepsTheContract(t *testing.T) {
	files := map[string]bool{}
	for _, x := range Renderers() {
		if x.Name == "" || x.Doc == "" || x.File == "" || x.Render == nil || files[x.File] {
			t.Errorf("renderer %+v: a name, a line of doc, a file of its own and a function are needed", x)
		}
		files[x.File] = true
		found, err := RendererOf(x.Name)
		require.NoError(t, err)
		if found.File != x.File {
			t.Errorf("RendererOf(%q) found %q", x.Name, found.File)
		}
	}
	_, err := RendererOf("html5")
	if err == nil || !strings.Contains(err.Error(), "csv, html, json, latex, markdown, medians, text") {
		t.Errorf("a format that is none: got %v, want an error that lists those there are", err)
	}
}

// Words, numbers and reasons of all verdicts stand in every format.
func TestAllRenderersShowTheSameVerdicts(t *testing.T) {
	r := built(t)
	unquote := strings.NewReplacer(`\"`, `"`, `\_`, "_", "&lt;", "<")
	for _, x := range Renderers() {
		var b bytes.Buffer
		require.NoError(t, x.Render(&b, r))
		text := unquote.Replace(b.String())
		if x.Name == "html" {
			text = html.UnescapeString(b.String())
		}
		if x.Tables {
			continue
		}
		for _, v := range r.Verdicts.Verdicts {
			for _, want := range []string{v.Claim, string(v.Word), v.Why, v.Relation} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: nothing of %q", x.Name, want)
				}
			}
		}
		for _, want := range []string{r.Benchstat.Command, "not testable here", "Benjamini", "design.budget", "block 3 was split", "steal", "host.frequency"} {
			if x.Name == "json" && want == "Benjamini" {
				continue
			}
			if !strings.Contains(text, want) {
				t.Errorf("%s: nothing of %q", x.Name, want)
			}
		}
	}
}

func TestJSONReadsBackWhole(t *testing.T) {
	r := built(t)
	var b bytes.Buffer
	require.NoError(t, JSON(&b, r))
	var back Report
	require.NoError(t, json.Unmarshal(b.Bytes(), &back))
	require.Equal(t, r.Verdicts, back.Verdicts)
	require.Equal(t, r.Benchstat, back.Benchstat)
	require.Equal(t, r.Health, back.Health)
}

func TestHealthCountsWhatHappened(t *testing.T) {
	h := built(t).Health
	check := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %d, want %d", what, got, want)
		}
	}
	check("attempts", h.Attempts, 43)
	check("trials", h.Trials, 40)
	check("repeats", h.Repeats, 3)
	check("tainted", h.Tainted, 1)
	check("cells with something to say", len(h.Cells), 3)
	require.Equal(t, []Outcome{{"ok", 41}, {"exit-code", 1}, {"void", 1}}, h.Outcomes)
	require.Equal(t, []TaintCount{{"steal", 1, 0.034, 0.01, "steal-share"}}, h.Taints)
	require.NotEmpty(t, h.Thresholds)
}

func TestLocalOverridesStandInTheFirstLine(t *testing.T) {
	r := built(t)
	for _, name := range []string{"text", "markdown"} {
		x, err := RendererOf(name)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, x.Render(&b, r))
		first, _, _ := strings.Cut(b.String(), "\n")
		if !strings.Contains(first, "thp-gc.local.yaml: design.budget, param.live-heap") {
			t.Errorf("%s begins with %q", name, first)
		}
	}
}

// What a workload printed must not reach the terminal as escape sequences.
func TestForeignTextDrawsNothing(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Text(&b, built(t)))
	if strings.ContainsRune(b.String(), '\x1b') {
		t.Error("an escape sequence of a workload's stderr stands in the report")
	}
	if !strings.Contains(b.String(), "wrong answer: [31mtree of 17 nodes") {
		t.Error("the error itself is missing")
	}
}

func TestNarrowTerminalsGetNoLongProse(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, Terminal(72, false)(&b, built(t)))
	verbatim := false
	for _, line := range strings.Split(b.String(), "\n") {
		switch {
		case strings.HasPrefix(line, "benchstat (unpaired"):
			verbatim = true
		case strings.HasPrefix(line, "Medians by cell"):
			verbatim = false
		}
		if n := len([]rune(line)); n > 72 && !verbatim && strings.Count(line, " ") > 20 {
			t.Errorf("%d characters: %s", n, line)
		}
	}
}

func TestAnEmptyRunIsReportedAsSuch(t *testing.T) {
	in, _ := synthetic()
	in.Main, in.All, in.Effects, in.Plots, in.Variations = nil, nil, nil, nil, nil
	in.Verdicts = verdict.Results{Version: 1, Alpha: 0.05}
	in.Samples = filepath.Join(t.TempDir(), "samples.txt")
	require.NoError(t, os.WriteFile(in.Samples, []byte("goos: linux\n"), 0o644))
	r, err := Build(in)
	require.NoError(t, err)
	for _, x := range Renderers() {
		require.NoError(t, x.Render(new(bytes.Buffer), r), x.Name)
	}
	var b bytes.Buffer
	require.NoError(t, Text(&b, r))
	require.Contains(t, b.String(), "The experiment makes no claim.")
}

func TestSharesOfTrialsAreShownAsPercentages(t *testing.T) {
	check := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	e := Effect{Quantity: "share", Metric: "oom-kills", Estimate: 0.05, Lo: ptr(0.0013), Hi: ptr(0.2487), Smallest: 0.12365}
	check(amount(e, e.Estimate), "5 %")
	check(interval(e), "[0.13 %, 24.87 %]")
	check(smallest(e), "±12.37 %")
	check(kindOf([]Effect{e}, false), "effects")
}

func TestWholePlotsAreSaid(t *testing.T) {
	in, _ := synthetic()
	in.Plan.Spec.Design.WholePlot = []spec.Scalar{{Text: "thp"}}
	r, err := Build(in)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, Text(&b, r))
	require.Contains(t, b.String(), "thp: trials that share their levels ran together")
}

func TestAMissingFileIsNamed(t *testing.T) {
	in, _ := synthetic()
	in.Samples = filepath.Join(t.TempDir(), "samples.txt")
	_, err := Build(in)
	if err == nil || !strings.Contains(err.Error(), in.Samples) {
		t.Errorf("got %v, want an error that names %s", err, in.Samples)
	}
}

func TestPlotDataHoldsWhatTheReportHolds(t *testing.T) {
	in, _ := synthetic()
	d := PlotData(in)
	var names []string
	for _, m := range d.Metrics {
		names = append(names, m.Name)
	}
	require.Equal(t, []string{metric, "ns/op"}, names)
	m := d.Metrics[0]
	require.Equal(t, "thp", m.Factor)
	var cells []string
	for _, c := range m.Cells {
		cells = append(cells, c.Name)
		require.Len(t, c.Trials, 8, c.Name)
	}
	require.Equal(t, []string{"never", "madvise", "always", "never (aa)", "never (positive)"}, cells)
	require.Equal(t, "thp-gc: 8 blocks, n = 8 a cell; Example Xeon 8481C, Linux 6.1.0-18-amd64", m.Subtitle)
	require.Len(t, d.Claims.Rows, 6)
	require.Len(t, m.Parts, 5)
	require.Equal(t, [2]string{"gogc", "thp"}, m.Pair.Names)
	require.Nil(t, d.Metrics[1].Parts, "not allocated")
	require.False(t, d.Claims.Rows[4].Measured, "not testable here")
	require.Nil(t, d.Kinds)

	in.Plan.Spec.Report = spec.Report{Plots: []string{"box"}}
	require.Equal(t, []string{"box"}, PlotData(in).Kinds)
}

// sorting is a run of a package with n benchmarks, the last of which a claim is about.
func sorting(n int) Input {
	in, _ := synthetic()
	in.Metrics = []wire.Metric{{Unit: "ns/op", Better: wire.Lower, Primary: true}}
	in.Plan.Spec.Design.Controls.Positive = nil
	in.Plan.Spec.Claims[0].Compare = spec.Compare{Metric: spec.Scalar{Text: "ns/op"}, Benchmark: spec.Scalar{Text: fmt.Sprintf("Sort/%d", n-1)}}
	for i := range in.Main {
		in.Main[i].Window, in.Main[i].Lines = sample.Whole, nil
		for b := range n {
			in.Main[i].Lines = append(in.Main[i].Lines, sample.Line{
				Name: fmt.Sprintf("Sort/%d", b), Iters: 1, Values: []sample.Value{{Value: float64(100 + b), Unit: "ns/op"}},
			})
		}
	}
	return in
}

func TestOfManyBenchmarksThoseOfClaimsAreDrawnFirstAndNotAll(t *testing.T) {
	in := sorting(200)
	d := PlotData(in)
	require.Len(t, d.Metrics, mostDrawn)
	require.Equal(t, "Sort/199 ns/op", d.Metrics[0].Title)
	r, err := Build(in)
	require.NoError(t, err)
	require.Equal(t, 200-mostDrawn, r.Undrawn)
	require.Equal(t, []string{"188 more metrics could be drawn beside these, which are those of claims first: name the kinds under report.plots to have all."}, plotSection(r).prose)

	in.Plan.Spec.Report.Plots = []string{"box"}
	require.Len(t, PlotData(in).Metrics, 200)
	require.Len(t, PlotData(sorting(3)).Metrics, 3)
}

func TestWhatIsCountedOfAProcessIsOfAllItsBenchmarks(t *testing.T) {
	for n, want := range map[int]bool{1: false, 3: true} {
		r, err := Build(sorting(n))
		require.NoError(t, err)
		var b strings.Builder
		require.NoError(t, Text(&b, r))
		require.Equal(t, want, strings.Contains(b.String(), "is of its 3 benchmarks together, and alike on the lines of all;"))
	}
}

func TestWhatIsNoNumberIsNoMedianAndNoPlot(t *testing.T) {
	in := sorting(3)
	for i := range in.Main {
		in.Main[i].Lines[0].Values[0].Value = math.NaN()
		in.Main[i].Lines[1].Values[0].Value = math.Inf(1)
	}
	r, err := Build(in)
	require.NoError(t, err)
	for _, row := range r.Cells {
		if row.N > 0 {
			require.Len(t, row.Medians, 1)
		}
	}
	require.NoError(t, JSON(&bytes.Buffer{}, r))
	for _, m := range PlotData(in).Metrics {
		require.Equal(t, m.Title == "Sort/2 ns/op", len(m.Cells) > 0)
	}
}

func TestAnOutsideProgramsOwnUnitsAreShown(t *testing.T) {
	in := sorting(2)
	in.Plan.Spec.Claims = nil
	in.Plan.Spec.Workload = spec.Workload{Command: []spec.Scalar{{Text: "sort"}}}
	in.Metrics = append(in.Metrics, wire.Metric{Unit: "B/op", Better: wire.Lower})
	for i := range in.Main {
		in.Main[i].Counters = map[string]float64{"minor-faults": 3}
		for j, unit := range []string{"ns/op", "widgets/s"} {
			in.Main[i].Lines[j].Values = []sample.Value{{Value: 5, Unit: unit}, {Value: 3, Unit: "minor-faults"}, {Value: 8, Unit: "B/op"}}
		}
	}
	require.Equal(t, []column{{"Sort/0", "ns/op"}, {"Sort/1", "widgets/s"}}, columnsOf(in))
}

func TestMeansThatAreOneHaveNoHighestAndLowest(t *testing.T) {
	check := func(want string, means ...float64) {
		t.Helper()
		s := Source{Steps: [][]string{{"gogc=50", "gogc=100"}}, Means: [][]float64{means}}
		require.Equal(t, want, s.span())
	}
	check("2.000: gogc=100 over gogc=50", 1, 2)
	check("-", 2, 2)
}

func TestAControlThatCouldNotBeJudgedDidNotFail(t *testing.T) {
	check := func(want string, c verdict.Control) {
		t.Helper()
		rows := controlSection(Report{Verdicts: verdict.Results{Controls: []verdict.Control{c}}}).grid.rows
		require.Equal(t, want, rows[0][8])
	}
	check("yes", verdict.Control{OK: true})
	check("no", verdict.Control{})
	check("not judged", verdict.Control{Open: true})
}

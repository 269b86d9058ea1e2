package spec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const thpGC = `# Is a heap of huge pages marked faster?
name: thp-gc                        # the file's own name
question: Do transparent huge pages change what a GC cycle costs?
workload:
  program: gc-churn                 # a folder under workloads/
  params: {live-heap: 64MiB, object-size: 64B, cycles: 10}   # a list makes a factor, key param.live-heap
  expect: {exit: [0]}               # what is not a failure
knobs:                              # crossed; a single level is held fixed
  thp: [never, madvise, always]
isolation: {memory.max: 2GiB, cpus: 1}    # constants by the same knob names; a name in both places is an error
design: {blocks: 20, max-blocks: 60, precision: 3%, warmup: 1, timeout: 60s, budget: 5m, controls: {aa: {thp: never}}}
measure: [runtime, cgroup]
claims:
  - id: thp-madvise-marks-faster
    source: {title: "Go performance anomalies on Linux", section: "3.2"}
    says: The mark phase takes 98.6 ms with madvise and 124.3 ms with never (8 GB heap).
    compare: {metric: gc-mark-cpu-ns/cycle, of: {thp: madvise}, to: {thp: never}}
    direction: ratio < 1
    magnitude: ratio within 0.75..0.85
report: {columns: thp, plots: [box, ecdf, run-order]}
`

// full has every key that a file may have.
const full = `name: full
question: >
  What does
  all of it do?
workload:
  program: gc-churn
  params:
    live-heap: [64MiB, 1024MiB]
    object-size: 64B
  expect: {exit: [0, 2]}
knobs:
  thp: [never, default]
  env.TZ: "~"
  godebug.x: 022
zip:
  - gogc: [50, 100, 100]
    param.cycles: [10, 10, 20]
include:
  - {thp: never, gogc: 50, param.cycles: 20, param.live-heap: 1GiB}
exclude:
  - {thp: default, param.live-heap: 1GiB}
isolation: {memory.max: 2048MiB}
design:
  blocks: 12
  max-blocks: 30
  precision: 2.5%
  warmup: 0
  timeout: 1m30s
  budget: 2h
  seed: 18446744073709551615
  controls: {aa: {thp: never}, positive: {inject: 5%, at: {gogc: 50}, metric: gc-mark-cpu-ns/cycle}}
measure: [cgroup]
claims:
  - id: a
    source: {title: T, section: 3.2, url: "https://example.org/a?b#c", at: {param.live-heap: 8192MiB, go: go1.22}}
    says: faster
    compare: {metric: ns/op, benchmark: GCChurn, of: {thp: default}, to: [{thp: never}], each: [gogc]}
    direction: ratio < 1
    magnitude: difference within -5..-1 ms
  - id: b
    compare: {metric: peak-RSS-bytes, of: {thp: never}}
    predict: value > 1.5 GiB
report: {columns: gogc, plots: [forest]}
`

func load(t *testing.T, file, text string) Experiment {
	t.Helper()
	e, err := Parse(file, []byte(text))
	require.NoError(t, err)
	e, err = Check(e, lab{})
	require.NoError(t, err)
	return e
}

func texts(all []Scalar) string {
	var b []string
	for _, s := range all {
		b = append(b, s.Text)
	}
	return strings.Join(b, " ")
}

func TestTheExampleOfTheDocumentation(t *testing.T) {
	e := load(t, "experiments/thp-gc.yaml", thpGC)
	check := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", what, got, want)
		}
	}
	check("name", e.Name, "thp-gc")
	check("knob", e.Knobs[0].Key, Scalar{"thp", Pos{"experiments/thp-gc.yaml", 9, 3}})
	check("levels", texts(e.Knobs[0].Levels), "never madvise always")
	check("place of madvise", e.Knobs[0].Levels[1].Pos, Pos{"experiments/thp-gc.yaml", 9, 16})
	check("param", e.Workload.Params[0].Key.Text, "param.live-heap")
	check("expect", e.Workload.Expect, []int{0})
	check("isolation", e.Isolation[1].Key.Text+"="+e.Isolation[1].Level.Text, "cpus=1")
	check("blocks", []int{e.Design.Blocks, e.Design.MaxBlocks, e.Design.Warmup}, []int{20, 60, 1})
	check("precision", e.Design.Precision, 0.03)
	check("budget", e.Design.Budget, Duration(5*time.Minute))
	check("aa", e.Design.Controls.AA.String(), "thp=never")
	check("section", e.Claims[0].Source.Section, "3.2")
	check("direction", *e.Claims[0].Direction, Relation{Text: "ratio < 1", Quantity: Ratio,
		Lo: Bound{Inf: true}, Hi: Bound{Value: 1}, Pos: Pos{"experiments/thp-gc.yaml", 18, 16}})
	check("sub-claims", e.SubClaims(), 2)
}

func TestYAMLNeverTypesALevel(t *testing.T) {
	e, err := Parse("x.yaml", []byte(`name: x
workload: {program: procs}
knobs: {a: [022, ~, 0.5, yes, 1e3, null, 0x1f, 1_000, "quoted #", 'it''s', True, .inf, 50ms/100ms, 3%, 2026-01-01]}
`))
	require.NoError(t, err)
	const want = `022|~|0.5|yes|1e3|null|0x1f|1_000|quoted #|it's|True|.inf|50ms/100ms|3%|2026-01-01`
	var got []string
	for _, l := range e.Knobs[0].Levels {
		got = append(got, l.Text)
	}
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func TestEveryKeyIsReadAndCanonical(t *testing.T) {
	e := load(t, "full.yaml", full)
	got, err := json.MarshalIndent(e, "", " ")
	require.NoError(t, err)
	const golden = "testdata/full.json"
	if os.Getenv("UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, append(got, '\n'), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if string(got)+"\n" != string(want) {
		t.Errorf("differs from %s (UPDATE=1 writes it anew):\n%s", golden, got)
	}
	if m := e.SubClaims(); m != 5 {
		t.Errorf("%d sub-claims, want 5: two relations for each of two levels of gogc, and one", m)
	}
}

func TestJSONGivesTheExperimentBack(t *testing.T) {
	for file, text := range map[string]string{"thp-gc.yaml": thpGC, "full.yaml": full} {
		e := load(t, file, text)
		b, err := json.Marshal(e)
		require.NoError(t, err)
		var back Experiment
		require.NoError(t, json.Unmarshal(b, &back))
		if again, _ := json.Marshal(back); string(again) != string(b) {
			t.Errorf("%s:\n%s\nbecomes\n%s", file, b, again)
		}
		if back.SHA256() != e.SHA256() {
			t.Errorf("%s: the digest changes on the way through JSON", file)
		}
		checked, err := Check(back, lab{})
		require.NoError(t, err)
		if checked.SHA256() != e.SHA256() {
			t.Errorf("%s: a checked experiment changes when it is checked again", file)
		}
	}
}

func TestDigestSeesLevelsNotSpelling(t *testing.T) {
	plain := load(t, "thp-gc.yaml", thpGC)
	check := func(old, new string, same bool) {
		t.Helper()
		require.Contains(t, thpGC, old)
		e := load(t, "thp-gc.yaml", strings.Replace(thpGC, old, new, 1))
		if (e.SHA256() == plain.SHA256()) != same {
			t.Errorf("%q for %q: same digest is %t, want %t", new, old, !same, same)
		}
	}
	check("2GiB", "2048MiB", true)
	check("# Is a heap of huge pages marked faster?", "#", true)
	check("thp: [never, madvise, always]", "thp:\n  - never\n  - 'madvise'\n  - always", true)
	check("thp: [never, madvise, always]", "thp: [madvise, never, always]", false)
	check("blocks: 20", "blocks: 21", false)
	if len(plain.SHA256()) != 64 {
		t.Errorf("digest %q is not hex of 32 bytes", plain.SHA256())
	}
}

func TestWhatIsAbsentHasItsDefault(t *testing.T) {
	e := load(t, "x.yaml", "name: x\nworkload: {program: procs}\n")
	d := e.Design
	if d.Blocks != 10 || d.MaxBlocks != 10 || d.Warmup != 1 || d.Seed != nil || d.Timeout != 0 || d.Precision != 0 {
		t.Errorf("%+v", d)
	}
	e = load(t, "x.yaml", "name: x\nworkload: {program: procs}\ndesign: {blocks: 4, seed: 7}\n")
	if e.Design.MaxBlocks != 4 || *e.Design.Seed != 7 {
		t.Errorf("max-blocks %d, want that of blocks; seed %d", e.Design.MaxBlocks, *e.Design.Seed)
	}
}

func TestPlacesSurviveOddTexts(t *testing.T) {
	e, err := Parse("x.yaml", []byte("\xef\xbb\xbfname: x\r\nquestion: |\r\n  é\r\n  two\r\nworkload: {program: procs}\r\n"+
		"knobs: {env.A: \"é\", env.B: [b,\r\n  'c']}\r\n"))
	require.NoError(t, err)
	check := func(got, want Pos) {
		t.Helper()
		if got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	check(e.Knobs[0].Key.Pos, Pos{"x.yaml", 6, 9})
	check(e.Knobs[1].Key.Pos, Pos{"x.yaml", 6, 21})
	check(e.Knobs[1].Levels[1].Pos, Pos{"x.yaml", 7, 3})
	if e.Question != "é two" {
		t.Errorf("question %q", e.Question)
	}
}

// files writes a folder of experiments.
func files(t *testing.T, all map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range all {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

package spec

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ours is the workload of small, which the cases below put another in place of.
const ours = "  program: gc-churn\n  params: {live-heap: 64MiB}\n"

func with(workload string) string { return strings.Replace(small, ours, workload, 1) }

const (
	tested   = "  gotest: {package: encoding/json, bench: Code}\n"
	printing = "  command: [sort, \"--parallel={threads}\"]\n  params: {threads: [1, 2]}\n"
	measured = printing + "  metrics: {ns/op: {regexp: 'took ([0-9]+) ns'}}\n"
)

func TestOutsideProgramsAreWorkloads(t *testing.T) {
	e := load(t, "small.yaml", with(tested))
	require.True(t, e.Workload.Outside())
	require.True(t, e.Workload.Open())
	require.Equal(t, "gotest encoding/json Code", e.Workload.Name())
	_, counted := e.Workload.Gotest.Iterations()
	require.False(t, counted)
	require.Equal(t, "1s", e.Workload.Gotest.Time().String())

	e = load(t, "small.yaml", with("  gotest: {package: encoding/json, bench: ., benchtime: 20x, dir: ../other}\n"))
	n, counted := e.Workload.Gotest.Iterations()
	require.True(t, counted)
	require.Equal(t, 20, n)
	require.Equal(t, "gotest encoding/json . in ../other", e.Workload.Name())

	e = load(t, "small.yaml", with("  gotest: {package: encoding/json, bench: ., skip: Code/(Error|Slow)}\n"))
	require.Equal(t, "gotest encoding/json . without Code/(Error|Slow)", e.Workload.Name())

	e = load(t, "small.yaml", strings.Replace(with(tested), "claims:", "measure: [cgroup, cpuprofile, trace, schedtrace]\nclaims:", 1))
	require.Len(t, e.Measure, 4)

	e = load(t, "small.yaml", with(measured))
	require.False(t, e.Workload.Open())
	require.Equal(t, "command sort --parallel={threads}", e.Workload.Name())
	require.Equal(t, "Sort", e.Workload.Benchmark())
	require.Equal(t, []Metric{{Unit: e.Workload.Metrics[0].Unit, Regexp: "took ([0-9]+) ns", Scale: 1}}, e.Workload.Metrics)
}

func TestArgumentsTakeTheLevelsOfParams(t *testing.T) {
	check := func(arg, want string) {
		t.Helper()
		w := Workload{Command: []Scalar{{Text: arg}}}
		if got := w.Argv(map[string]string{"param.threads": "4", "param.mode": "a b"}); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q, want %q", arg, got, want)
		}
	}
	check("--threads={threads}", "--threads=4")
	check("{threads}{threads}:{mode}", "44:a b")
	check(`{"threads": {threads}}`, `{"threads": 4}`)
	check("{{threads}}", "{threads}")
	check("{ threads } {} {A}", "{ threads } {} {A}")
}

func TestWhatACommandPrintsComesInUnitsOfTheHouse(t *testing.T) {
	check := func(metric string, want float64) {
		t.Helper()
		e := load(t, "small.yaml", strings.Replace(with(printing+"  metrics: {"+metric+"}\n"), "metric: ns/op", "metric: cpu-user-ns", 1))
		if got := e.Workload.Metrics[0].Scale; got != want {
			t.Errorf("%s: scale %v, want %v", metric, got, want)
		}
	}
	check("ns/op: {json: .mean}", 1)
	check("ns/op: {json: .mean, unit: s}", 1e9)
	check("p99-latency-ns: {json: .p99, unit: ms}", 1e6)
	check("peak-RSS-bytes: {json: .rss, unit: KiB}", 1024)
	check("requests: {json: .n, scale: 1000}", 1000)
	check("cpu-user-ns: {better: lower}", 1)
	check("requests/op: {regexp: '(?:a|b)=(.+)', from: stderr, better: higher}", 1)
}

func TestALineIsCalledAfterItsProgram(t *testing.T) {
	check := func(argv0, want string) {
		t.Helper()
		if got := (Workload{Command: []Scalar{{Text: argv0}}}).Benchmark(); got != want {
			t.Errorf("%s: %s, want %s", argv0, got, want)
		}
	}
	check("/usr/bin/sort", "Sort")
	check("./json-bench.sh", "Json_bench_sh")
	check("{tool}", "Tool")
	check("fib-8", "Fib_8") // -8 would be taken for GOMAXPROCS
}

// brokenOutside are cases like those of broken.
var brokenOutside = []struct{ workload, old, new, want string }{
	{tested, "gotest: {package: encoding/json, bench: Code}", "expect: {exit: [0]}", `small.yaml:3:3: workload has neither program nor gotest nor command`},
	{tested, "gotest:", "program: gc-churn\n  gotest:", `small.yaml:4:11: workload has program and gotest: a trial runs one of them`},
	{tested, "gotest:", "command: [sort]\n  gotest:", `small.yaml:3:12: workload has gotest and command`},
	{tested, ", bench: Code", "", `small.yaml:3:11: workload.gotest has no bench`},
	{tested, "package: encoding/json, ", "", `small.yaml:3:11: workload.gotest has no package`},
	{tested, "bench: Code", "bench: Code, count: 3", `small.yaml:3:49: unknown key "count" under workload.gotest`},
	{tested, "bench: Code", "bench: 'Code('", `small.yaml:3:43: workload.gotest.bench: error parsing regexp`},
	{tested, "bench: Code", "bench: Code, skip: '['", `small.yaml:3:55: workload.gotest.skip: error parsing regexp`},
	{tested, "bench: Code", "bench: Code, benchtime: 0x", `small.yaml:3:60: workload.gotest.benchtime "0x" is neither`},
	{tested, "bench: Code", "bench: Code, benchtime: 100", `small.yaml:3:60: workload.gotest.benchtime "100" is neither`},
	{tested, "bench: Code", "bench: Code, benchtime: -1s", `small.yaml:3:60: workload.gotest.benchtime "-1s" is neither`},
	{tested, "encoding/json", "encoding/...", `small.yaml:3:21: workload.gotest.package "encoding/..." is a pattern`},
	{tested, "encoding/json", "-exec=x", `small.yaml:3:21: workload.gotest.package "-exec=x" is no package`},
	{tested, "encoding/json", "encoding/jsn", `small.yaml:3:21: workload.gotest: no package encoding/jsn`},
	{tested, "bench: Code", "bench: Code, dir: nowhere", `small.yaml:3:54: workload.gotest: no package encoding/json`},
	{tested, "gotest:", "dir: x\n  gotest:", `small.yaml:3:8: workload.dir goes with command`},
	{tested, "gotest:", "metrics: {ns/op: {json: .a}}\n  gotest:", `small.yaml:3:12: workload.metrics goes with command`},
	{ours, "program:", "metrics: {ns/op: {json: .a}}\n  program:", `small.yaml:3:12: workload.metrics goes with command, and the workload is a program`},
	{tested, "metric: ns/op", "metric: ns(op)", `small.yaml:11:23: claim one: "ns(op)" is no unit of a benchmark line`},
	{tested, "blocks: 10", "warmup: 0", `small.yaml:8:18: design.warmup is 0: what an outside program prints is held against the claims after the warm-up`},
	{tested, "aa: {thp: never}", "positive: {inject: 5%}", `small.yaml:8:43: design.controls.positive: only a workload of this tree`},

	{printing, "[sort, \"--parallel={threads}\"]", "sort", `small.yaml:3:12: workload.command is a scalar, and must be a list`},
	{printing, "[sort, \"--parallel={threads}\"]", "[]", `small.yaml:3:12: workload.command is empty`},
	{printing, "[sort", "['', sort", `small.yaml:3:13: workload.command: "" is no program`},
	{printing, "[sort", "[-sort", `small.yaml:3:13: workload.command: "-sort" is no program`},
	{printing, "[sort", "[srot", `small.yaml:3:13: workload.command: srot is not on PATH`},
	{printing, "[sort", "[sort, [x]", `small.yaml:3:19: workload.command is a list, and must be a scalar`},
	{printing, "={threads}", "={thraeds}", `small.yaml:3:19: workload.command: {thraeds} is no param`},
	{printing, "={threads}", "=2", `small.yaml:4:12: no argument of the command names {threads}: the param would change nothing`},
	{printing, "gogc: [50, 100]", "goamd64: [v1, v3]", `small.yaml:7:3: goamd64 is a setting of the build, and a command is not built here`},

	{printing, "claims:", "measure: [cgroup, trace]\nclaims:", `small.yaml:10:10: measure: only a workload of this tree or a gotest can be told to write a trace`},
	{printing, "blocks: 10", "nuisance: [env-size, layout]", `small.yaml:9:20: design.nuisance: a command is not linked here`},

	{measured, "{regexp: 'took ([0-9]+) ns'}", "'took ([0-9]+) ns'", `small.yaml:5:20: a metric is a scalar, and must be a mapping`},
	{measured, "regexp: 'took ([0-9]+) ns'", "better: lower", `small.yaml:5:13: metric ns/op: it is found by one of regexp and json, and the harness counts no such thing`},
	{measured, "ns/op: {regexp: 'took ([0-9]+) ns'}", "cpu-user-ns: {unit: ms}", `small.yaml:5:13: metric cpu-user-ns: it is found by one of regexp and json: one that the harness counts`},
	{measured, "ns'}", "ns', json: .a}", `small.yaml:5:13: metric ns/op: it is found by one of regexp and json`},
	{measured, "([0-9]+)", "[0-9]+", `small.yaml:5:29: workload.metrics.ns/op.regexp has 0 groups, and must have one`},
	{measured, "([0-9]+)", "([0-9]+)(x)", `small.yaml:5:29: workload.metrics.ns/op.regexp has 2 groups`},
	{measured, "([0-9]+)", "([0-9]+", `small.yaml:5:29: workload.metrics.ns/op.regexp: error parsing regexp: missing closing )`},
	{measured, "regexp: 'took ([0-9]+) ns'", "json: mean", `small.yaml:5:27: workload.metrics.ns/op.json: "mean" is no path: no step begins at "mean"`},
	{measured, "regexp: 'took ([0-9]+) ns'", "json: '.a[x]'", `small.yaml:5:27: workload.metrics.ns/op.json: ".a[x]" is no path: no step begins at "[x]"`},
	{measured, "ns'}", "ns', from: stdin}", `small.yaml:5:55: workload.metrics.ns/op.from: "stdin" is not known`},
	{measured, "ns'}", "ns', unit: min}", `small.yaml:5:55: workload.metrics.ns/op.unit: "min" is not known`},
	{measured, "ns'}", "ns', unit: MiB}", `small.yaml:5:13: metric ns/op: what is printed in MiB does not become ns/op`},
	{measured, "ns'}", "ns', unit: ms, scale: 2}", `small.yaml:5:13: metric ns/op: unit and scale both say`},
	{measured, "ns'}", "ns', scale: 0}", `small.yaml:5:56: workload.metrics.ns/op.scale "0" is no such number`},
	{measured, "ns'}", "ns', better: faster}", `small.yaml:5:57: workload.metrics.ns/op.better: "faster" is not known`},
	{measured, "{ns/op", "{ms/op", `small.yaml:5:13: metric ms/op: results have no unit "ms"`},
	{measured, "{ns/op", "{ns op", `small.yaml:5:13: metric ns op: results have no unit "ns op"`},
	{measured, "{ns/op: {regexp: 'took ([0-9]+) ns'}}", "{}", `small.yaml:5:12: workload.metrics is empty`},
	{measured, "metric: ns/op", "metric: ns/po", `small.yaml:13:23: claim one: the workload has no metric "ns/po" (did you mean ns/op?)`},
}

// An outside program has no Go runtime that tells anything.
func TestOnlyWhatCanBeCountedOfAnOutsideProgramIsOffered(t *testing.T) {
	for measure, want := range map[string]string{"": "ns/op, cpu-user-ns, oom-kills", "measure: [runtime]\n": "ns/op, cpu-user-ns"} {
		text := strings.NewReplacer("metric: ns/op", "metric: ns/po", "claims:", measure+"claims:").Replace(with(measured))
		require.Equal(t, want, refused(t, text)[0].Allowed)
	}
}

func TestMalformedOutsideProgramsAreRefusedWithTheirPlace(t *testing.T) {
	for _, b := range brokenOutside {
		text := with(b.workload)
		require.Contains(t, text, b.old, "the case %q replaces a text that is not there", b.want)
		errs := refused(t, strings.Replace(text, b.old, b.new, 1))
		if !slices.ContainsFunc(errs, func(e Error) bool { return strings.HasPrefix(e.Error(), b.want) }) {
			t.Errorf("no error begins with\n%s\nbut there are\n%v\n", b.want, errs)
		}
	}
}

func TestAnOutsideProgramOverAnInheritedOneIsTwo(t *testing.T) {
	dir := files(t, map[string]string{
		"base.yaml":  strings.Replace(small, "name: small", "name: base", 1),
		"small.yaml": "name: small\nextends: base\nworkload: {command: [sort]}\n",
	})
	_, err := Load(filepath.Join(dir, "small.yaml"))
	require.ErrorContains(t, err, "small.yaml:3:21: workload has program and command: a trial runs one of them")
}

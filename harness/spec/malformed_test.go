package spec

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// small is a sound experiment that the cases below break.
const small = `name: small
workload:
  program: gc-churn
  params: {live-heap: 64MiB}
knobs:
  thp: [never, always]
  gogc: [50, 100]
isolation: {memory.max: 2GiB}
design: {blocks: 10, controls: {aa: {thp: never}}}
claims:
  - id: one
    compare: {metric: ns/op, of: {thp: always}, to: {thp: never}}
    direction: ratio < 1
`

// refused reads and checks a text that must not pass.
func refused(t *testing.T, text string) Errors {
	t.Helper()
	e, err := Parse("small.yaml", []byte(text))
	if err == nil {
		_, err = Check(e, lab{})
	}
	var errs Errors
	require.ErrorAs(t, err, &errs, "in\n%s", text)
	return errs
}

// broken edits small: every case is the text to replace, what stands there
// instead, and what one of the errors must begin with.
var broken = []struct{ old, new, want string }{
	// The YAML itself.
	{small, "", `small.yaml:1:1: the file is empty`},
	{small, "# nothing\n", `small.yaml:1:1: the file is empty`},
	{small, "- a\n", `small.yaml:1:1: the file is a list, not a mapping`},
	{small, "just text\n", `small.yaml:1:1: the file is a scalar, not a mapping`},
	{"gogc: [50, 100]", "gogc: [50, 100", `small.yaml:8:1: not YAML that is read here: `},
	{"  gogc:", " gogc:", `small.yaml:7:2: not YAML that is read here: `},
	{"  gogc:", "\tgogc:", `small.yaml:7:1: not YAML that is read here: `},
	{"thp: [never, always]", "thp: &a [never, always]", `small.yaml:6:8: not YAML that is read here: anchors are not read`},
	{"thp: [never, always]", "thp: *a", `small.yaml:6:8: not YAML that is read here: aliases are not read`},
	{"thp: [never, always]", "<<: {thp: never}", `small.yaml:6:3: not YAML that is read here: merge keys are not read`},
	{"50, 100]", "!!int 50]", `small.yaml:7:10: not YAML that is read here: tags are not read`},
	{"name: small", "? name\n: small", `small.yaml:1:1: not YAML that is read here: keys with ? are not read`},
	{"name: small", "%YAML 1.2\n---\nname: small", `small.yaml:1:1: not YAML that is read here: directives are not read`},
	{"claims:", "---\nclaims:", `small.yaml:11:1: not YAML that is read here: a second YAML document`},
	{"name: small", "name: small\nquestion: " + strings.Repeat("[", 40) + strings.Repeat("]", 40), `small.yaml:2:42: not YAML that is read here: the file is nested deeper than 32 levels`},
	{"name: small", "name: small\n" + strings.Repeat("- ", 40), `small.yaml:2:65: not YAML that is read here: the file is nested deeper than 32 levels`},
	{"name: small", "name: sm\xffall", `small.yaml:1:9: the file is not UTF-8`},
	{"name: small", "name: sm\x1b[31mall", `small.yaml:1:9: control character in the file`},
	{"name: small", "name: sm\u202eall", `small.yaml:1:9: control character in the file`},
	{"name: small", "name: small # " + strings.Repeat("x", 1<<20), `small.yaml:1:1: the file is over 1 MiB`},
	{"name: small", "name: small\nmeasure: [" + strings.Repeat("a, ", 20_000) + "a]", `small.yaml:2:45002: not YAML that is read here: the file is too long`},

	// Keys.
	{"knobs:", "knob:", `small.yaml:5:1: unknown key "knob" under the experiment (did you mean knobs?)`},
	{"program: gc-churn", "script: x", `small.yaml:3:3: unknown key "script" under workload`},
	{"blocks: 10", "repeat: 10", `small.yaml:9:10: unknown key "repeat" under design`},
	{"aa: {thp", "bb: {thp", `small.yaml:9:33: unknown key "bb" under design.controls`},
	{"metric: ns/op", "metrics: ns/op", `small.yaml:12:15: unknown key "metrics" under compare (did you mean metric?)`},
	{"direction: ratio", "directions: ratio", `small.yaml:13:5: unknown key "directions" under a claim`},
	{"name: small", "Name: small", `small.yaml:1:1: unknown key "Name" under the experiment (did you mean name?)`},
	{"gogc: [50, 100]", "thp: [never]", `small.yaml:7:3: key "thp" stands twice (first in line 6)`},
	{"claims:", "name: small\nclaims:", `small.yaml:10:1: key "name" stands twice (first in line 1)`},
	{"ratio < 1", "share < 0.1", `small.yaml:13:16: claim one: a share has one side, and compare has to`},
	{", to: {thp: never}}\n    direction: ratio < 1", "}\n    direction: share < 0.1", `small.yaml:13:16: claim one: a share is of one cell, and several have thp=always`},
	{"blocks: 10,", "blocks: 10, whole-plot: [kernel],", `small.yaml:9:35: design.whole-plot: "kernel" is no key of this experiment`},
	{"blocks: 10,", "blocks: 10, whole-plot: [thp, thp],", `small.yaml:9:40: design.whole-plot: thp stands twice`},
	{"blocks: 10,", "blocks: 10, whole-plot: [memory.max],", `small.yaml:9:35: design.whole-plot: memory.max is held at 2GiB and is never changed`},
	{"blocks: 10,", "blocks: 10, whole-plot: thp,", `small.yaml:9:34: design.whole-plot is a scalar, and must be a list`},
	{"blocks: 10,", "blocks: 10, duet: memory.max,", `small.yaml:9:28: design.duet: memory.max has 1, and two cells are run at once`},
	{"blocks: 10,", "blocks: 10, duet: kernel,", `small.yaml:9:28: design.duet: "kernel" is no key of this experiment`},
	{"blocks: 10,", "blocks: 10, duet: gogc, whole-plot: [gogc],", `small.yaml:9:28: design.duet: gogc is also in whole-plot, and both of its levels are run at once`},
	{"blocks: 10,", "blocks: 10, nuisance: [weather],", `small.yaml:9:33: design.nuisance: "weather" is not known`},
	{"blocks: 10,", "blocks: 10, nuisance: [layout, layout],", `small.yaml:9:41: design.nuisance: layout stands twice`},
	{"design: {blocks: 10", "design: {blocks: 10, blocks: 11", `small.yaml:9:22: key "blocks" stands twice (first in line 9)`},
	{"workload:\n  program: gc-churn\n  params: {live-heap: 64MiB}\n", "", `small.yaml:1:1: the experiment has no workload`},
	{"  - id: one\n    compare:", "  - compare:", `small.yaml:11:5: a claim has no id`},

	// Names.
	{"name: small", "name: other", `small.yaml:1:7: name "other" is not the file's own name`},
	{"name: small", "name: Small", `small.yaml:1:7: name "Small" is not a name`},
	{"name: small", "name: [small]", `small.yaml:1:7: name is a list, and must be a scalar`},
	{"name: small", "name:", `small.yaml:1:1: name has no value`},
	{"gc-churn", "../gc-churn", `small.yaml:3:12: workload.program "../gc-churn" is a path, and must be a name`},
	{"gc-churn", "/bin/true", `small.yaml:3:12: workload.program "/bin/true" is a path, and must be a name`},
	{"gc-churn", "a/b", `small.yaml:3:12: workload.program "a/b" is a path, and must be a name`},
	{"gc-churn", "..", `small.yaml:3:12: workload.program ".." is a path, and must be a name`},
	{"gc-churn", "-x", `small.yaml:3:12: workload.program "-x" is not a name`},
	{"gc-churn", "gc-chrun", `small.yaml:3:12: there is no workload "gc-chrun" (did you mean gc-churn?)`},
	{"live-heap: 64MiB", "live_heap: 64MiB", `small.yaml:4:12: workload.params: "live_heap" is not the name of a param`},
	{"live-heap: 64MiB", "heap: 64MiB", `small.yaml:4:12: gc-churn has no param "heap"`},
	{"gogc: [50", "GOGC: [50", `small.yaml:7:3: knobs: "GOGC" is not the name of a knob`},
	{"gogc: [50", "gocg: [50", `small.yaml:7:3: there is no knob "gocg" (did you mean gogc?)`},
	{"gogc: [50", "param.cycles: [50", `small.yaml:7:3: knobs: param.cycles is a param, and stands under workload.params`},
	{"gogc: [50, 100]", "load.gogc: [50, 100]", `small.yaml:7:3: there is no knob "load.gogc"`}, // gc-churn has no such role
	{"isolation: {memory.max", "isolation: {memory.min", `small.yaml:8:13: there is no knob "memory.min" (did you mean memory.max?)`},
	{"isolation: {memory.max: 2GiB}", "isolation: {thp: never}", `small.yaml:8:13: thp stands in isolation and in knobs (line 6)`},
	{"gogc: [50, 100]", "env.PATHS: a\n  env.paths: b", `small.yaml:8:3: env.paths and env.PATHS (line 7) are one key in results`},
	{"gogc: [50, 100]", "env: {A: [1, 2]}", `small.yaml:7:8: env is a mapping, and must be a list`},

	// Levels.
	{"[never, always]", "[]", `small.yaml:6:8: thp is empty`},
	{"[never, always]", "", `small.yaml:6:3: thp has no value`},
	{"[never, always]", `[never, ""]`, `small.yaml:6:16: a level of thp is empty`},
	{"[never, always]", `[never, [always]]`, `small.yaml:6:16: a level of thp is a list, and must be a scalar`},
	{"[never, always]", "[never, always, never]", `small.yaml:6:24: level never of thp stands twice (first in line 6, column 9)`},
	{"gogc: [50, 100]", "memory.high: [1GiB]", `small.yaml:7:3: there is no knob "memory.high"`},
	{"live-heap: 64MiB", "live-heap: [1GiB, 64MiB, 1024MiB]", `small.yaml:4:37: level 1GiB of param.live-heap stands twice (first in line 4, column 24)`},
	{"live-heap: 64MiB", "live-heap: 64MB", `small.yaml:4:23: param.live-heap: "64MB" is not a level: allowed: sizes such as 64MiB`},
	{"live-heap: 64MiB", "live-heap: default", `small.yaml:4:23: param.live-heap: "default" is not a level`},
	{"always]", "sometimes]", `small.yaml:6:16: thp: "sometimes" is not a level: allowed: never, madvise, always`},
	{"always]", `"always "]`, `small.yaml:6:16: a level of thp "always " has blanks at its ends`},
	{"always]", `"a\x1bb"]`, `small.yaml:6:16: a level of thp "a\x1bb" holds a control character`},
	{"always]", `"a\nb"]`, `small.yaml:6:16: a level of thp "a\nb" holds a control character`},
	{"2GiB", "[1GiB, 2GiB]", `small.yaml:8:25: isolation: memory.max is a list, and must be a scalar`},
	{"knobs:\n  thp: [never, always]\n  gogc: [50, 100]\n", "knobs: {}\n", `small.yaml:5:8: knobs is empty`},

	// Zip, include, exclude.
	{"isolation:", "zip: [{gomaxprocs: [1, 2], param.cycles: [1, 2, 3]}]\nisolation:", `small.yaml:8:28: zip: param.cycles has 3, and gomaxprocs has 2`},
	{"isolation:", "zip: [{gomaxprocs: [1, 2]}]\nisolation:", `small.yaml:8:7: a zip advances two or more keys together`},
	{"isolation:", "zip: [{gomaxprocs: 1, cpus: 2}]\nisolation:", `small.yaml:8:8: zip: gomaxprocs has 1`},
	{"isolation:", "zip: [{gomaxprocs: [1, 2, 1], cpus: [1, 2, 1]}]\nisolation:", `small.yaml:8:27: zip: the step gomaxprocs=1 cpus=1 stands twice`},
	{"isolation:", "zip: [{gomaxprocs: [1, 2], env.A: [x, x]}]\nisolation:", `small.yaml:8:28: zip: env.A is x in every step`},
	{"isolation: {memory.max: 2GiB}", "zip: [{gomaxprocs: [1, 2], memory.max: [1GiB, 1024MiB]}]", `small.yaml:8:28: zip: memory.max is 1GiB in every step`},
	{"isolation:", "zip: [{gogc: [1, 2], cpus: [1, 2]}]\nisolation:", `small.yaml:8:8: gogc stands in zip and in knobs (line 7)`},
	{"isolation:", "exclude: [{thp: madvise}]\nisolation:", `small.yaml:8:17: exclude: thp has no level madvise in this experiment`},
	{"isolation:", "exclude: [{thp: 7}]\nisolation:", `small.yaml:8:17: thp: "7" is not a level`},
	{"isolation:", "exclude: [{tph: never}]\nisolation:", `small.yaml:8:12: exclude: "tph" is no key of this experiment (did you mean thp?)`},
	{"isolation:", "exclude: [{memory.max: 2048MiB}]\nisolation:", `small.yaml:8:12: exclude: memory.max=2GiB leaves no cell`},
	{"isolation:", "exclude: [{thp: never}, {gogc: 50, thp: never}]\nisolation:", `small.yaml:8:26: exclude: no cell has gogc=50 thp=never`},
	{"isolation:", "exclude: [{thp: never}]\nisolation:", `small.yaml:10:38: design.controls.aa: no cell has thp=never`},
	{"isolation:", "exclude: [{thp: never}, {thp: never}]\nisolation:", `small.yaml:8:26: exclude: {thp=never} stands twice`},
	{"isolation:", "exclude: {thp: never}\nisolation:", `small.yaml:8:10: exclude is a mapping, and must be a list`},
	{"isolation:", "include: [{thp: never}]\nisolation:", `small.yaml:8:12: include: the cell has no level for gogc`},
	{"isolation:", "include: [{thp: never, gogc: 50, memory.max: 2GiB}]\nisolation:", `small.yaml:8:34: include: memory.max is held at 2GiB and need not be named`},
	{"isolation:", "include: [{thp: never, gogc: 75}]\nisolation:", `small.yaml:8:30: include: gogc has no level 75 in this experiment`},

	// Design.
	{"blocks: 10", "blocks: 0", `small.yaml:9:18: design.blocks "0" is no such count`},
	{"blocks: 10", "blocks: 010", `small.yaml:9:18: design.blocks "010" is no such count`},
	{"blocks: 10", "blocks: 1e3", `small.yaml:9:18: design.blocks "1e3" is no such count`},
	{"blocks: 10", "blocks: ten", `small.yaml:9:18: design.blocks "ten" is no such count`},
	{"blocks: 10", "max-blocks: 9", `small.yaml:9:22: design.max-blocks 9 is below blocks, 10`},
	{"blocks: 10", "precision: 3", `small.yaml:9:21: design.precision "3" is no such percentage`},
	{"blocks: 10", "precision: 0%", `small.yaml:9:21: design.precision "0%" is no such percentage`},
	{"blocks: 10", "precision: 51%", `small.yaml:9:21: design.precision "51%" is no such percentage`},
	{"blocks: 10", "budget: 5", `small.yaml:9:18: design.budget "5" is no such duration`},
	{"blocks: 10", "timeout: -5s", `small.yaml:9:19: design.timeout "-5s" is no such duration`},
	{"blocks: 10", "timeout: 5 min", `small.yaml:9:19: design.timeout "5 min" is no such duration`},
	{"blocks: 10", "warmup: -1", `small.yaml:9:18: design.warmup "-1" is no such count`},
	{"blocks: 10", "seed: 18446744073709551616", `small.yaml:9:16: design.seed "18446744073709551616" is no seed`},
	{"aa: {thp: never}", "aa: {thp: madvise}", `small.yaml:9:43: design.controls.aa: thp has no level madvise`},
	{"aa: {thp: never}", "aa: {}", `small.yaml:9:37: design.controls.aa is empty`},
	{"aa: {thp: never}", "positive: {inject: 501%}", `small.yaml:9:52: design.controls.positive.inject "501%" is no such percentage`},
	{"aa: {thp: never}", "positive: {at: {thp: never}}", `small.yaml:9:43: design.controls.positive has no inject`},
	{"aa: {thp: never}", "positive: {inject: 5%, metric: ms}", `small.yaml:9:64: design.controls.positive: gc-churn has no metric "ms"`},
	{"blocks: 10", "blocks: 5", `small.yaml:9:18: 5 blocks can't decide 1 sub-claims`},
	{"gogc: [50, 100]", "gogc: [" + numbers(101) + "]\n  gomaxprocs: [" + numbers(50) + "]", `small.yaml:8:3: with gomaxprocs the matrix has over 10,000 cells`},
	{"blocks: 10", "blocks: 10001", `small.yaml:9:18: design.blocks "10001" is no such count`},
	{"design: {", "zip: [{cpus: [" + numbers(100) + "], gomaxprocs: [" + numbers(100) + "]}]\ndesign: {max-blocks: 9999, ", `small.yaml:10:22: 400 cells in 9999 blocks are over 1,000,000 trials`},

	// Measure and report.
	{"name: small", "name: small\nmeasure: [runtime, gpu]", `small.yaml:2:20: measure: "gpu" is not known`},
	{"name: small", "name: small\nmeasure: [cgroup, cgroup]", `small.yaml:2:19: measure: cgroup stands twice`},
	{"name: small", "name: small\nmeasure: []", `small.yaml:2:10: measure is empty`},
	{"name: small", "name: small\nreport: {plots: [pie]}", `small.yaml:2:18: report.plots: "pie" is not known`},
	{"name: small", "name: small\nreport: {columns: memory.max}", `small.yaml:2:19: report.columns: "memory.max" is no key that varies`},
	{"params: {live-heap: 64MiB}", "expect: {exit: [256]}", `small.yaml:4:19: workload.expect.exit "256" is no such count`},
	{"params: {live-heap: 64MiB}", "expect: {exit: [0, 0]}", `small.yaml:4:22: workload.expect.exit: 0 stands twice`},
	{"params: {live-heap: 64MiB}", "expect: {exit: 0}", `small.yaml:4:18: workload.expect.exit is a scalar, and must be a list`},

	// Claims.
	{"    direction: ratio < 1\n", "", `small.yaml:11:9: claim one predicts nothing`},
	{"    direction: ratio < 1\n", "    direction: ratio < 1\n  - id: one\n    compare: {metric: ns/op, of: {thp: always}, to: {thp: never}}\n    predict: ratio > 1\n", `small.yaml:14:9: claim one stands twice (first in line 11)`},
	{"of: {thp: always}", "of: {tph: always}", `small.yaml:12:35: claim one: "tph" is no key of this experiment (did you mean thp?)`},
	{"of: {thp: always}", "of: {thp: madvise}", `small.yaml:12:40: claim one: of: thp has no level madvise in this experiment`},
	{"to: {thp: never}", "to: [{thp: never}, {thp: madvise}]", `small.yaml:12:74: claim one: to: thp has no level madvise in this experiment`},
	{"to: {thp: never}", "to: {thp: always}", `small.yaml:12:54: claim one: of and to are both thp=always`},
	{"to: {thp: never}", "to: [{thp: never}, {thp: never}]", `small.yaml:12:69: claim one: to: {thp=never} stands twice`},
	{"to: {thp: never}", "to: {gogc: 50}", `small.yaml:12:54: claim one: to has no level for thp, which the other side names`},
	{", to: {thp: never}", "", `small.yaml:13:16: claim one: a ratio has two sides, and compare has no to`},
	{"ratio < 1", "value < 1 ms", `small.yaml:13:16: claim one: a value has one side, and compare has to`},
	{"ratio < 1", "difference < 1", `small.yaml:13:16: claims.0.direction: a difference needs a unit`},
	{"ratio < 1", "difference < 1 MiB", `small.yaml:13:16: claim one: the unit MiB does not fit the metric ns/op`},
	{"ratio < 1", "ratio < 1 ms", `small.yaml:13:16: claims.0.direction: a ratio has no unit`},
	{"ratio < 1", "ratio <= 1", `small.yaml:13:16: claims.0.direction: "<=" is no operator`},
	{"ratio < 1", "ratio < 5%", `small.yaml:13:16: claims.0.direction: "5%" is no number`},
	{"ratio < 1", "ratio within 1", `small.yaml:13:16: claims.0.direction: "1" does not fit within`},
	{"ratio < 1", "ratio within 2..1", `small.yaml:13:16: claims.0.direction: "2..1" is no range`},
	{"ratio < 1", "ratio > -1", `small.yaml:13:16: claims.0.direction: a ratio is always above 0`},
	{"ratio < 1", "faster < 1", `small.yaml:13:16: claims.0.direction: "faster" is no quantity`},
	{"ratio < 1", "faster", `small.yaml:13:16: claims.0.direction: a relation has three words`},
	{"metric: ns/op", "metric: ns-op", `small.yaml:12:23: claim one: gc-churn has no metric "ns-op" (did you mean ns/op?)`},
	{"metric: ns/op", "metric: ns op", `small.yaml:12:23: claims.0.compare.metric "ns op" has a blank in it`},
	{"to: {thp: never}", "to: {thp: never}, each: [memory.max]", `small.yaml:12:74: claim one: each splits by memory.max, which is held at 2GiB`},
	{"to: {thp: never}", "to: {thp: never}, each: [thp]", `small.yaml:12:74: claim one: each splits by thp, which of compares`},
	{"to: {thp: never}", "to: {thp: never}, each: [gogc, gogc]", `small.yaml:12:80: claims.0.compare.each: gogc stands twice`},
	{"to: {thp: never}", "to: {thp: never}, each: [go]", `small.yaml:12:74: claim one: each: "go" is no key of this experiment`},
	{"  - id: one\n", "  - id: one\n    source: {section: 3}\n", `small.yaml:12:13: source has no title`},
	{"  - id: one\n", "  - id: one\n    source: {title: T, url: \"javascript:alert(1)\"}\n", `small.yaml:12:29: claims.0.source.url "javascript:alert(1)" is no web address`},
	{"  - id: one\n", "  - id: one\n    source: {title: T, at: {distro: x}}\n", `small.yaml:12:29: source.at: "distro" is no key of this experiment`},
	{"  - id: one\n", "  - id: one\n    source: {title: T, at: {memory.max: lots}}\n", `small.yaml:12:41: memory.max: "lots" is not a level`},
	{"id: one", "id: ../one", `small.yaml:11:9: claims.0.id "../one" is a path, and must be a name`},
	{"claims:\n", "claims: []\nx:\n", `small.yaml:10:9: claims is empty`},
	{"thp: [never, always]\n  gogc: [50, 100]\n", "gogc: 100\nzip: [{thp: [never, always], cpus: [1, 2]}]\n", `small.yaml:12:54: claim one: no cell with thp=never is like one with thp=always in all else`},
}

// numbers is "1, 2, ... n".
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strings.TrimLeft(string(rune('0'+(i+1)/100))+string(rune('0'+(i+1)/10%10))+string(rune('0'+(i+1)%10)), "0"))
	}
	return b.String()
}

func TestTheSmallExperimentIsSound(t *testing.T) {
	load(t, "small.yaml", small)
}

func TestMalformedFilesAreRefusedWithTheirPlace(t *testing.T) {
	for _, b := range broken {
		if !strings.Contains(small, b.old) {
			t.Fatalf("the case %q replaces a text that is not there", b.want)
		}
		text := strings.Replace(small, b.old, b.new, 1)
		errs := refused(t, text)
		found := false
		for _, e := range errs {
			found = found || strings.HasPrefix(e.Error(), b.want)
			if e.File == "" || e.Pos.Line < 1 || e.Column < 1 || e.Msg == "" {
				t.Errorf("%q: an error without its place: %+v", b.want, e)
			}
		}
		if !found {
			t.Errorf("no error begins with\n%s\nbut there are\n%v\n", b.want, errs)
		}
	}
}

func TestAllErrorsOfAFileComeAtOnceInOrder(t *testing.T) {
	text := strings.NewReplacer("knobs:", "knobz:", "blocks: 10", "blocks: x", "ratio < 1", "ratio ~ 1", "gc-churn", "a/b").Replace(small)
	var got []string
	for _, e := range refused(t, text) {
		got = append(got, e.Msg[:strings.IndexByte(e.Msg, ' ')])
	}
	if s := strings.Join(got, " "); s != "workload.program unknown design.blocks claims.0.direction:" {
		t.Errorf("got %s", s)
	}
}

func TestErrorsCanBeTakenApart(t *testing.T) {
	var e Error
	if !errors.As(error(refused(t, "x: 1\n")), &e) || e.Line != "x: 1" || e.Pos.File != "small.yaml" {
		t.Errorf("%+v", e)
	}
}

// A slip in a key or a level makes every claim on the right one look wrong.
func TestWhatIsMisspeltIsToldAtItsOwnPlace(t *testing.T) {
	check := func(old, with, want string) {
		t.Helper()
		e, err := Parse("small.yaml", []byte(strings.Replace(small, old, with, 1)))
		require.Error(t, err)
		var cause Errors
		require.ErrorAs(t, Misspelt(e, lab{}), &cause)
		require.Len(t, cause, 1)
		require.True(t, strings.HasPrefix(cause[0].Error(), want), cause[0].Error())
	}
	check("thp: [never", "thpp: [never", `small.yaml:6:3: there is no knob "thpp" (did you mean thp?)`)
	e, err := Parse("small.yaml", []byte(strings.Replace(small, "of: {thp", "of: {thpp", 1)))
	require.ErrorContains(t, err, `small.yaml:12:35: claim one: "thpp" is no key`)
	require.NoError(t, Misspelt(e, lab{}), "here the claim is the one at fault")
}

// One unknown key does not keep the rest of the file from being looked at.
func TestWhatIsMisspeltStandsAmongWhatCouldNotBeRead(t *testing.T) {
	check := func(replace []string, want ...string) {
		t.Helper()
		e, err := Parse("small.yaml", []byte(strings.NewReplacer(replace...).Replace(small)))
		require.Error(t, err)
		var all Errors
		require.ErrorAs(t, Misspelt(e, lab{}), &all)
		var got []string
		for _, e := range all {
			got = append(got, e.Msg)
		}
		require.Equal(t, want, got)
	}
	question := []string{"name: small", "name: small\nquetsion: x", "always]", "sometimes]"}
	const key, level = `unknown key "quetsion" under the experiment (did you mean question?)`, `thp: "sometimes" is not a level: allowed: never, madvise, always`
	check(question, key, level)
	check(append(question, "live-heap: 64MiB", "live-heap: 64MB"), key, `param.live-heap: "64MB" is not a level: allowed: sizes such as 64MiB`, level)
	check(append(question, "gc-churn", "gc-chrun"), key, `there is no workload "gc-chrun" (did you mean gc-churn?)`, level)
	check(append(question, "gc-churn", "a/b"), key, `workload.program "a/b" is a path, and must be a name`, level)
	check([]string{"knobs:", "knob:"}, `unknown key "knob" under the experiment (did you mean knobs?)`)
}

// What the toolchain does not know is told once, however many cells have it, and
// not at all where no cell does.
func TestWhatTheToolchainDoesNotKnowIsToldAtItsPlace(t *testing.T) {
	check := func(levels string, want ...string) {
		t.Helper()
		e, err := Parse("small.yaml", []byte(strings.Replace(small, "  gogc: [50, 100]\n", levels, 1)))
		require.NoError(t, err)
		_, err = Check(e, lab{})
		var got Errors
		if want != nil {
			require.ErrorAs(t, err, &got)
		}
		var heads []string
		for _, e := range got {
			head, _, _ := strings.Cut(e.Error(), "\n")
			heads = append(heads, head)
		}
		require.Equal(t, want, heads)
	}
	check("  godebug.gctrac: [0, 1]\n  goamd64: [v1, v9]\n",
		"small.yaml:7:3: godebug.gctrac: no such setting (did you mean gctrace?)", "small.yaml:8:17: goamd64: no such level")
	check("  godebug.gctrace: [0, 1]\n  goamd64: [v1, v9]\nexclude: [{goamd64: v9}]\n")
}

func TestALevelThatTheMachineRefusesIsToldAtItsPlace(t *testing.T) {
	e := load(t, "small.yaml", small)
	sent, err := json.Marshal(e.Places())
	require.NoError(t, err)
	var there Places
	require.NoError(t, json.Unmarshal(sent, &there))
	err = there.Fault("thp", "always", errors.New("no"))
	require.Equal(t, "small.yaml:6:16: thp=always: no\n    6 |   thp: [never, always]\n      |                ^", err.Error())
	err = there.Fault("thp", "madvise", errors.New("no"))
	require.Equal(t, "small.yaml:6:3: thp=madvise: no\n    6 |   thp: [never, always]\n      |   ^", err.Error(), "of a level that an included cell has, the key")
	require.Equal(t, "thp=always: no", Experiment{}.Places().Fault("thp", "always", errors.New("no")).Error())
}

// A claim on what is not counted would find no value, hours later.
func TestAClaimOnWhatMeasureDoesNotNameIsRefused(t *testing.T) {
	check := func(measure, metric, want string) {
		t.Helper()
		text := strings.NewReplacer("claims:", measure+"claims:", "metric: ns/op", "metric: "+metric).Replace(small)
		e, err := Parse("small.yaml", []byte(text))
		require.NoError(t, err)
		_, err = Check(e, lab{})
		if want == "" {
			require.NoError(t, err)
			return
		}
		require.ErrorContains(t, err, want)
	}
	check("", "instructions", "claim one: instructions is not counted, as measure does not name perf (write measure: [runtime, cgroup, perf])")
	check("measure: [cgroup]\n", "gc-cycles", "small.yaml:13:23: claim one: gc-cycles is not counted, as measure does not name runtime (write measure: [cgroup, runtime])")
	check("measure: [cgroup, perf]\n", "instructions", "")
	check("measure: [cgroup]\n", "gc-cycle", `gc-churn has no metric "gc-cycle" (did you mean gc-cycles?)`)
	check("measure: [cgroup]\n", "gc-cycle", "\nallowed: gc-mark-cpu-ns/cycle, ns/op, peak-RSS-bytes")
	check("measure: [runtime, perf]\n", "gc-cycle", "\nallowed: gc-cycles, gc-mark-cpu-ns/cycle, instructions, ns/op, peak-RSS-bytes")
	check("", "gc-cycles", "")
}

package spec

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Gotest is a benchmark of a Go package: its test binary is built and run once
// a trial, every time with the same number of iterations.
type Gotest struct {
	Package   Scalar `json:"package"`            // an import path, or ./path below Dir
	Bench     Scalar `json:"bench"`              // as of go test -bench
	Skip      Scalar `json:"skip,omitzero"`      // as of go test -skip: those of them that are left out
	Benchtime Scalar `json:"benchtime,omitzero"` // "100x", or a time for which the iterations are found once; 1s where absent
	Dir       Scalar `json:"dir,omitzero"`       // a folder of the module to build in, or its workspace, from the checkout; the checkout where absent
}

// DefaultBenchtime is that of go test.
const DefaultBenchtime = "1s"

// Iterations is how many a trial makes; ok is false where they are still to be
// found, so that a trial takes about Time.
func (g Gotest) Iterations() (n int, ok bool) {
	digits, counted := strings.CutSuffix(g.Benchtime.Text, "x")
	n, err := strconv.Atoi(digits)
	return n, counted && err == nil
}

// Asked is the benchtime asked for, as of go test.
func (g Gotest) Asked() string { return cmp.Or(g.Benchtime.Text, DefaultBenchtime) }

// Time is what a benchmark is to take in a trial, where that is asked for.
func (g Gotest) Time() time.Duration {
	d, _ := time.ParseDuration(g.Asked())
	return d
}

// A Metric is how one number is found in what a command prints: by a regular
// expression with one group, or by a path into JSON. One with neither is counted
// by the harness.
type Metric struct {
	Unit   Scalar  `json:"unit"`             // as in results: "p99-latency-ns"
	Regexp string  `json:"regexp,omitempty"` // at most one of the two
	JSON   string  `json:"json,omitempty"`
	From   string  `json:"from,omitempty"`   // stdout or stderr; stdout where absent
	Better string  `json:"better,omitempty"` // lower or higher
	Scale  float64 `json:"scale"`            // what is printed times Scale is in Unit

	printed string // the unit that the command prints, as written
}

// Counted says whether the harness counts the metric, whatever the command prints.
func (m Metric) Counted() bool { return m.Regexp == "" && m.JSON == "" }

// Outside says whether the workload is a program that knows nothing of assay.
func (w Workload) Outside() bool { return w.Gotest != nil || w.Command != nil }

// Name is what the workload is called in reports: that of its folder, or the
// kind of an outside program and what it runs.
func (w Workload) Name() string {
	switch {
	case w.Gotest != nil:
		return w.Gotest.name()
	case w.Command != nil:
		var argv []string
		for _, a := range w.Command {
			argv = append(argv, strings.Fields(a.Text)...)
		}
		return "command " + strings.Join(argv, " ")
	}
	return w.Program.Text
}

func (g Gotest) name() string {
	name := fmt.Sprintf("gotest %s %s", g.Package, g.Bench)
	if g.Skip.Text != "" {
		name += " without " + g.Skip.Text
	}
	if g.Dir.Text != "" {
		name += " in " + g.Dir.Text
	}
	return name
}

// Argv is a command's with the levels of params, keys with their prefix, in the
// places that name them.
func (w Workload) Argv(levels map[string]string) []string {
	var argv []string
	for _, a := range w.Command {
		argv = append(argv, placeholder.ReplaceAllStringFunc(a.Text, func(m string) string {
			if strings.HasPrefix(m, "{{") {
				return m[1 : len(m)-1]
			}
			return levels[ParamPrefix+m[1:len(m)-1]]
		}))
	}
	return argv
}

// Benchmark is what the line of a command with metrics is called: its file's
// name, in letters that a benchmark's may have, the same in every cell.
func (w Workload) Benchmark() string {
	base := strings.Trim(filepath.Base(w.Command[0].Text), "{}")
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, base)
	return strings.ToUpper(clean[:1]) + clean[1:]
}

// Open says whether only a run shows which metrics the workload has.
func (w Workload) Open() bool { return w.Outside() && w.Metrics == nil }

// placeholder is where an argument takes the level of a param: {threads}.
// {{threads}} is the text {threads}; other braces are themselves.
var placeholder = regexp.MustCompile(`\{\{[a-z0-9][a-z0-9-]*\}\}|\{[a-z0-9][a-z0-9-]*\}`)

// placeholders are the params that an argument names.
func placeholders(arg string) []string {
	var all []string
	for _, m := range placeholder.FindAllString(arg, -1) {
		if !strings.HasPrefix(m, "{{") {
			all = append(all, m[1:len(m)-1])
		}
	}
	return all
}

// workload looks at what a trial runs: one thing, whose parts fit.
func (c *consistency) workload() {
	w := c.Workload
	var kinds []string
	if w.Program.Text != "" {
		kinds = append(kinds, "program")
	}
	if w.Gotest != nil {
		kinds = append(kinds, "gotest")
	}
	if w.Command != nil {
		kinds = append(kinds, "command")
	}
	if len(kinds) != 1 {
		what := "neither program nor gotest nor command"
		if len(kinds) > 0 {
			what = strings.Join(kinds, " and ")
		}
		c.fail(c.origin.place("workload."+last(kinds), "workload"), "program, gotest, command", "workload has %s: a trial runs one of them", what)
		return
	}
	for _, key := range []string{"metrics", "dir"} {
		if _, ok := c.origin.at["workload."+key]; ok && w.Command == nil {
			c.fail(c.origin.place("workload."+key), "", "workload.%s goes with command, and the workload is a %s", key, kinds[0])
		}
	}
	if w.Outside() {
		c.outside(w)
	}
}

// recordings are the words of measure that are no counters, but files of what a
// workload did.
var recordings = []string{"cpuprofile", "trace", "schedtrace"}

func last(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// outside notes what an outside program can't do, and params that no argument
// of a command takes.
func (c *consistency) outside(w Workload) {
	if c.Design.Controls.Positive != nil {
		c.fail(c.origin.place("design.controls.positive"), "", "design.controls.positive: only a workload of this tree can be slowed down by a known share")
	}
	if c.Design.Warmup == 0 && len(c.Claims) > 0 {
		c.fail(c.origin.place("design.warmup"), "1 or more", "design.warmup is 0: what an outside program prints is held against the claims after the warm-up")
	}
	for _, word := range c.Measure {
		if slices.Contains(recordings, word) && w.Gotest == nil {
			c.fail(c.origin.place("measure"), "runtime, cgroup, perf", "measure: only a workload of this tree or a gotest can be told to write a %s", word)
		}
	}
	if w.Command == nil {
		return
	}
	if slices.Contains(c.Design.Nuisance, NuisanceLayout) {
		c.fail(c.origin.place("design.nuisance"), NuisanceEnvSize, "design.nuisance: a command is not linked here, and so has no layout to draw")
	}
	named := map[string]bool{}
	for _, a := range w.Command {
		for _, param := range placeholders(a.Text) {
			named[param] = true
			if _, ok := c.keys.get(ParamPrefix + param); !ok {
				c.fail(a.Pos, "", "workload.command: {%s} is no param (give it under params, or write {{%s}} for the text)", param, param)
			}
		}
	}
	for _, h := range c.keys {
		if param, ok := strings.CutPrefix(h.Key.Text, ParamPrefix); ok && !named[param] {
			c.fail(h.Key.Pos, list(slices.Sorted(maps.Keys(named))), "no argument of the command names {%s}: the param would change nothing", param)
		}
	}
}

// outside holds an outside program against this machine: whether what it names
// is there, and whether a command is asked to be built.
func (k *checker) outside(e Experiment) {
	w := e.Workload
	if g := w.Gotest; g != nil {
		if g.Package.Text == "" {
			return // which could not be read
		}
		if err := k.Package(g.Dir.Text, g.Package.Text); err != nil {
			at := g.Package.Pos
			if g.Dir.Text != "" {
				at = g.Dir.Pos
			}
			k.fail(at, "", "workload.gotest: %v", err)
		}
		return
	}
	if argv0 := w.Command[0]; len(placeholders(argv0.Text)) == 0 {
		if err := k.Executable(w.Argv(nil)[0]); err != nil {
			k.fail(argv0.Pos, "", "workload.command: %v", err)
		}
	}
	for _, m := range w.Metrics {
		if all := k.Counters(); m.Counted() && !slices.Contains(all, m.Unit.Text) {
			k.fail(m.Unit.Pos, list(append([]string{"regexp, json"}, all...)), "metric %s: it is found by one of regexp and json, and the harness counts no such thing", m.Unit.Text)
		}
	}
	for _, h := range e.held() {
		if k.Built(h.Key.Text) {
			k.fail(h.Key.Pos, "", "%s is a setting of the build, and a command is not built here (use gotest, or give built programs as the levels of a param)", h.Key.Text)
		}
	}
}

// outsideMetric notes a metric that a workload can't have. Where only a run shows
// what it has, any unit may turn out to be one.
func (k *checker) outsideMetric(where string, unit Scalar) bool {
	if k.workload.Open() {
		if !unitWord(unit.Text) {
			k.fail(unit.Pos, "", "%s: %q is no unit of a benchmark line", where, unit.Text)
			return false
		}
		return true
	}
	var all []string
	for _, m := range k.workload.Metrics {
		all = append(all, m.Unit.Text)
	}
	all = append(all, k.Counters()...)
	if !slices.Contains(all, unit.Text) {
		k.fail(unit.Pos, k.offered(all), "%s: the workload has no metric %q%s", where, unit.Text, Suggest(unit.Text, all))
		return false
	}
	return true
}

func unitWord(text string) bool { return unit.MatchString(text) }

// A Kind is a way to run a program that is not of this tree.
type Kind struct {
	Name string `json:"name"` // its key under workload: "gotest"
	Doc  string `json:"doc"`  // one sentence
	Keys []Key  `json:"keys"` // of the mapping that it takes, or of each metric of a command
}

// A Key is one known key of an experiment file.
type Key struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`            // one sentence, or a few
	Need bool   `json:"need,omitempty"` // it must be there
}

// Outside lists the kinds of outside programs.
func Outside() []Kind {
	gotest, _ := workloadKeys.field("gotest")
	command, _ := workloadKeys.field("command")
	return []Kind{
		{gotest.key, gotest.doc, gotestKeys.list()},
		{command.key, command.doc, metricKeys.list()},
	}
}

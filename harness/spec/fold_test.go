package spec

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestExtendsMergesOneLevelDeep(t *testing.T) {
	dir := files(t, map[string]string{
		"small.yaml": small,
		"middle.yaml": "name: middle\nextends: small\nquestion: Why?\nknobs:\n  gogc: 100\n  cpus: [1, 2]\n" +
			"design: {max-blocks: 40}\n",
		"top.yaml":     "name: top\nextends: middle\nworkload: {params: {cycles: 3}}\nisolation: {gomaxprocs: 2}\nclaims:\n  - id: two\n    compare: {metric: ns/op, of: {cpus: 2}, to: {cpus: 1}}\n    predict: ratio > 1\n",
		"unnamed.yaml": "extends: small\n",
	})
	top, err := Load(filepath.Join(dir, "top.yaml"))
	require.NoError(t, err)
	top, err = Check(top, lab{})
	require.NoError(t, err)
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	check("name", top.Name, "top")
	check("question", top.Question, "Why?")
	check("program of the lowest", top.Workload.Program.Text, "gc-churn")
	check("params are replaced", top.Workload.Params[0].Key.Text, "param.cycles")
	check("knobs in order", top.Knobs[0].Key.Text+" "+top.Knobs[1].Key.Text+" "+top.Knobs[2].Key.Text, "thp gogc cpus")
	check("gogc", texts(top.Knobs[1].Levels), "100")
	check("isolation", Selection(top.Isolation).String(), "memory.max=2GiB gomaxprocs=2")
	check("claims are replaced", top.Claims[0].ID.Text, "two")
	if len(top.Claims) != 1 || len(top.Workload.Params) != 1 || top.Design.Blocks != 10 || top.Design.MaxBlocks != 40 {
		t.Errorf("%+v", top)
	}
	if got, want := top.Knobs[0].Levels[1].Pos, (Pos{filepath.Join(dir, "small.yaml"), 6, 16}); got != want {
		t.Errorf("always stands at %v, want %v", got, want)
	}

	_, err = Load(filepath.Join(dir, "unnamed.yaml"))
	if err == nil || !strings.Contains(err.Error(), "unnamed.yaml:1:1: the experiment has no name") {
		t.Errorf("a name is not inherited: %v", err)
	}
}

func TestErrorsPointIntoTheFileTheyCameFrom(t *testing.T) {
	dir := files(t, map[string]string{
		"small.yaml": strings.Replace(small, "ratio < 1", "ratio < 0", 1),
		"top.yaml":   "name: top\nextends: small\nknobs: {thp: [never, always]}\ndesign: {blocks: no}\n",
	})
	_, err := Load(filepath.Join(dir, "top.yaml"))
	for _, want := range []string{"small.yaml:13:16: claims.0.direction", "   13 |     direction: ratio < 0", "top.yaml:4:18: design.blocks"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

func TestExtendsIsRefused(t *testing.T) {
	dir := files(t, map[string]string{
		"a.yaml":    "name: a\nextends: b\n",
		"b.yaml":    "name: b\nextends: c\n",
		"c.yaml":    "name: c\nextends: a\n",
		"self.yaml": "name: self\nextends: self\n",
		"gone.yaml": "name: gone\nextends: nowhere\n",
		"path.yaml": "name: path\nextends: ../a\n",
		"list.yaml": "name: list\nextends: [a]\n",
		"over.yaml": "name: over\nextends: bad\n",
		"bad.yaml":  "name: bad\n\tx: 1\n",
	})
	check := func(file, want string) {
		t.Helper()
		_, err := Load(filepath.Join(dir, file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", file, err, want)
		}
	}
	check("a.yaml", "c.yaml:2:10: extends a goes in a circle: ")
	check("self.yaml", "self.yaml:2:10: extends self goes in a circle: ")
	check("gone.yaml", "gone.yaml:2:10: extends nowhere: open ")
	check("path.yaml", `path.yaml:2:10: extends "../a" is not the name of an experiment beside this one`)
	check("list.yaml", "list.yaml:2:10: extends is a list, and must be a scalar")
	check("over.yaml", "bad.yaml:2:1: not YAML that is read here")

	_, err := Parse("a.yaml", []byte("name: a\nextends: b\n"))
	if err == nil || !strings.Contains(err.Error(), "a.yaml:2:10: extends needs the file beside this one") {
		t.Errorf("Parse reads one file: %v", err)
	}
}

func TestALocalFileMayChangeParamsAndBudgetOnly(t *testing.T) {
	loadWith := func(local string) (Experiment, error) {
		dir := files(t, map[string]string{"small.yaml": small, "small.local.yaml": local})
		return Load(filepath.Join(dir, "small.yaml"))
	}
	e, err := loadWith("workload: {params: {live-heap: 1GiB, cycles: 4}}\ndesign: {budget: 2m, timeout: 9s}\n")
	require.NoError(t, err)
	if want := []string{"param.live-heap", "param.cycles", "design.budget", "design.timeout"}; !slices.Equal(e.Local, want) {
		t.Errorf("changed keys %v, want %v", e.Local, want)
	}
	if e.Workload.Program.Text != "gc-churn" || texts(e.Workload.Params[0].Levels) != "1GiB" || e.Design.Budget.String() != "2m0s" || e.Design.Blocks != 10 {
		t.Errorf("%+v", e)
	}
	e, err = loadWith("# nothing here\n")
	if require.NoError(t, err); e.Local != nil {
		t.Errorf("an empty file changes %v", e.Local)
	}
	check := func(local, want string) {
		t.Helper()
		if _, err := loadWith(local); err == nil || !strings.Contains(err.Error(), "small.local.yaml:"+want) {
			t.Errorf("%q: got %v, want %q", local, err, want)
		}
	}
	check("claims: []\n", "1:1: a local file can't change claims")
	check("knobs: {thp: never}\n", "1:1: a local file can't change knobs")
	check("extends: other\n", "1:1: a local file can't change extends")
	check("design: {budget: 1m, blocks: 3}\n", "1:22: a local file can't change design.blocks")
	check("workload: {program: procs}\n", "1:12: a local file can't change workload.program")
	check("workload:\n", "1:1: workload has no value")
	check("design: {budget: soon}\n", `1:18: design.budget "soon" is no such duration`)
	check("- a\n", "1:1: the file is a list, not a mapping")
}

func TestAMissingFileIsAnErrorOfItsOwn(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "x.yaml"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	dir := files(t, map[string]string{"small.yml": small})
	_, err = Load(filepath.Join(dir, "small.yml"))
	if err == nil || !strings.Contains(err.Error(), `small.yml:1:1: "small.yml" does not end in .yaml`) {
		t.Errorf("got %v", err)
	}
}

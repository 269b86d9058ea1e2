package main

import (
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite what the scenarios compare with")

// TestScripts runs the scenarios of testdata/script, each in a folder of its
// own, with the command as a user has it. They need no root; under root the
// trials have cgroups.
func TestScripts(t *testing.T) {
	tree, err := findTree("")
	require.NoError(t, err)
	watch(t, filepath.Join(tree, "experiments"), filepath.Join(tree, "workloads"))
	shared := t.TempDir()
	bin := filepath.Join(shared, "bin")
	goes(t, tree, "build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(bin, "assay"), "./harness/cmd/assay")
	env := append(caches(t, tree),
		"CHECKOUT="+tree,
		"PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"),
		"BIN="+bin,
		"HOME="+filepath.Join(shared, "home"), // one for all: it keeps the workloads built
		"LOCK="+filepath.Join(shared, "lock"), // one for all: runs wait for each other, as on any machine
	)
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join("testdata", "script"),
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Condition:          condition,
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, env...)
			e.Defer(func() { leftovers(t, e.WorkDir) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"assay":   assayCmd,
			"refuses": refusesCmd,
			"folder":  folderCmd,
			"await":   awaitCmd,
			"unread":  unreadCmd,
		},
	})
}

// caches hands the go command's own through to the scenarios, so that builds are
// found there and nothing is downloaded.
func caches(t *testing.T, tree string) []string {
	t.Helper()
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOTOOLCHAIN", "GOROOT"}
	values := strings.Split(goes(t, tree, append([]string{"env"}, names...)...), "\n")
	env := []string{"GOPROXY=off"}
	for i, n := range names {
		env = append(env, n+"="+values[i])
	}
	return env
}

func goes(t *testing.T, tree string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = tree
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %s: %s", strings.Join(args, " "), out)
	return string(out)
}

// watch looks at every file that the scenarios reach by other processes only:
// go test does not take an old result where one of them has changed.
func watch(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				_, err = os.ReadFile(path)
			}
			return err
		})
		require.NoError(t, err)
	}
}

// condition: root says that the scenario runs as root, thp that the machine has
// transparent huge pages.
func condition(name string) (bool, error) {
	switch name {
	case "root":
		return os.Geteuid() == 0, nil
	case "thp":
		_, err := os.Stat("/sys/kernel/mm/transparent_hugepage/enabled")
		return err == nil, nil
	case "two-cpus":
		return runtime.NumCPU() >= 2, nil
	}
	return false, os.ErrInvalid
}

// leftovers holds of every scenario: no folder for trials stays behind, and the
// journal has nothing open.
func leftovers(t *testing.T, work string) {
	t.Helper()
	scratch, err := filepath.Glob(filepath.Join(work, ".tmp", "assay-*"))
	require.NoError(t, err)
	if len(scratch) > 0 {
		t.Errorf("left behind: %q", scratch)
	}
	journal, err := os.ReadFile(filepath.Join(work, "state", "journal.jsonl"))
	if err == nil && len(journal) > 0 {
		t.Errorf("the journal of a scenario that ended holds\n%s", journal)
	}
}

// Package workloads_test holds every workload to the contract of package wire.
package workloads_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/assaylab/assay/workloads/wire"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchunit"
)

func TestEveryWorkload(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		t.Setenv("GOMAXPROCS", "2") // preempt has nobody to stop on one processor, and says so
	}
	for name, path := range build(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &binary{argv: []string{path}}
			w.describe(t, name)
			t.Run("lines", w.testLines)
			t.Run("course", w.testCourse)
			t.Run("usage", w.testUsage)
			t.Run("control", w.testControl)
			t.Run("lost harness", w.testLostHarness)
			t.Run("full stdout", w.testFullStdout)
		})
	}
}

// build compiles each main package below this folder and returns its binaries by
// name. The environment is set beside this process's.
func build(t *testing.T, environment ...string) map[string]string {
	t.Helper()
	// go test caches by the files that the test itself looks at; go build's it can't see.
	require.NoError(t, filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		_, statErr := os.Stat(path)
		return errors.Join(err, statErr)
	}))
	list, err := exec.Command("go", "list", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...").Output()
	require.NoError(t, err)
	dir := t.TempDir() + "/" // the slash makes go build put several binaries there
	packages := strings.Fields(string(list))
	require.NotEmpty(t, packages)
	cmd := exec.Command("go", append([]string{"build", "-o", dir}, packages...)...)
	cmd.Env = append(os.Environ(), environment...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	binaries := map[string]string{}
	for _, p := range packages {
		binaries[filepath.Base(p)] = dir + filepath.Base(p)
	}
	return binaries
}

// A binary is one workload and what it says of itself.
type binary struct {
	argv []string // what starts it, without its flags
	wire.Description
	short []string // flags of its shortest run
}

// command starts it with flags.
func (w *binary) command(flags ...string) *exec.Cmd {
	return exec.Command(w.argv[0], slices.Concat(w.argv[1:], flags)...)
}

// run gives exit code, stdout and stderr.
func (w *binary) run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := w.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// describe reads -describe strictly. The shortest run has each count and size at its least.
func (w *binary) describe(t *testing.T, folder string) {
	code, out, errs := w.run(t, "-describe")
	require.Zero(t, code, errs)
	d := json.NewDecoder(strings.NewReader(out))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&w.Description))
	require.NoError(t, w.Validate())
	require.Equal(t, folder, w.Name, "a workload is named like its folder")
	_, again, _ := w.run(t, "-describe")
	require.Equal(t, out, again, "-describe must be stable")
	for _, p := range w.Params {
		if p.Min != "" && (p.Kind == wire.Int || p.Kind == wire.Bytes) {
			w.short = append(w.short, "-"+p.Name+"="+p.Min)
		}
		if p.Name == "ops" && p.Min == "0" {
			w.short = append(w.short, "-ops=1") // 0 is the workload's own number; the last one counts
		}
	}
}

// results parses text as benchstat does.
func results(t *testing.T, text string) (found []*benchfmt.Result, units benchfmt.UnitMetadataMap) {
	t.Helper()
	r := benchfmt.NewReader(strings.NewReader(text), "stdout")
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			found = append(found, rec.Clone())
		case *benchfmt.SyntaxError:
			t.Errorf("not the benchmark format: %v\n%s", rec, text)
		}
	}
	require.NoError(t, r.Err())
	return found, r.Units()
}

func (w *binary) testLines(t *testing.T) {
	code, out, errs := w.run(t, append(w.short, "-count=2", "-inject=5%")...)
	require.Zero(t, code, errs)
	require.Empty(t, errs, "a run that went well says nothing on stderr")
	found, units := results(t, out)
	require.Len(t, found, 2, "each process prints one line:\n%s", out)
	require.Equal(t, 1, strings.Count(out, "goos: "), "the header stands there once:\n%s", out)

	declared := map[string]wire.Metric{}
	for _, m := range w.Metrics {
		declared[m.Unit] = m
	}
	for _, r := range found {
		if name, parts := r.Name.Parts(); len(parts) > 0 {
			t.Errorf("%s has parts %s: a name carries no suffix", name, parts)
		}
		if r.GetConfig("workload") != w.Name {
			t.Errorf("workload is %q", r.GetConfig("workload"))
		}
		for _, v := range r.Values {
			unit := v.Unit
			if v.OrigUnit != "" {
				unit = v.OrigUnit
			}
			m, ok := declared[unit]
			if !ok {
				t.Errorf("%s is printed, not declared", unit)
			}
			better := map[wire.Better]int{wire.Lower: -1, wire.Higher: 1}[m.Better]
			_, tidied := benchunit.Tidy(1, unit)
			if got := units.GetBetter(tidied); got != better {
				t.Errorf("%s: better is %d in the metadata, %d in -describe", unit, got, better)
			}
		}
		for _, m := range w.Metrics {
			_, tidied := benchunit.Tidy(1, m.Unit)
			if _, ok := r.Value(tidied); m.Primary && !ok {
				t.Errorf("the primary metric %s is missing", m.Unit)
			}
		}
	}
}

// testCourse wants a course beside the result, or to be told why there is none.
func (w *binary) testCourse(t *testing.T) {
	k := w.start(t, "-"+wire.FlagCourse)
	k.follow(t, len(script))
	require.NoError(t, k.Wait(), "stderr: %s", &k.errs)
	course, err := wire.FindCourse(k.out.String())
	require.NoError(t, err)
	if (len(course) == 0) != (w.NoCourse != "") {
		t.Errorf("a course of %d parts, and as the reason why there is none %q", len(course), w.NoCourse)
	}
	found, _ := results(t, k.out.String())
	require.Len(t, found, 1)
}

func (w *binary) testUsage(t *testing.T) {
	check := func(want string, args ...string) {
		t.Helper()
		code, out, errs := w.run(t, args...)
		if code != 2 || out != "" || !strings.Contains(errs, want) || !strings.HasPrefix(errs, w.Name+": ") {
			t.Errorf("%q: exit %d, stdout %q, stderr %q; want exit 2 and %q", args, code, out, errs, want)
		}
	}
	check("no-such-flag", "-no-such-flag")
	check("stray", "stray")
	check("-role=nobody", "-role=nobody")
	check("-count", "-count=-1")
	check("-inject", "-inject=5")
	for _, p := range w.Params {
		if p.Kind != wire.String || len(p.Values) > 0 {
			check("-"+p.Name, "-"+p.Name+"=?")
		}
	}
	code, out, _ := w.run(t, "-h")
	require.Zero(t, code)
	for _, want := range []string{"Examples:\n  ", "go run ./workloads/" + w.Name} {
		require.Contains(t, out, want)
	}
}

// A talk is a workload under the control channel.
type talk struct {
	*exec.Cmd
	*wire.Conn
	out, errs bytes.Buffer
}

// start plays the roles as a harness does, the one that prints with some more
// flags, and gives that one.
func (w *binary) start(t *testing.T, flags ...string) *talk {
	t.Helper()
	if len(w.Roles) == 1 {
		return w.play(t, os.TempDir(), "", flags...)
	}
	folder := t.TempDir()
	last := len(w.Roles) - 1
	for _, r := range w.Roles[:last] {
		k := w.play(t, folder, r.Name)
		_, err := k.Expect(wire.MsgReady, time.Minute)
		require.NoError(t, err, "stderr: %s", &k.errs)
		t.Cleanup(func() {
			k.Close()
			if err := k.Wait(); err != nil || k.out.Len()+k.errs.Len() > 0 {
				t.Errorf("role %s ended with %v, stdout %q, stderr %q", r.Name, err, &k.out, &k.errs)
			}
		})
	}
	return w.play(t, folder, w.Roles[last].Name, flags...)
}

// play starts the process of a role, "" for the only one.
func (w *binary) play(t *testing.T, folder, role string, flags ...string) *talk {
	t.Helper()
	harness, child, err := wire.Pair()
	require.NoError(t, err)
	defer child.Close()
	args := slices.Concat(w.short, flags)
	if role != "" {
		args = append(args, "-role="+role)
	}
	k := &talk{Cmd: w.command(args...), Conn: wire.NewConn(harness)}
	k.Env = append(os.Environ(), "TMPDIR="+folder)
	k.Stdout, k.Stderr, k.ExtraFiles = &k.out, &k.errs, []*os.File{child} // the first is descriptor 3
	require.NoError(t, k.Start())
	t.Cleanup(func() { k.Close() })
	return k
}

// script is the talk of a whole trial.
var script = []struct{ hear, say string }{
	{wire.MsgReady, wire.MsgGo},
	{wire.MsgBegin, wire.MsgOK},
	{wire.MsgEnd, wire.MsgOK},
}

// follow goes through the first steps of the script and returns the times heard.
func (k *talk) follow(t *testing.T, steps int) (at []int64) {
	t.Helper()
	for _, s := range script[:steps] {
		ns, err := k.Expect(s.hear, time.Minute)
		require.NoError(t, err, "stderr: %s", &k.errs)
		require.NoError(t, k.Send(s.say))
		at = append(at, ns)
	}
	return at
}

func (w *binary) testControl(t *testing.T) {
	before := wire.Now()
	k := w.start(t)
	at := k.follow(t, len(script))
	require.NoError(t, k.Wait(), "stderr: %s", &k.errs)
	if !(before < at[0] && at[0] < at[1] && at[1] < at[2] && at[2] < wire.Now()) {
		t.Errorf("times %v are not in order", at)
	}
	found, _ := results(t, k.out.String())
	require.Len(t, found, 1)
}

func (w *binary) testLostHarness(t *testing.T) {
	for steps, s := range script {
		k := w.start(t)
		k.follow(t, steps)
		_, err := k.Expect(s.hear, time.Minute)
		require.NoError(t, err)
		require.NoError(t, k.Close())
		err = k.Wait()
		if err == nil || k.ProcessState.ExitCode() != 1 || k.out.Len() > 0 || !strings.Contains(k.errs.String(), "gone") {
			t.Errorf("harness lost after %q: %v, stdout %q, stderr %q; want exit 1, no line, a reason", s.hear, err, &k.out, &k.errs)
		}
	}
}

func (w *binary) testFullStdout(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	cmd := w.command(w.short...)
	cmd.Stdout = full
	if cmd.Run(); cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("exit %d with a full stdout, want 1", cmd.ProcessState.ExitCode())
	}
}

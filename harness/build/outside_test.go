package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// other makes a module of its own with one benchmark.
func other(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":        "module example.com/other\n\ngo 1.26\n",
		"sum/sum.go":    "package sum\n\nfunc Add(a, b int) int { return a + b }\n",
		"sum/s_test.go": "package sum\n\nimport \"testing\"\n\nfunc BenchmarkAdd(b *testing.B) {\n\tfor b.Loop() {\n\t\tAdd(1, 2)\n\t}\n}\n",
		"bare/bare.go":  "package bare\n",
		"c/c.go":        "package c\n\n// int two(void) { return 2; }\nimport \"C\"\n\nfunc Two() int { return int(C.two()) }\n",
		"c/c_test.go":   "package c\n\nimport \"testing\"\n\nfunc BenchmarkTwo(b *testing.B) { Two() }\n",
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return dir
}

func TestATestBinaryOfAModuleElsewhereRunsInItsFolder(t *testing.T) {
	b, dir := builder(t), other(t)
	bin, err := b.Test(t.Context(), dir, "./sum", nil)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "sum"), bin.Dir)
	require.Equal(t, "./sum", bin.Program)
	require.Equal(t, "true", bin.Settings["-trimpath"])
	require.FileExists(t, filepath.Join(bin.Root, "src/os/os_test.go"), "what -trimpath left out")
	out, err := exec.Command(bin.Path, "-test.run=^$", "-test.bench=.", "-test.benchtime=3x").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Regexp(t, `(?m)^BenchmarkAdd\S*\s+3\s`, string(out))

	again, err := b.Test(t.Context(), dir, "example.com/other/sum", nil)
	require.NoError(t, err)
	require.Equal(t, bin.SHA256, again.SHA256)
	require.Equal(t, bin.Source, again.Source)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "sum/more_test.go"), []byte("package sum\n"), 0o644))
	changed, err := b.Test(t.Context(), dir, "./sum", nil)
	require.NoError(t, err)
	require.NotEqual(t, bin.Source, changed.Source, "a file of the test is a source")
}

func TestAModuleIsBuiltInItsWorkspaceWhereThatIsNamed(t *testing.T) {
	b, dir := builder(t), t.TempDir()
	for name, text := range map[string]string{
		"go.work":     "go 1.26\n\nuse (\n\t./a\n\t./b\n)\n",
		"a/go.mod":    "module example.com/a\n\ngo 1.26\n",
		"a/a.go":      "package a\n\nfunc F() {}\n",
		"b/go.mod":    "module example.com/b\n\ngo 1.26\n\nrequire example.com/a v0.0.0\n",
		"b/b_test.go": "package b\n\nimport (\n\t\"testing\"\n\n\t\"example.com/a\"\n)\n\nfunc BenchmarkF(b *testing.B) { a.F() }\n",
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	for _, pkg := range []string{"./b", "example.com/b"} {
		bin, err := b.Test(t.Context(), dir, pkg, nil)
		require.NoError(t, err)
		require.Equal(t, filepath.Join(dir, "b"), bin.Dir)
	}
	_, err := b.Test(t.Context(), filepath.Join(dir, "b"), ".", nil)
	require.ErrorContains(t, err, "built without the workspace above it: name that as dir to build in it (dir: "+dir+")")
}

func TestATestBinaryOfTheStandardLibraryHasItsSources(t *testing.T) {
	b := builder(t)
	folder, err := b.Package(t.Context(), "", "sort")
	require.NoError(t, err)
	bin, err := b.Test(t.Context(), "", "sort", nil)
	require.NoError(t, err)
	require.Equal(t, folder, bin.Dir)
	require.NotEmpty(t, bin.Source)
}

func TestWhatCannotBeTestedIsRefused(t *testing.T) {
	b, dir := builder(t), other(t)
	check := func(dir, path, want string) {
		t.Helper()
		_, err := b.Test(t.Context(), dir, path, nil)
		require.ErrorContains(t, err, want)
	}
	check("", "encoding/jsn", "no package encoding/jsn seen from "+b.Root+": go list: exit status 1\npackage encoding/jsn is not in std")
	check(dir, "./c", "undefined: Two\nexample.com/other/c: built without its files that import \"C\" (hold the knob cgo-enabled at 1")
	check("no-such-folder", "./x", "there is no folder "+filepath.Join(b.Root, "no-such-folder"))
	check(dir, "./nothing", "no package ./nothing seen from "+dir)
	check(dir, "./bare", "package ./bare seen from "+dir+" has no tests")
}

func TestACommandIsFoundAndNamedByItsHash(t *testing.T) {
	b := builder(t)
	b.Root = t.TempDir()
	script := filepath.Join(b.Root, "tool.sh")
	require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755))
	bin, err := b.Command(t.Context(), "./tool.sh", ".")
	require.NoError(t, err)
	require.Equal(t, script, bin.Path)
	require.Equal(t, b.Root, bin.Dir)
	require.Equal(t, "a8076d3d28d21e02012b20eaf7dbf75409a6277134439025f282e368e3305abf", bin.SHA256)
	require.Nil(t, bin.Settings)

	bin, err = b.Command(t.Context(), "go", "")
	require.NoError(t, err)
	require.Equal(t, b.Go, bin.Path)
	require.NotEmpty(t, bin.Settings["go"], "a Go program says how it was built")
	require.Contains(t, strings.Split(bin.Settings[KeyDebugs], ","), "gctrace", "the go command is of its own toolchain")

	require.NoError(t, os.Chmod(script, 0o644))
	for name, want := range map[string]string{
		"./tool.sh":    script + " can't be executed (it is -rw-r--r--)",
		"./none":       "there is no program " + filepath.Join(b.Root, "none"),
		"/":            "/ can't be executed",
		"no-such-tool": "there is no program no-such-tool on PATH (",
	} {
		_, err := b.Command(t.Context(), name, "")
		require.ErrorContains(t, err, want)
	}
	require.NoError(t, os.WriteFile(script, []byte("#! /no/such/interpreter -x\necho hi\n"), 0o755))
	require.NoError(t, os.Chmod(script, 0o755))
	_, err = b.Command(t.Context(), "./tool.sh", "")
	require.EqualError(t, err, script+" begins with #! /no/such/interpreter -x, and there is no program /no/such/interpreter")
	_, err = b.Command(t.Context(), "go", "none")
	require.ErrorContains(t, err, "there is no folder "+filepath.Join(b.Root, "none"))
}

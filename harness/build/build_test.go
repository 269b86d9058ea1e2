package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func builder(t *testing.T) Builder {
	t.Helper()
	goCmd, err := exec.LookPath("go")
	require.NoError(t, err)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	home, err := os.UserHomeDir()
	require.NoError(t, err)
	return Builder{Root: root, Cache: t.TempDir(), Go: goCmd, Home: home}
}

func TestProgramsAreTheMainPackagesRightUnderWorkloads(t *testing.T) {
	names, err := builder(t).Programs(t.Context())
	require.NoError(t, err)
	require.Contains(t, names, "procs")
	require.Contains(t, names, "gc-churn")
	for _, n := range names {
		if n == "wire" || strings.Contains(n, "/") {
			t.Errorf("%q is listed as a workload", n)
		}
	}
}

func TestEqualSourcesAndSettingsGiveOneArtefact(t *testing.T) {
	b := builder(t)
	first, err := b.Build(t.Context(), "procs", nil)
	require.NoError(t, err)
	other := b
	other.Cache = t.TempDir()
	second, err := other.Build(t.Context(), "procs", map[string]string{})
	require.NoError(t, err)
	require.Equal(t, first.SHA256, second.SHA256)
	require.Equal(t, first.Source, second.Source)
	require.Equal(t, filepath.Join(b.Cache, first.SHA256), first.Path)
}

func TestABuildSettingStandsInTheBinary(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("GOAMD64 is a setting of amd64")
	}
	b := builder(t)
	one, err := b.Build(t.Context(), "procs", map[string]string{"GOAMD64": "v1"})
	require.NoError(t, err)
	three, err := b.Build(t.Context(), "procs", map[string]string{"GOAMD64": "v3"})
	require.NoError(t, err)
	require.Equal(t, "v1", one.Settings["GOAMD64"])
	require.Equal(t, "v3", three.Settings["GOAMD64"])
	require.NotEqual(t, one.SHA256, three.SHA256)
	require.Equal(t, one.Source, three.Source, "the sources are the same")
}

func TestTheCallersSettingsDoNotReachABuild(t *testing.T) {
	b := builder(t)
	plain, err := b.Build(t.Context(), "procs", nil)
	require.NoError(t, err)
	t.Setenv("GOFLAGS", "-tags=other")
	t.Setenv("GOAMD64", "v3")
	t.Setenv("GOEXPERIMENT", "nogreenteagc")
	file := filepath.Join(t.TempDir(), "env")
	require.NoError(t, os.WriteFile(file, []byte("GOAMD64=v3\n"), 0o644))
	t.Setenv("GOENV", file) // what go env -w writes
	again, err := b.Build(t.Context(), "procs", nil)
	require.NoError(t, err)
	require.Equal(t, plain.SHA256, again.SHA256)
}

func TestABinaryDescribesItself(t *testing.T) {
	b := builder(t)
	bin, err := b.Build(t.Context(), "procs", nil)
	require.NoError(t, err)
	d, err := b.Describe(t.Context(), bin)
	require.NoError(t, err)
	require.Equal(t, "procs", d.Name)
	require.NotEmpty(t, d.Metrics)
}

func TestAProgramThatDescribesAnotherIsRefused(t *testing.T) {
	b := builder(t)
	bin, err := b.Build(t.Context(), "procs", nil)
	require.NoError(t, err)
	bin.Program = "gc-churn"
	_, err = b.Describe(t.Context(), bin)
	require.ErrorContains(t, err, `calls itself "procs"`)
}

func TestAFailedBuildSaysWhatTheCompilerSaid(t *testing.T) {
	b := builder(t)
	_, err := b.Build(t.Context(), "no-such-workload", nil)
	require.ErrorContains(t, err, "no-such-workload")
	left, err := os.ReadDir(b.Cache)
	require.NoError(t, err)
	require.Empty(t, left, "the scratch folder of a failed build")
}

// The tree's own go.mod is of a later version, and stays as it is.
func TestAnotherGoLineReachesTheBuildAndNotTheTree(t *testing.T) {
	b := builder(t)
	before, err := os.ReadFile(filepath.Join(b.Root, "go.mod"))
	require.NoError(t, err)
	bin, err := b.Build(t.Context(), "procs", map[string]string{"go.mod": "go 1.24"})
	require.NoError(t, err)
	require.Equal(t, "go 1.24", bin.Settings["go.mod"])
	require.Contains(t, bin.Settings["DefaultGODEBUG"], "containermaxprocs=0", "Go 1.25 made GOMAXPROCS follow the quota")
	plain, err := b.Build(t.Context(), "procs", nil)
	require.NoError(t, err)
	require.Empty(t, plain.Settings["go.mod"])
	require.NotEqual(t, plain.SHA256, bin.SHA256)
	again, err := b.Build(t.Context(), "procs", map[string]string{"go.mod": "go 1.24"})
	require.NoError(t, err)
	require.Equal(t, bin.SHA256, again.SHA256, "the folder of the other go.mod got into the binary")
	after, err := os.ReadFile(filepath.Join(b.Root, "go.mod"))
	require.NoError(t, err)
	require.Equal(t, before, after)
	_, err = b.Build(t.Context(), "procs", map[string]string{"go.mod": "go 1.18"})
	require.ErrorContains(t, err, "-lang was set to go1.18")
}

func TestAnotherToolchainIsTheOneThatBuilds(t *testing.T) {
	b := builder(t)
	out, err := exec.Command(b.Go, "env", "GOROOT").Output()
	require.NoError(t, err)
	root := strings.TrimSpace(string(out))
	b.Go = "/nowhere/go"
	bin, err := b.Build(t.Context(), "procs", map[string]string{"GOROOT": root})
	require.NoError(t, err)
	require.Equal(t, root, bin.Settings["GOROOT"])
	require.Equal(t, runtime.Version(), bin.Settings["GOTOOLCHAIN"])
	_, err = b.Build(t.Context(), "procs", map[string]string{"GOROOT": "/nowhere"})
	require.ErrorContains(t, err, "/nowhere/bin/go")
}

// Under -trimpath build info leaves them out.
func TestFlagsOfTheLinkerAreReadWhereItIsCalled(t *testing.T) {
	b := builder(t)
	bin, err := b.Build(t.Context(), "procs", map[string]string{"GOFLAGS": "'-gcflags=-N -l' '-ldflags=-s -w -randlayout=7'"})
	require.NoError(t, err)
	require.Equal(t, "-s -w -randlayout=7", bin.Settings["-ldflags"])
	_, err = b.Build(t.Context(), "procs", map[string]string{"GOFLAGS": "-ldflags=-no-such-flag"})
	require.ErrorContains(t, err, "no-such-flag")
	require.NotContains(t, err.Error(), "mkdir", "the trace of the build hides what failed")

	check := func(trace, flags string, want bool) {
		t.Helper()
		if got := linked([]byte(trace), flags); got != want {
			t.Errorf("%q called with %q: %v", trace, flags, got)
		}
	}
	check("cd x\nGOROOT='' /go/pkg/tool/link -o a -s -w a.a\n", "-s -w", true)
	check("/go/pkg/tool/link -o a -w -s a.a\n", "-s -w", false)
	check("/go/pkg/tool/compile -s -w\n", "-s -w", false)
	check("/go/pkg/tool/link -w -s", "-s -w", false)
	check("", "-s", false)
}

func TestARecordHoldsEachBinaryOnce(t *testing.T) {
	var r Record
	r.Add(0, Binary{SHA256: "aa"})
	r.Add(1, Binary{SHA256: "aa"})
	r.Add(2, Binary{SHA256: "bb"})
	require.Len(t, r.Binaries, 2)
	require.Equal(t, map[int]string{0: "aa", 1: "aa", 2: "bb"}, r.Cells)
}

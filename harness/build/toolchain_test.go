package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheToolchainThatBuildsSaysWhatItKnows(t *testing.T) {
	b := builder(t)
	tc, err := b.Toolchain(t.Context(), "", nil)
	require.NoError(t, err)
	for setting, by := range map[string]string{
		"gctrace": "runtime", "memprofilerate": "runtime", "madvdontneed": "runtime", "schedtrace": "runtime",
		"netdns": "net", "asynctimerchan": "runtime", "gocachehash": GoCommand,
		"cpu.avx2": "internal/cpu", "cpu.atomics": "internal/cpu", "cpu.all": "internal/cpu", "execwait": "os/exec",
	} {
		require.Equal(t, by, tc.Debugs[setting], setting)
	}
	require.NotContains(t, tc.Debugs, "gctrac")
	require.NotContains(t, tc.Debugs, "cpu.avx3")
	require.NotContains(t, tc.Debugs, "gofsystrace", "of which a comment tells")
	amd64, ok := tc.known("amd64")
	require.True(t, ok)
	require.Contains(t, strings.Split(amd64, ","), "cpu.avx2")
	require.NotContains(t, strings.Split(amd64, ","), "cpu.atomics")
	arm64, _ := tc.known("arm64")
	require.Contains(t, strings.Split(arm64, ","), "cpu.atomics")
	require.Contains(t, tc.Experiments, "greenteagc")
	require.NotContains(t, tc.Experiments, "greenteag")

	same, err := b.Toolchain(t.Context(), "", map[string]string{keyRoot: tc.Root})
	require.NoError(t, err)
	require.Equal(t, tc, same)
	bin, err := b.Build(t.Context(), "procs", nil)
	require.NoError(t, err)
	known := strings.Split(bin.Settings[KeyDebugs], ",")
	require.Contains(t, known, "gctrace")
	require.NotContains(t, known, "gocachehash", "the workload does not read it")
	kit := Kit{Binaries: []Binary{bin}}.toolchain(nil)
	require.Len(t, kit.Debugs, len(known))
	require.Nil(t, Kit{Binaries: []Binary{bin}}.toolchain(map[string]string{keyRoot: "/opt/go"}).Debugs)
}

func TestAToolchainThatIsNotThereIsNone(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	_, err := builder(t).Toolchain(t.Context(), "", map[string]string{"GOTOOLCHAIN": "go1.999.1"})
	require.ErrorIs(t, err, ErrNoToolchain)
	require.ErrorContains(t, err, "go1.999.1")
}

func TestATableOfAnotherShapeIsNotFoundOut(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	tc, err := readToolchain(root)
	require.NoError(t, err)
	require.Equal(t, Toolchain{Root: root}, tc)
	write(debugsFile, "package godebugs\nvar All = []Info{{Name: \"netdns\", Package: \"net\"}}\n")
	write(runtimeFile, "package runtime\nvar dbgvars = table()\n")
	tc, err = readToolchain(root)
	require.NoError(t, err)
	require.Nil(t, tc.Debugs, "half of the settings are missing: any could be among them")
	_, ok := tc.known("amd64")
	require.False(t, ok)
	write(runtimeFile, "package runtime\nvar dbgvars = []*dbgVar{{name: \"gctrace\"}}\n")
	write("src/internal/cpu/cpu_arm64.go", "package cpu\nfunc doinit() { options = []option{{Name: \"aes\", Feature: &X}, {Name: \"other\"}} }\n")
	write("src/os/exec/exec.go", "package exec\nvar w = godebug.New(\"#wait\")\n// and then #there\n")
	write("src/cmd/go/main.go", "package main\nvar w = godebug.New(\"#ours\")\n")
	tc, err = readToolchain(root)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"netdns": "net", "gctrace": "runtime", "cpu.aes": cpuPackage, "cpu.all": cpuPackage, "wait": "os/exec"}, tc.Debugs)
	require.Equal(t, map[string][]string{"arm64": {"cpu.aes", "cpu.all"}}, tc.CPU)
	write(runtimeFile, "not Go")
	_, err = readToolchain(root)
	require.ErrorContains(t, err, "runtime1.go")
}

func BenchmarkReadToolchain(b *testing.B) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(b, err)
	root := strings.TrimSpace(string(out))
	for b.Loop() {
		if _, err := readToolchain(root); err != nil {
			b.Fatal(err)
		}
	}
}

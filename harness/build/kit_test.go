package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAKitStandsInForTheToolchain(t *testing.T) {
	b, dir := builder(t), t.TempDir()
	_, err := b.Pack(t.Context(), dir, runtime.GOARCH, []string{"procs"}, nil)
	require.NoError(t, err)
	built, err := b.Build(t.Context(), "procs", nil)
	require.NoError(t, err)

	away := Builder{Kit: dir}
	names, err := away.Programs(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"procs"}, names)
	version, err := away.Version(t.Context())
	require.NoError(t, err)
	require.Equal(t, built.Settings["go"], version)
	bin, err := away.Build(t.Context(), "procs", nil)
	require.NoError(t, err)
	require.Equal(t, built.SHA256, bin.SHA256)
	require.Equal(t, built.Source, bin.Source)
	_, err = away.Describe(t.Context(), bin)
	require.NoError(t, err)

	refuses := func(want, program string, env map[string]string) {
		t.Helper()
		_, err := away.Build(t.Context(), program, env)
		require.ErrorContains(t, err, want)
	}
	refuses("has no such binary", "gc-churn", nil)
	refuses("procs GOAMD64=v3: the kit", "procs", map[string]string{"GOAMD64": "v3"})
	require.NoError(t, os.WriteFile(filepath.Join(dir, bin.SHA256), []byte("else"), 0o755))
	refuses("is not what the kit says", "procs", nil)
	away.Kit = t.TempDir()
	refuses("make it with: assay build", "procs", nil)
}

func TestAKitForAnotherArchitectureIsRefused(t *testing.T) {
	dir, arch := t.TempDir(), map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	kit, err := builder(t).Pack(t.Context(), dir, arch, []string{"procs"}, nil)
	require.NoError(t, err)
	require.Equal(t, arch, kit.Binaries[0].Settings["GOARCH"])
	_, err = Builder{Kit: dir}.Build(t.Context(), "procs", nil)
	require.ErrorContains(t, err, "is for "+arch)
}

func TestAKitHoldsTestsWithTheirDataAndCommands(t *testing.T) {
	b, dir, module := builder(t), t.TempDir(), other(t)
	data := filepath.Join(module, "sum", "testdata")
	require.NoError(t, os.MkdirAll(filepath.Join(data, "deep"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(data, "deep", "in"), []byte("1"), 0o644))
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(data, "link")))
	p, err := b.Packer(t.Context(), dir, runtime.GOARCH)
	require.NoError(t, err)
	test, err := p.Test(t.Context(), module, "./sum", nil)
	require.NoError(t, err)
	again, err := p.Test(t.Context(), module, "./sum", nil)
	require.NoError(t, err)
	require.Equal(t, test, again)
	command, err := p.Command(t.Context(), test.Path, "")
	require.NoError(t, err)
	require.NoError(t, Static(command.Path, runtime.GOARCH))
	_, err = p.Command(t.Context(), test.Path, "there")
	require.ErrorContains(t, err, "leave workload.dir out")
	require.NoError(t, p.Close())

	away := Builder{Kit: dir}
	bin, err := away.Test(t.Context(), "anywhere", "./sum", nil)
	require.NoError(t, err)
	require.Equal(t, test.SHA256, bin.SHA256)
	require.FileExists(t, filepath.Join(bin.Dir, "testdata", "deep", "in"))
	info, err := os.Lstat(filepath.Join(bin.Dir, "testdata", "link"))
	require.NoError(t, err)
	require.False(t, info.Mode().IsRegular(), "what a link leads to stays here")
	bin, err = away.Command(t.Context(), test.Path, "")
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, test.SHA256), bin.Path)
}

func TestWhatNeedsALoaderIsNotStatic(t *testing.T) {
	b := builder(t)
	bin, err := b.Build(t.Context(), "procs", nil)
	require.NoError(t, err)
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	require.ErrorContains(t, Static(bin.Path, other), "the machine is "+other)
	shell, err := exec.LookPath("ls")
	require.NoError(t, err)
	require.ErrorContains(t, Static(shell, runtime.GOARCH), "linked dynamically")
	text := filepath.Join(t.TempDir(), "script")
	require.NoError(t, os.WriteFile(text, []byte("#!/bin/sh\n"), 0o755))
	require.ErrorContains(t, Static(text, runtime.GOARCH), "script is no program of Linux")
}

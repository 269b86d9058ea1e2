package build

import (
	"os"
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

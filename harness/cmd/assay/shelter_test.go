package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A run with guests that was killed leaves a folder and its journal behind.
func killedWithGuests(t *testing.T, state string) (folder string) {
	t.Helper()
	l, g := &lab{state: state, stderr: new(bytes.Buffer)}, &guests{}
	require.NoError(t, g.shelter(l, runID("vm")))
	require.NoError(t, os.Mkdir(filepath.Join(g.scratch, "assay-vm-1"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(g.dir, "kit.json"), nil, 0o600))
	require.NoError(t, g.journal.Close())
	return g.scratch
}

func TestWhatAKilledRunWithGuestsLeftIsRemovedByTheNextStart(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	left := killedWithGuests(t, filepath.Join(dir, "state"))
	var said bytes.Buffer
	l, g := &lab{state: filepath.Join(dir, "state"), stderr: &said}, &guests{}
	require.NoError(t, g.shelter(l, runID("vm")))
	require.Contains(t, said.String(), "an earlier run was cut short; put back what it left:\n")
	require.Contains(t, said.String(), left)
	require.NoDirExists(t, left)
	require.DirExists(t, g.dir)
	require.NoError(t, g.close(t.Context()))
	require.NoDirExists(t, g.scratch)
	require.NoError(t, g.close(t.Context()), "a run closes its guests twice")
}

func TestWhatAKilledRunWithGuestsLeftIsRemovedByRestore(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	left := killedWithGuests(t, filepath.Join(dir, "state"))
	var out, said bytes.Buffer
	code := assay(t.Context(), &out, &said, []string{"restore", "--state", filepath.Join(dir, "state"), "--lock", filepath.Join(dir, "lock")})
	require.Equal(t, exitDone, code, said.String())
	require.Contains(t, out.String(), left)
	require.NoDirExists(t, left)
}

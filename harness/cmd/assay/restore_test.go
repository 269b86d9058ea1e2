package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/journal"
)

// What the machine shows as an interrupted run left it is not its own.
func TestWhatAnInterruptedRunLeftIsTold(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	knobs := func() string {
		var out, said bytes.Buffer
		require.Equal(t, exitDone, assay(t.Context(), &out, &said, []string{"knobs", "gogc", "--state", state}), said.String())
		return out.String()
	}
	require.NotContains(t, knobs(), "interrupted")
	j, err := journal.Open(state)
	require.NoError(t, err)
	_, err = j.Note(
		journal.Entry{Kind: journal.KindWrite, Target: "proc/sys/vm/swappiness", Before: "60", Ours: []string{"10"}},
		journal.Entry{Kind: journal.KindCreated, What: madeFolder, Target: "/x"})
	require.NoError(t, errors.Join(err, j.Close()))
	require.NotContains(t, knobs(), "interrupted", "a run that is under way")
	file := filepath.Join(state, journal.File)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, bytes.ReplaceAll(text, []byte(`"start":`), []byte(`"start":1`)), 0o600))
	require.Contains(t, knobs(), "\nnote: an interrupted run left 1 setting and 1 thing that it made: assay restore puts")
}

// Who restores as a user is told of the journal that runs under sudo keep.
func TestAUserIsToldOfRootsJournal(t *testing.T) {
	dir := t.TempDir()
	if got := others(filepath.Join(dir, "none")); got != "" {
		t.Errorf("no journal of root: %q", got)
	}
	file := filepath.Join(dir, "journal.jsonl")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	if got := others(dir); got != "" {
		t.Errorf("an empty journal of root: %q", got)
	}
	require.NoError(t, os.WriteFile(file, []byte("{}\n"), 0o600))
	if got := others(dir); !strings.Contains(got, "it holds entries: sudo assay restore") {
		t.Errorf("a journal of root that holds something: %q", got)
	}
	if got := others(file); !strings.Contains(got, "can't read") { // not a folder: it can't be told
		t.Errorf("a journal of root that can't be looked at: %q", got)
	}
}

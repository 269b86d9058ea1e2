package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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

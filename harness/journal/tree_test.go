package journal

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

const (
	swappiness = "proc/sys/vm/swappiness"
	thp        = "sys/kernel/mm/transparent_hugepage/enabled"
	dirtyBytes = "proc/sys/vm/dirty_bytes"
	dirtyRatio = "proc/sys/vm/dirty_ratio"
)

// machineFiles is the fake machine that every test starts with.
func machineFiles() map[string]string {
	return map[string]string{swappiness: "60", thp: "madvise", dirtyBytes: "0", dirtyRatio: "20"}
}

func fakeTree(t testing.TB) sysfs.FS {
	t.Helper()
	root := t.TempDir()
	for name, text := range machineFiles() {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return sysfs.FS(root)
}

func newState(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "state")
}

func openJournal(t testing.TB, state string) *Journal {
	t.Helper()
	j, err := Open(state)
	require.NoError(t, err)
	t.Cleanup(func() { j.Close() })
	return j
}

func note(t testing.TB, j *Journal, entries ...Entry) []int {
	t.Helper()
	ids, err := j.Note(entries...)
	require.NoError(t, err)
	return ids
}

func set(t testing.TB, tree sysfs.FS, file, value string) {
	t.Helper()
	require.NoError(t, tree.Write(sysfs.Write{File: file, Value: value}))
}

// checkTree compares the tree with the machine it was, but for the differences given.
func checkTree(t testing.TB, tree sysfs.FS, differs map[string]string) {
	t.Helper()
	want := machineFiles()
	maps.Copy(want, differs)
	for file, text := range want {
		if got, err := tree.Read(file); err != nil || got != text {
			t.Errorf("%s says %q, %v; want %q", file, got, err, text)
		}
	}
}

func checkPending(t testing.TB, state string, want int) {
	t.Helper()
	j := openJournal(t, state)
	defer j.Close()
	if got, err := j.Pending(); err != nil || len(got) != want {
		t.Errorf("%d entries pending, %v; want %d", len(got), err, want)
	}
}

// restore runs Restore and checks the outcomes, newest entry first.
func restore(t testing.TB, state string, tree sysfs.FS, undo Undoers, opt Options, want ...Outcome) Report {
	t.Helper()
	report, err := Restore(state, tree, undo, opt)
	require.NoError(t, err)
	require.Len(t, report.Lines, len(want), "%s", report)
	for i, line := range report.Lines {
		if line.Outcome != want[i] {
			t.Errorf("entry %d: %s; want %s", line.ID, line, want[i])
		}
	}
	return report
}

func swappinessEntry(ours ...string) Entry {
	return Entry{Kind: KindWrite, Target: swappiness, Before: "60", Ours: ours, Same: sysfs.Number, Run: "r1"}
}

func thpEntry(ours ...string) Entry {
	return Entry{Kind: KindWrite, Target: thp, Before: "always [madvise] never", Ours: ours, Same: sysfs.Selector, Run: "r1"}
}

func folderEntry(path string) Entry {
	return Entry{Kind: KindCreated, Target: path, What: "folder", Run: "r1"}
}

// folders removes folders, as the cgroup room removes cgroups.
func folders() Undoers { return Undoers{"folder": os.Remove} }

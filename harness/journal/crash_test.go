package journal

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
)

// A session is what a run does to a machine, step by step, so that a test can
// stop it after any of them as SIGKILL would.
type session struct {
	t      *testing.T
	tree   sysfs.FS
	j      *Journal
	folder string
	ids    []int
}

func (s *session) steps() []func() {
	write := func(file, value string) func() {
		return func() { set(s.t, s.tree, file, value) }
	}
	return []func(){
		func() {
			s.ids = note(s.t, s.j, swappinessEntry("10", "100"), thpEntry("always", "never"), dirtyEntry())
		},
		write(swappiness, "10"),
		write(dirtyBytes, "1048576"),
		write(dirtyRatio, "0"), // the kernel's doing
		func() { s.ids = append(s.ids, note(s.t, s.j, folderEntry(s.folder))...) },
		func() { require.NoError(s.t, os.Mkdir(s.folder, 0o755)) },
		write(thp, "never"),
		write(swappiness, "100"),
		func() { require.NoError(s.t, os.Remove(s.folder)) },
		func() { require.NoError(s.t, s.j.Done(s.ids[3])) },
		write(dirtyBytes, "0"), // the undo of the group, which takes two writes
		write(dirtyRatio, "20"),
		func() { require.NoError(s.t, s.j.Done(s.ids[2])) },
		write(thp, "madvise"),
		write(swappiness, "60"),
		func() { require.NoError(s.t, s.j.Done(s.ids...)) },
	}
}

func newSession(t *testing.T) (*session, string) {
	state := newState(t)
	return &session{t: t, tree: fakeTree(t), j: openJournal(t, state), folder: filepath.Join(t.TempDir(), "leaf")}, state
}

func (s *session) checkRestored(state string) {
	s.t.Helper()
	report, err := Restore(state, s.tree, folders(), Options{})
	if err != nil || !report.OK() {
		s.t.Errorf("restore: %v\n%s", err, report)
	}
	checkTree(s.t, s.tree, nil)
	checkPending(s.t, state, 0)
	if _, err := os.Stat(s.folder); err == nil {
		s.t.Error("the folder is left")
	}
}

func TestACrashAfterAnyStepIsUndone(t *testing.T) {
	probe, _ := newSession(t)
	for n := range len(probe.steps()) + 1 {
		s, state := newSession(t)
		for _, step := range s.steps()[:n] {
			step()
		}
		s.checkRestored(state)
		if t.Failed() {
			t.Fatalf("stopped after step %d", n)
		}
	}
}

func TestACrashInsideAnAppendIsUndone(t *testing.T) {
	probe, _ := newSession(t)
	for n := range len(probe.steps()) {
		s, state := newSession(t)
		for _, step := range s.steps()[:n] {
			step()
		}
		path := filepath.Join(state, File)
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		s.steps()[n]()
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		if len(after) > len(before) {
			cut := len(before) + (len(after)-len(before))/2
			require.NoError(t, os.WriteFile(path, after[:cut], 0o600))
		}
		s.checkRestored(state)
		if t.Failed() {
			t.Fatalf("stopped inside step %d", n)
		}
	}
}

func TestACrashInsideARestoreIsUndoneByTheNext(t *testing.T) {
	for stop := range 4 {
		s, state := newSession(t)
		for _, step := range s.steps()[:8] { // all four entries are open and acted on
			step()
		}
		entries, err := s.j.Pending()
		require.NoError(t, err)
		require.Len(t, entries, 4)
		boot, err := BootID()
		require.NoError(t, err)
		half := restorer{tree: s.tree, undo: folders(), opt: Options{BootID: boot}, self: s.j.self}
		for _, e := range entries[len(entries)-stop:] {
			half.entry(e) // undone, and never struck out
		}
		s.checkRestored(state)
	}
}

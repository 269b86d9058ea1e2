package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// disk is a store that counts and fails to order.
type disk struct {
	bytes.Buffer
	syncs               int
	write, sync, shrink error
}

func (d *disk) Write(p []byte) (int, error) {
	if d.write != nil {
		n, _ := d.Buffer.Write(p[:len(p)/2]) // a full disk takes what still fits
		return n, d.write
	}
	return d.Buffer.Write(p)
}

func (d *disk) Sync() error { d.syncs++; return d.sync }

func (d *disk) Truncate(n int64) error {
	if d.shrink == nil {
		d.Buffer.Truncate(int(n))
	}
	return d.shrink
}

func (d *disk) Close() error { return nil }

func onDisk(d *disk) *Journal {
	return &Journal{path: "journal", file: d, live: map[int]Entry{}, next: 1, boot: "b", self: Owner{2, 3}}
}

func TestNoteSyncsOncePerBatchAndDoneNever(t *testing.T) {
	d := &disk{}
	j := onDisk(d)
	ids := note(t, j, swappinessEntry("10"), thpEntry("never"), dirtyEntry())
	if !slices.Equal(ids, []int{1, 2, 3}) || d.syncs != 1 {
		t.Errorf("ids %v, %d syncs", ids, d.syncs)
	}
	require.NoError(t, j.Foreign(1, "42"))
	if d.syncs != 2 {
		t.Errorf("%d syncs after Foreign", d.syncs)
	}
	require.NoError(t, j.Done(1, 2))
	if d.syncs != 2 {
		t.Errorf("%d syncs after Done", d.syncs)
	}
}

func TestAFullDiskRefusesAndLeavesNoHalfLine(t *testing.T) {
	d := &disk{}
	j := onDisk(d)
	note(t, j, swappinessEntry("10"))
	before := d.String()
	d.write = syscall.ENOSPC
	_, err := j.Note(thpEntry("never"))
	want := "journal journal: no space left on device (nothing was touched; free some space, or give another folder by --state)"
	if err == nil || err.Error() != want || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v\nwant %s", err, want)
	}
	if d.String() != before {
		t.Errorf("file is now %q", d)
	}
	d.write = nil // space was freed
	if ids := note(t, j, thpEntry("never")); ids[0] != 2 {
		t.Errorf("id %d", ids[0])
	}
}

func TestTheKernelsFullDeviceRefuses(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer full.Close()
	j := onDisk(nil)
	j.file = full
	if _, err := j.Note(swappinessEntry("10")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error is %v", err)
	}
}

func TestAJournalInDoubtTakesNoMoreNotes(t *testing.T) {
	check := func(spoil func(*disk)) {
		t.Helper()
		d := &disk{}
		j := onDisk(d)
		spoil(d)
		if _, err := j.Note(swappinessEntry("10")); err == nil {
			t.Error("the first note succeeds")
		}
		*d = disk{Buffer: d.Buffer}
		if _, err := j.Note(swappinessEntry("10")); err == nil {
			t.Error("the second note succeeds")
		}
	}
	check(func(d *disk) { d.sync = syscall.EIO })
	check(func(d *disk) { d.write, d.shrink = syscall.ENOSPC, syscall.EIO })
}

func TestAFolderThatCannotBeWrittenRefuses(t *testing.T) {
	for _, state := range []string{"/proc/assay", "/dev/null/assay"} {
		_, err := Open(state)
		if err == nil || !strings.HasPrefix(err.Error(), "state folder "+state+": ") {
			t.Errorf("Open(%s): %v", state, err)
		}
	}
}

func TestEntriesSurviveReopening(t *testing.T) {
	state := newState(t)
	j := openJournal(t, state)
	ids := note(t, j, swappinessEntry("10"), thpEntry("never"), dirtyEntry())
	require.NoError(t, j.Foreign(ids[1], "defer"))
	require.NoError(t, j.Done(ids[0], ids[0]))
	want, err := j.Pending()
	require.NoError(t, err)
	require.NoError(t, j.Close())

	j = openJournal(t, state)
	got, err := j.Pending()
	require.NoError(t, err)
	if fmt.Sprint(dump(got)) != fmt.Sprint(dump(want)) || len(got) != 2 {
		t.Errorf("%v\nwant %v", dump(got), dump(want))
	}
	if next := note(t, j, swappinessEntry("10")); next[0] != 4 {
		t.Errorf("next id is %d, want 4", next[0])
	}
}

func dump(entries []Entry) (lines []string) {
	for _, e := range entries {
		line, _ := record{Op: opNote, Entry: &e}.line()
		lines = append(lines, string(line))
	}
	return lines
}

func TestTheFileIsEmptiedWhenNothingIsOpen(t *testing.T) {
	state := newState(t)
	j := openJournal(t, state)
	ids := note(t, j, swappinessEntry("10"), thpEntry("never"))
	require.NoError(t, j.Done(ids[1]))
	require.NoError(t, j.Done(ids...))
	require.NoError(t, j.Done(ids...))
	info, err := os.Stat(filepath.Join(state, File))
	require.NoError(t, err)
	if info.Size() != 0 || info.Mode() != 0o600 {
		t.Errorf("%d bytes, mode %s", info.Size(), info.Mode())
	}
}

func TestALongRunDoesNotGrowTheFileWithoutBound(t *testing.T) {
	state := newState(t)
	j := openJournal(t, state)
	j.file = unsyncedFile{j.file.(*os.File)} // 5000 fsyncs are not what is tested
	note(t, j, swappinessEntry("10"))
	for i := range 5000 {
		ids := note(t, j, folderEntry(fmt.Sprint("/leaf", i)))
		require.NoError(t, j.Done(ids...))
		if f, real := j.file.(*os.File); real {
			j.file = unsyncedFile{f}
		}
	}
	info, err := os.Stat(filepath.Join(state, File))
	require.NoError(t, err)
	if info.Size() > 1<<20 {
		t.Errorf("%d bytes", info.Size())
	}
	require.NoError(t, j.Close())
	checkPending(t, state, 1)
	if _, err := os.Stat(filepath.Join(state, File+".new")); err == nil {
		t.Error("the second file is left")
	}
}

type unsyncedFile struct{ *os.File }

func (unsyncedFile) Sync() error { return nil }

func TestALastLineCutShortWasNeverActedOn(t *testing.T) {
	state := newState(t)
	j := openJournal(t, state)
	note(t, j, swappinessEntry("10"))
	path := filepath.Join(state, File)
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	note(t, j, thpEntry("never"))
	both, err := os.ReadFile(path)
	require.NoError(t, err)
	for n := len(first); n < len(both); n++ {
		require.NoError(t, os.WriteFile(path, both[:n], 0o600))
		j := openJournal(t, state)
		if pending, err := j.Pending(); err != nil || len(pending) != 1 {
			t.Fatalf("%d bytes: %d entries, %v", n, len(pending), err)
		}
		require.NoError(t, j.Close())
		if text, err := os.ReadFile(path); err != nil || !bytes.Equal(text, first) {
			t.Fatalf("%d bytes: the piece was left: %q, %v", n, text, err)
		}
	}
}

func TestLinesThatAreNotUnderstoodRefuseToStart(t *testing.T) {
	good := `{"v":1,"op":"note","entry":{"id":1,"boot":"b","owner":{"pid":2,"start":3},"time":"2026-11-20T18:30:00Z","kind":"act","target":"x"}}` + "\n"
	check := func(text, want string) {
		t.Helper()
		state := newState(t)
		require.NoError(t, openJournal(t, state).Close())
		path := filepath.Join(state, File)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		for _, try := range []func() error{
			func() error { _, err := Open(state); return err },
			func() error { _, err := Restore(state, fakeTree(t), nil, Options{Force: true}); return err },
		} {
			err := try()
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), `Run "assay restore" of the version that wrote it`) {
				t.Errorf("%v\nwant %s", err, want)
			}
		}
		if kept, err := os.ReadFile(path); err != nil || string(kept) != text {
			t.Errorf("the file was changed to %q, %v", kept, err)
		}
	}
	check(good+`{"v":2,"op":"note"}`+"\n", "line 2: written in version 2, this assay knows version 1")
	check(strings.Replace(good, `"act"`, `"rename"`, 1), `line 1: unknown kind "rename"`)
	check(strings.Replace(good, `"target"`, `"mode":1,"target"`, 1), `line 1: json: unknown field "mode"`)
	check(strings.Replace(good, `"act"`, `"act","same":"fuzzy"`, 1), `line 1: unknown way of comparing "fuzzy"`)
	check(strings.Replace(good, `"act"`, `"write"`, 1), "line 1: it needs Ours")
	check(strings.Replace(good, `"id":1`, `"id":0`, 1), "line 1: id 0 is not above 0")
	check(good+good, "line 2: entry 1 after entry 1")
	check("\n"+good, "line 1: not a journal line")
	check(good+`{"v":1,"op":"rename"}`+"\n", `line 2: unknown operation "rename"`)
	check(good+`{"v":1,"op":"done","ids":[2]}`+"\n", "line 2: entry 2 is closed, which is not open")
	check(good+`{"v":1,"op":"foreign","id":1}`+"\n", "line 2: a foreign value without its text")
	check(good+`{"v":1,"op":"foreign","id":7,"text":""}`+"\n", "line 2: a foreign value for entry 7")
	check(good+`{"v":1,"op":"known","id":7,"texts":["1"]}`+"\n", "line 2: texts for entry 7")
	check(good+`{"v":1,"op":"done","ids":[1]} {}`+"\n", "line 2: ") // two values
}

func TestNoteRefusesEntriesThatCouldNotBeUndone(t *testing.T) {
	j := openJournal(t, newState(t))
	check := func(e Entry, want string) {
		t.Helper()
		if _, err := j.Note(swappinessEntry("10"), e); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	check(Entry{Kind: KindWrite, Target: swappiness}, "it needs Ours")
	check(Entry{Kind: KindWrite, Ours: []string{"1"}}, "no target")
	check(Entry{Kind: KindGroup, Target: dirtyBytes, Ours: []string{"1"}}, "it needs Undo")
	check(Entry{Kind: KindCreated, Target: "/x"}, "it needs What")
	check(Entry{Kind: "other", Target: "/x"}, `unknown kind "other"`)
	check(Entry{Kind: KindWrite, Target: "x", Before: "\xff", Ours: []string{"1"}}, "not UTF-8")
	if pending, err := j.Pending(); err != nil || len(pending) != 0 {
		t.Errorf("a batch was noted in part: %v, %v", pending, err)
	}
	if err := j.Foreign(1, "42"); err == nil {
		t.Error("a foreign value for no entry")
	}
	ids := note(t, j, folderEntry("/x"))
	if err := j.Foreign(ids[0], "42"); err == nil {
		t.Error("a foreign value for a folder")
	}
}

func TestRootTakesNoOrdersFromOthersFiles(t *testing.T) {
	state := newState(t)
	require.NoError(t, openJournal(t, state).Close())
	require.NoError(t, os.Chmod(state, 0o777))
	err := trusted(state, 0)
	if os.Geteuid() == 0 {
		if err == nil || !strings.Contains(err.Error(), "may be written by others than root") {
			t.Errorf("error is %v", err)
		}
		require.NoError(t, os.Chown(state, 1000, 1000))
		err = trusted(state, 0)
	}
	if err == nil || !strings.Contains(err.Error(), "root takes orders only from its own journal") {
		t.Errorf("error is %v", err)
	}
	if err := trusted(state, 1000); err != nil {
		t.Errorf("a plain user: %v", err)
	}
}

func TestAJournalBehindALinkOrAPipeIsRefused(t *testing.T) {
	check := func(make func(path string) error) {
		t.Helper()
		state := newState(t)
		require.NoError(t, os.Mkdir(state, 0o700))
		require.NoError(t, make(filepath.Join(state, File)))
		if _, err := Open(state); err == nil {
			t.Error("it opens")
		}
	}
	check(func(path string) error { return os.Symlink("/dev/null", path) })
	check(func(path string) error { return syscall.Mkfifo(path, 0o600) })
}

func TestDefaultState(t *testing.T) {
	check := func(uid int, xdg, home, want string) {
		t.Helper()
		t.Setenv("XDG_STATE_HOME", xdg)
		t.Setenv("HOME", home)
		if got, err := DefaultState(uid); got != want || (err == nil) != (want != "") {
			t.Errorf("DefaultState(%d) = %q, %v; want %q", uid, got, err, want)
		}
	}
	check(0, "/x", "/root", "/var/lib/assay")
	check(1000, "/x", "/home/u", "/x/assay")
	check(1000, "", "/home/u", "/home/u/.local/state/assay")
	check(1000, "relative", "/home/u", "/home/u/.local/state/assay")
	check(1000, "", "", "")
}

func FuzzParse(f *testing.F) {
	for _, e := range []Entry{swappinessEntry("10"), dirtyEntry(), folderEntry("/x")} {
		e.ID = 1
		line, err := record{Op: opNote, Entry: &e}.line()
		require.NoError(f, err)
		f.Add(line)
		f.Add(append(line, `{"v":1,"op":"foreign","id":1,"text":"42"}`+"\n"+`{"v":1,"op":"known","id":1,"texts":["42"]}`+"\n"+`{"v":1,"op":"done","ids":[1]}`+"\n{"...))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parse(text)
		if err != nil {
			return
		}
		if c.size > int64(len(text)) || bytes.ContainsRune(text[c.size:], '\n') {
			t.Errorf("size %d of %q", c.size, text)
		}
		// What is understood is written in a way that is understood as the same.
		for _, e := range c.live {
			line, err := record{Op: opNote, Entry: &e}.line()
			require.NoError(t, err)
			again, err := parse(line)
			require.NoError(t, err, "%s", line)
			if got := dump([]Entry{again.live[e.ID]}); got[0] != string(line) {
				t.Errorf("%s\nbecomes %s", line, got[0])
			}
		}
	})
}

func BenchmarkNote(b *testing.B) {
	j := openJournal(b, newState(b))
	entries := slices.Repeat([]Entry{swappinessEntry("10", "60", "100")}, 10)
	for b.Loop() {
		ids, err := j.Note(entries...)
		if err != nil {
			b.Fatal(err)
		}
		if err := j.Done(ids...); err != nil {
			b.Fatal(err)
		}
	}
}

package journal

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/harness/testenv"
)

func TestRestoreWritesTheOriginalOverOurs(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	j := openJournal(t, state)
	note(t, j, swappinessEntry("10", "100"), thpEntry("always", "never"))
	set(t, tree, swappiness, "100")
	set(t, tree, thp, "never")
	report := restore(t, state, tree, nil, Options{}, Restored, Restored)
	checkTree(t, tree, nil)
	checkPending(t, state, 0)
	if !report.OK() {
		t.Error("report is not OK")
	}
	if got, want := report.Lines[1].String(), `proc/sys/vm/swappiness: restored "60", was "100"`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestRestoreGoesInReverse(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	j := openJournal(t, state)
	note(t, j, swappinessEntry("10"))
	set(t, tree, swappiness, "10")
	second := swappinessEntry("30")
	second.Before = "10" // noted over the first: undone in order, it would end at 10
	note(t, j, second)
	set(t, tree, swappiness, "30")
	restore(t, state, tree, nil, Options{}, Restored, Restored)
	checkTree(t, tree, nil)
}

func TestRestoreTriesAllEvenIfOneFails(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	j := openJournal(t, state)
	note(t, j, swappinessEntry("10"),
		Entry{Kind: KindCreated, Target: "/dev/zram7", What: "zram"},
		Entry{Kind: KindCreated, Target: "/x", What: "bomb"},
		Entry{Kind: KindCreated, Target: "/y", What: "alien"},
		thpEntry("never"))
	set(t, tree, swappiness, "10")
	set(t, tree, thp, "never")
	undo := Undoers{
		"zram": func(string) error { return errors.New("device or resource busy") },
		"bomb": func(string) error { panic("boom") },
	}
	report := restore(t, state, tree, undo, Options{}, Restored, Failed, Failed, Failed, Restored)
	checkTree(t, tree, nil)
	checkPending(t, state, 3)
	if report.OK() || !report.Failed() {
		t.Error("report is OK")
	}
	check := func(i int, want string) {
		t.Helper()
		if got := report.Lines[i].String(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	check(1, "alien /y: not restored: nothing here knows how to remove a thing of sort \"alien\": run the assay that made it")
	check(2, "bomb /x: not restored: panic: boom")
	check(3, "zram /dev/zram7: not restored: device or resource busy")

	// The next try finds the same three, and this time they work.
	fine := func(string) error { return nil }
	restore(t, state, tree, Undoers{"zram": fine, "bomb": fine, "alien": fine}, Options{}, Restored, Restored, Restored)
	checkPending(t, state, 0)
}

func TestRestoreLeavesAForeignValueAndKeepsTheEntry(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	note(t, openJournal(t, state), swappinessEntry("10"))
	set(t, tree, swappiness, "42")
	report := restore(t, state, tree, nil, Options{}, ForeignLeft)
	checkTree(t, tree, map[string]string{swappiness: "42"})
	checkPending(t, state, 1)
	want := `proc/sys/vm/swappiness: left at "42", which this run did not write; the original is "60" (assay restore --force writes it)`
	if got := report.Lines[0].String(); got != want || report.OK() || report.Failed() {
		t.Errorf("OK %t, Failed %t, %s\nwant %s", report.OK(), report.Failed(), got, want)
	}

	restore(t, state, tree, nil, Options{Force: true}, Restored)
	checkTree(t, tree, nil)
	checkPending(t, state, 0)
}

func TestKeepClosesTheEntryOfAForeignValue(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	note(t, openJournal(t, state), swappinessEntry("10"))
	set(t, tree, swappiness, "42")
	if report := restore(t, state, tree, nil, Options{Keep: true}, Accepted); !report.OK() {
		t.Error("not OK")
	}
	checkTree(t, tree, map[string]string{swappiness: "42"})
	checkPending(t, state, 0)
	note(t, openJournal(t, state), swappinessEntry("10"))
	if _, err := Restore(state, tree, nil, Options{Keep: true, Force: true}); err == nil {
		t.Error("force and keep together are taken")
	}
}

func TestAForeignValueOnRecordIsPutBackAndStands(t *testing.T) {
	check := func(now string, opt Options, outcome Outcome, swap string, pending int) {
		t.Helper()
		state, tree := newState(t), fakeTree(t)
		j := openJournal(t, state)
		ids := note(t, j, swappinessEntry("10"))
		require.NoError(t, j.Foreign(ids[0], "41"))
		require.NoError(t, j.Foreign(ids[0], "42")) // the later one counts
		set(t, tree, swappiness, now)
		restore(t, state, tree, nil, opt, outcome)
		checkTree(t, tree, map[string]string{swappiness: swap})
		checkPending(t, state, pending)
	}
	check("10", Options{}, ForeignLeft, "42", 1)
	check("42", Options{}, ForeignLeft, "42", 1)
	check("43", Options{}, ForeignLeft, "43", 1) // a third hand
	check("60", Options{}, Original, "60", 0)    // someone put the original back
	check("10", Options{Force: true}, Restored, "60", 0)
	check("42", Options{Force: true}, Restored, "60", 0)
	check("10", Options{Keep: true}, Accepted, "42", 0)
}

func TestALevelEqualToTheOriginal(t *testing.T) {
	check := func(foreign bool, outcome Outcome, want string) {
		t.Helper()
		state, tree := newState(t), fakeTree(t)
		j := openJournal(t, state)
		ids := note(t, j, thpEntry("always", "madvise", "never"))
		if foreign {
			require.NoError(t, j.Foreign(ids[0], "[defer] madvise"))
		}
		set(t, tree, thp, "madvise")
		restore(t, state, tree, nil, Options{}, outcome)
		checkTree(t, tree, map[string]string{thp: want})
	}
	check(false, Original, "madvise")
	check(true, ForeignLeft, "defer") // madvise is what we wrote over it
}

func TestAVanishedFileIsReportedAndClosed(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	note(t, openJournal(t, state), swappinessEntry("10"), thpEntry("never"))
	set(t, tree, swappiness, "10")
	require.NoError(t, os.Remove(tree.Path(thp)))
	report := restore(t, state, tree, nil, Options{}, Vanished, Restored)
	checkPending(t, state, 0)
	if got, want := report.Lines[0].String(), thp+": vanished"; got != want || !report.OK() {
		t.Errorf("OK %t, %s; want %s", report.OK(), got, want)
	}
}

func TestKernelStateOfAnotherBootIsGoneButDiskIsCleaned(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	image := filepath.Join(t.TempDir(), "image")
	require.NoError(t, os.Mkdir(image, 0o755))
	onDisk := folderEntry(image)
	onDisk.Disk = true
	inKernel := Entry{Kind: KindCreated, Target: "1234", What: "process"}
	note(t, openJournal(t, state), swappinessEntry("10"), onDisk, inKernel)
	set(t, tree, swappiness, "10") // by someone, on the new boot
	undo := folders()
	undo["process"] = func(string) error { t.Error("a process of another boot was touched"); return nil }
	restore(t, state, tree, undo, Options{BootID: "the next", Force: true}, OtherBoot, Restored, OtherBoot)
	checkTree(t, tree, map[string]string{swappiness: "10"})
	checkPending(t, state, 0)
	if _, err := os.Stat(image); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", image, err)
	}
}

func TestActsAndThingsNeverMadeAreClosed(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	note(t, openJournal(t, state), Entry{Kind: KindAct, Target: "proc/sys/vm/drop_caches"}, folderEntry("/no/such/folder"))
	restore(t, state, tree, folders(), Options{}, Original, Nothing)
	checkPending(t, state, 0)
}

func TestEntriesOfALivingOwnerAreLeftAlone(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	other := exec.Command("sleep", "1000")
	require.NoError(t, other.Start())
	j := openJournal(t, state)
	var err error
	j.self, err = Process(other.Process.Pid)
	require.NoError(t, err)
	note(t, j, swappinessEntry("10"))
	set(t, tree, swappiness, "10")
	restore(t, state, tree, nil, Options{}, Failed)
	checkTree(t, tree, map[string]string{swappiness: "10"})

	// Its guardian knows better, although it waits to be reaped.
	require.NoError(t, other.Process.Kill())
	restore(t, state, tree, nil, Options{Gone: j.self}, Restored)
	checkTree(t, tree, nil)
	_ = other.Wait()
}

func TestRestoreTwiceIsRestoreOnce(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	j := openJournal(t, state)
	note(t, j, swappinessEntry("10"), thpEntry("never"))
	set(t, tree, swappiness, "10")
	set(t, tree, thp, "never")
	lines, err := os.ReadFile(j.path)
	require.NoError(t, err)
	restore(t, state, tree, nil, Options{}, Restored, Restored)
	// As if it had crashed between undo and striking out.
	require.NoError(t, os.WriteFile(j.path, lines, 0o600))
	restore(t, state, tree, nil, Options{}, Original, Original)
	checkTree(t, tree, nil)
	checkPending(t, state, 0)
}

func TestRestoreWithoutAJournalDoesNothing(t *testing.T) {
	state := newState(t)
	restore(t, state, fakeTree(t), nil, Options{})
	if _, err := os.Stat(state); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it made %s: %v", state, err)
	}
}

func TestRestoreGoesOnWhereTheJournalCannotBeWritten(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	j := openJournal(t, state)
	note(t, j, swappinessEntry("10"))
	set(t, tree, swappiness, "10")
	j.readOnly = errors.New("read-only file system")
	report, err := j.Restore(tree, nil, Options{})
	if err == nil || !strings.Contains(err.Error(), "restored, but not struck out") {
		t.Errorf("error is %v", err)
	}
	if !report.OK() || len(report.Lines) != 1 {
		t.Errorf("report: %s", report)
	}
	checkTree(t, tree, nil)
}

func TestAReportSaysWhatBecameOfTheSettings(t *testing.T) {
	check := func(want string, lines ...Line) {
		t.Helper()
		require.Equal(t, want, Report{Lines: lines}.Settings())
	}
	back, left := Line{Kind: KindWrite, Outcome: Restored}, Line{Kind: KindGroup, Outcome: ForeignLeft}
	made := Line{Kind: KindCreated, Outcome: Failed}
	check("")
	check("", made)
	check("1 setting, all back to what they were", back, made)
	check("2 settings, all back to what they were", back, Line{Kind: KindWrite, Outcome: Original})
	check("1 of 2 settings not back to what they were", back, left)
}

func TestReportMarshals(t *testing.T) {
	report := Report{Lines: []Line{{ID: 1, Kind: KindWrite, Target: swappiness, Outcome: Restored, Original: "60", Found: "10"}}}
	text, err := json.Marshal(report)
	require.NoError(t, err)
	want := `{"entries":[{"id":1,"kind":"write","target":"proc/sys/vm/swappiness","outcome":"restored","original":"60","found":"10"}]}`
	if string(text) != want {
		t.Errorf("%s\nwant %s", text, want)
	}
}

// dirtyEntry is the group of [dirty_bytes, dirty_ratio]: the kernel sets either
// to 0 when the other is written, and a 0 written to dirty_bytes leaves both 0.
func dirtyEntry() Entry {
	return Entry{
		Kind: KindGroup, Target: dirtyBytes, Before: "0", Ours: []string{"1048576", "0"}, Same: sysfs.Number,
		Undo: []sysfs.Write{{File: dirtyBytes, Value: "0"}, {File: dirtyRatio, Value: "20", Same: sysfs.Number}},
	}
}

func TestAGroupIsUndoneByItsList(t *testing.T) {
	check := func(bytes, ratio string, opt Options, outcome Outcome, wantBytes, wantRatio string) {
		t.Helper()
		state, tree := newState(t), fakeTree(t)
		note(t, openJournal(t, state), dirtyEntry())
		set(t, tree, dirtyBytes, bytes)
		set(t, tree, dirtyRatio, ratio)
		report := restore(t, state, tree, nil, opt, outcome)
		checkTree(t, tree, map[string]string{dirtyBytes: wantBytes, dirtyRatio: wantRatio})
		checkPending(t, state, map[bool]int{true: 0, false: 1}[report.OK()])
	}
	check("1048576", "0", Options{}, Restored, "0", "20")
	check("0", "20", Options{}, Original, "0", "20")
	check("0", "0", Options{}, Restored, "0", "20") // an undo that was cut short after its first step
	check("2097152", "0", Options{}, ForeignLeft, "2097152", "0")
	check("0", "35", Options{}, ForeignLeft, "0", "35") // someone's ratio, which set bytes to 0
	check("0", "35", Options{Force: true}, Restored, "0", "20")
	check("2097152", "0", Options{Force: true}, Restored, "0", "20")
}

// What the undo of another entry put back was put back, and says from where.
func TestAFileThatItsGroupPutBackWasRestored(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	j := openJournal(t, state)
	note(t, j, Entry{Kind: KindWrite, Target: dirtyRatio, Before: "20", Ours: []string{"33", "0"}, Same: sysfs.Number})
	note(t, j, dirtyEntry())
	set(t, tree, dirtyBytes, "1048576")
	set(t, tree, dirtyRatio, "33")
	report := restore(t, state, tree, nil, Options{}, Restored, Restored)
	require.Equal(t, `proc/sys/vm/dirty_ratio: restored "20", was "33"`, report.Lines[1].String())
}

func TestWhatAnInterruptedRunLeftIsCounted(t *testing.T) {
	state := newState(t)
	check := func(settings, things int) {
		t.Helper()
		s, m, err := Left(state)
		require.NoError(t, err)
		require.Equal(t, [2]int{settings, things}, [2]int{s, m})
	}
	check(0, 0) // no journal
	j := openJournal(t, state)
	note(t, j, swappinessEntry("10"), dirtyEntry(), Entry{Kind: KindCreated, Target: "/x", What: "cgroup"}, Entry{Kind: KindAct, Target: "x"})
	check(0, 0) // whoever noted them is at it
	text, err := os.ReadFile(filepath.Join(state, File))
	require.NoError(t, err)
	gone := strings.ReplaceAll(string(text), `"start":`, `"start":1`) // another process of that number
	require.NoError(t, os.WriteFile(filepath.Join(state, File), []byte(gone), 0o600))
	check(2, 1)
	require.NoError(t, os.WriteFile(filepath.Join(state, File), []byte(strings.ReplaceAll(gone, j.boot, "another")), 0o600))
	check(0, 0) // gone with the boot
}

func TestAGroupIsJudgedByTheEndNotByItsSteps(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	e := dirtyEntry()
	// A step that can't be written, in a file whose last value comes later.
	e.Undo = slices.Insert(e.Undo, 0, sysfs.Write{File: dirtyRatio, Value: "7"})
	note(t, openJournal(t, state), e)
	set(t, tree, dirtyBytes, "1048576")
	restore(t, state, tree, nil, Options{}, Restored)
	checkTree(t, tree, nil)
}

func TestAGroupThatWillNotGoBackIsKept(t *testing.T) {
	state := newState(t)
	// /dev/null stands for a file that takes a value and keeps none.
	e := Entry{
		Kind: KindGroup, Target: "dev/null", Before: "x", Ours: []string{""},
		Undo: []sysfs.Write{{File: "dev/null", Value: "x"}},
	}
	note(t, openJournal(t, state), e)
	report := restore(t, state, "/", nil, Options{}, Failed)
	if got, want := report.Lines[0].Error, `write dev/null: wrote "x", reads back ""`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	checkPending(t, state, 1)
}

// The kernel's own pair: what its list leaves is what was there.
func TestRootAGroupOfTheRealKernelIsUndone(t *testing.T) {
	testenv.NeedsRoot(t)
	const tree = sysfs.FS("/")
	bytes, err := tree.Read(dirtyBytes)
	require.NoError(t, err)
	ratio, err := tree.Read(dirtyRatio)
	require.NoError(t, err)
	if bytes != "0" {
		t.Skip("dirty_bytes is in use here")
	}
	state := newState(t)
	e := dirtyEntry()
	e.Ours = []string{"1073741824", "0"}
	e.Undo = []sysfs.Write{{File: dirtyRatio, Value: ratio, Same: sysfs.Number}}
	note(t, openJournal(t, state), e)
	t.Cleanup(func() { _, _ = Restore(state, tree, nil, Options{Force: true}) })
	require.NoError(t, tree.Apply(sysfs.Write{File: dirtyBytes, Value: "1073741824", Same: sysfs.Number}))
	if now, err := tree.Read(dirtyRatio); err != nil || now != "0" {
		t.Errorf("dirty_ratio reads %q, %v while dirty_bytes is set", now, err)
	}
	restore(t, state, tree, nil, Options{}, Restored)
	for file, want := range map[string]string{dirtyBytes: bytes, dirtyRatio: ratio} {
		if now, err := tree.Read(file); err != nil || now != want {
			t.Errorf("%s reads %q, %v; want %q", file, now, err, want)
		}
	}
}

func TestWhatProcessesLiveInIsRemovedFirst(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	j := openJournal(t, state)
	var order []string
	remove := func(target string) error { order = append(order, target); return nil }
	made := func(target string, first bool) Entry {
		return Entry{Kind: KindCreated, Target: target, What: "thing", First: first}
	}
	note(t, j, made("/folder", false), made("/group", true), made("/group/leaf", true), made("/mount", false))
	restore(t, state, tree, Undoers{"thing": remove}, Options{}, Restored, Restored, Restored, Restored)
	require.Equal(t, []string{"/group/leaf", "/group", "/mount", "/folder"}, order)
}

func TestWhatFailedIsTriedAgainAfterTheOthers(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	j := openJournal(t, state)
	note(t, j, folderEntry("/group"), Entry{Kind: KindCreated, Target: "/mount", What: "mount"})
	free, tries := false, 0
	undo := Undoers{
		"folder": func(string) error { free = true; return nil },
		"mount": func(string) error {
			if tries++; free {
				return nil
			}
			return errors.New("device or resource busy")
		},
	}
	restore(t, state, tree, undo, Options{}, Restored, Restored)
	require.Equal(t, 2, tries)
	checkPending(t, state, 0)
}

func TestWhatWaitsForNothingIsTriedOnce(t *testing.T) {
	state, tree := newState(t), fakeTree(t)
	j := openJournal(t, state)
	note(t, j, folderEntry("/x"))
	tries := 0
	undo := Undoers{"folder": func(string) error { tries++; return errors.New("device or resource busy") }}
	restore(t, state, tree, undo, Options{}, Failed)
	require.Equal(t, 1, tries)
}

func TestAFileThatIsMovedIsOursWhateverItSays(t *testing.T) {
	check := func(found string, learn []string, foreign string, want Outcome) {
		t.Helper()
		state, tree := newState(t), fakeTree(t)
		j := openJournal(t, state)
		moved := swappinessEntry("60")
		moved.Moved = true
		ids := note(t, j, moved)
		if learn != nil {
			require.NoError(t, j.Known(ids[0], learn...))
		}
		if foreign != "" {
			require.NoError(t, j.Foreign(ids[0], foreign))
		}
		set(t, tree, swappiness, found)
		restore(t, state, tree, nil, Options{}, want)
	}
	check("77", nil, "", Restored)
	check("60", nil, "", Original)
	check("77", []string{"77"}, "", Restored)
	check("78", []string{"77"}, "", ForeignLeft)
	check("78", []string{}, "", ForeignLeft)
	check("77", nil, "42", ForeignLeft)
}

package knob

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/sysfs"
)

func thp(level string) sysfs.Write {
	return sysfs.Write{File: thpEnabled, Value: level, Same: sysfs.Selector}
}

func swap(level string) sysfs.Write {
	return sysfs.Write{File: swappinessFile, Value: level, Same: sysfs.Number}
}

// plannedWrites are two levels of two files each, one of them the present value.
func plannedWrites() []sysfs.Write {
	return []sysfs.Write{thp("never"), thp("madvise"), thp("always"), swap("10"), swap("100")}
}

// at says what the two files hold.
func at(t *testing.T, h host.Host, wantTHP, wantSwap string) {
	t.Helper()
	c := content(t, h)
	if c[thpEnabled] != wantTHP || c[swappinessFile] != wantSwap {
		t.Errorf("thp %q, swappiness %q; want %q, %q", c[thpEnabled], c[swappinessFile], wantTHP, wantSwap)
	}
}

func newSession(t *testing.T, levels ...sysfs.Write) (*Session, *journal.Journal, host.Host) {
	t.Helper()
	h, j := machine(t, nil), newJournal(t)
	s, err := NewSession(j, h.FS, "run", levels)
	require.NoError(t, err)
	return s, j, h
}

func apply(t *testing.T, s *Session, wantChanged bool, want ...sysfs.Write) {
	t.Helper()
	changed, err := s.Apply(want)
	require.NoError(t, err)
	require.Equal(t, wantChanged, changed)
	wrong, err := s.Verify()
	require.NoError(t, err)
	require.Empty(t, wrong)
}

func finish(t *testing.T, s *Session, wantOK bool) journal.Report {
	t.Helper()
	report, err := s.Close(nil)
	require.NoError(t, err)
	require.Equal(t, wantOK, report.OK(), report.String())
	return report
}

func TestEverythingIsNotedBeforeAnythingIsWritten(t *testing.T) {
	_, j, h := newSession(t, plannedWrites()...)
	entries, err := j.Pending()
	require.NoError(t, err)
	require.Len(t, entries, 3)
	require.Equal(t, minFreeFile, entries[0].Target, "what another file moves comes first, to be put back last")
	require.True(t, entries[0].Moved)
	require.Equal(t, []string{"never", "madvise", "always"}, entries[1].Ours)
	require.Equal(t, "madvise", entries[1].Before)
	require.Equal(t, []string{"10", "100", "60"}, entries[2].Ours)
	require.Equal(t, "run", entries[2].Run)
	at(t, h, "madvise", "60")
}

func TestPresentValuesNeedNoEntryAndNoWrite(t *testing.T) {
	s, j, h := newSession(t, thp("madvise"), swap("60"))
	require.NoError(t, os.Chmod(h.FS.Path(thpEnabled), 0o444))
	entries, err := j.Pending()
	require.NoError(t, err)
	require.Empty(t, entries)
	apply(t, s, false, thp("madvise"), swap("60"))
	finish(t, s, true)
	at(t, h, "madvise", "60")
}

func TestApplyPutsBackWhatACellDoesNotWant(t *testing.T) {
	s, _, h := newSession(t, plannedWrites()...)
	apply(t, s, true, thp("never"), swap("10"))
	at(t, h, "never", "10")
	apply(t, s, false, thp("never"), swap("10"))
	apply(t, s, true, thp("always"))
	at(t, h, "always", "60")
	require.Equal(t, map[string]string{thpEnabled: "always", swappinessFile: "60", minFreeFile: "67584"}, s.Effective())
	finish(t, s, true)
	at(t, h, "madvise", "60")
}

func TestApplyRefusesWhatWasNotNoted(t *testing.T) {
	s, _, h := newSession(t, plannedWrites()...)
	for _, w := range []sysfs.Write{swap("55"), {File: thpDefrag, Value: "never"}} {
		_, err := s.Apply([]sysfs.Write{w})
		require.ErrorContains(t, err, "not among the writes")
	}
	_, err := s.Apply([]sysfs.Write{swap("10"), swap("100")})
	require.ErrorContains(t, err, "both 10 and 100")
	at(t, h, "madvise", "60")
}

func TestVerifySeesSomeoneElsesHand(t *testing.T) {
	s, _, h := newSession(t, plannedWrites()...)
	apply(t, s, true, thp("never"))
	put(t, h, thpEnabled, "always")
	put(t, h, swappinessFile, "1") // not set in this cell, and under control all the same
	changes, err := s.Verify()
	require.NoError(t, err)
	require.Equal(t, []Change{{thpEnabled, "never", "always"}, {swappinessFile, "60", "1"}}, changes)
	require.NoError(t, os.Remove(h.FS.Path(thpEnabled)))
	_, err = s.Verify()
	require.ErrorContains(t, err, thpEnabled)
}

func TestAForeignValueStandsAtTheEndAndIsReported(t *testing.T) {
	check := func(foreign string, next []sysfs.Write) {
		t.Helper()
		s, j, h := newSession(t, plannedWrites()...)
		apply(t, s, true, swap("10"))
		put(t, h, swappinessFile, foreign)
		if next != nil {
			_, err := s.Apply(next)
			require.NoError(t, err)
		}
		report := finish(t, s, false)
		require.Equal(t, journal.ForeignLeft, report.Lines[0].Outcome)
		require.Equal(t, foreign, report.Lines[0].Left)
		at(t, h, "madvise", foreign)
		entries, err := j.Pending()
		require.NoError(t, err)
		require.Len(t, entries, 1, "the entry is kept")
	}
	check("7", nil)
	check("7", []sysfs.Write{swap("10")})
	check("7", []sysfs.Write{})              // the original is written over it meanwhile
	check("100", []sysfs.Write{swap("100")}) // it is the very level that comes next
	check("100", nil)                        // it is one of ours by its value alone
}

func TestTheOriginalPutBackBySomeoneIsNoForeignValue(t *testing.T) {
	s, _, h := newSession(t, plannedWrites()...)
	apply(t, s, true, swap("10"))
	put(t, h, swappinessFile, "60")
	apply(t, s, true, swap("100"))
	finish(t, s, true)
	at(t, h, "madvise", "60")
}

func TestAFileThatNoLevelChangesIsHeldToo(t *testing.T) {
	s, _, h := newSession(t, swap("60"))
	put(t, h, swappinessFile, "7")
	apply(t, s, true, swap("60"))
	finish(t, s, false)
	at(t, h, "madvise", "7")
}

func TestWhatTheKernelRoundsIsOurs(t *testing.T) {
	s, j, h := newSession(t, swap("10"), swap("100"))
	c := s.find(swappinessFile)
	put(t, h, swappinessFile, "7")
	require.NoError(t, s.recordForeign(c, "7"))
	// A plain file rounds nothing, so the kernel's part is played here.
	put(t, h, swappinessFile, "12")
	require.NoError(t, s.rounded(c, "12"))
	changes, err := s.Verify()
	require.NoError(t, err)
	require.Empty(t, changes)
	require.Equal(t, "12", s.Effective()[swappinessFile])
	entries, err := j.Pending()
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, []string{"10", "100", "60", "12"}, entries[0].Ours)
	require.Equal(t, "7", *entries[0].Foreign, "what was recorded goes on")
	require.Equal(t, "60", entries[0].Before)
}

func TestASessionThatDiedIsRestoredFromTheJournal(t *testing.T) {
	h, j := machine(t, nil), newJournal(t)
	s, err := NewSession(j, h.FS, "run", plannedWrites())
	require.NoError(t, err)
	apply(t, s, true, thp("never"), swap("100"))
	report, err := j.Restore(h.FS, nil, journal.Options{})
	require.NoError(t, err)
	require.True(t, report.OK())
	at(t, h, "madvise", "60")
}

func TestASessionNeedsItsFiles(t *testing.T) {
	h := machine(t, map[string]string{swappinessFile: ""})
	_, err := NewSession(newJournal(t), h.FS, "run", plannedWrites())
	require.ErrorContains(t, err, swappinessFile)
	_, err = NewSession(newJournal(t), h.FS, "run", []sysfs.Write{thp("never"), {File: thpEnabled, Value: "always"}})
	require.ErrorContains(t, err, "compared in two ways")
}

func TestCloseTriesTheRestWhereAFileIsGone(t *testing.T) {
	s, _, h := newSession(t, plannedWrites()...)
	apply(t, s, true, thp("never"), swap("10"))
	require.NoError(t, os.Remove(h.FS.Path(swappinessFile)))
	report := finish(t, s, true)
	require.Equal(t, journal.Vanished, report.Lines[0].Outcome)
	at(t, h, "madvise", "")
}

func BenchmarkApplyUnchanged(b *testing.B) {
	h, j := machine(b, nil), newJournal(b)
	s, err := NewSession(j, h.FS, "run", plannedWrites())
	require.NoError(b, err)
	_, err = s.Apply([]sysfs.Write{thp("never")})
	require.NoError(b, err)
	for b.Loop() {
		if changed, err := s.Apply([]sysfs.Write{thp("never")}); changed || err != nil {
			b.Fatal(changed, err)
		}
	}
}

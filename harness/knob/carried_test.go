package knob

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/sysfs"
)

// following is a machine on which vm.min_free_kbytes says what thp says.
func following(t *testing.T) (*Session, *journal.Journal, sysfs.FS) {
	t.Helper()
	h, j := machine(t, nil), newJournal(t)
	alias(t, h, minFreeFile, thpEnabled)
	s, err := NewSession(j, h.FS, "run", []sysfs.Write{thp("never"), thp("always")})
	require.NoError(t, err)
	return s, j, h.FS
}

func TestWhatOnlyMovesIsLearnedInTheRehearsal(t *testing.T) {
	s, j, _ := following(t)
	entries, err := j.Pending()
	require.NoError(t, err)
	require.True(t, entries[0].Moved && !entries[1].Moved)
	_, err = s.Rehearse([][]sysfs.Write{{thp("never")}, {thp("always")}})
	require.NoError(t, err)
	entries, err = j.Pending()
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, minFreeFile, entries[0].Target, "its place in the order of undoing")
	require.False(t, entries[0].Moved)
	require.Subset(t, entries[0].Ours, []string{"never", "always", "madvise"})
	apply(t, s, true, thp("always"))
	require.Equal(t, "always", s.Effective()[minFreeFile])
	finish(t, s, true)
}

func TestACarriedFileSaysInAStateWhatItSaidInTheRehearsal(t *testing.T) {
	s, _, fs := following(t)
	_, err := s.Rehearse([][]sysfs.Write{{thp("never")}, {thp("always")}})
	require.NoError(t, err)
	apply(t, s, true, thp("always"))
	// From here on it sticks to what it says, as a value set by hand may do.
	require.NoError(t, os.Remove(fs.Path(minFreeFile)))
	require.NoError(t, os.WriteFile(fs.Path(minFreeFile), []byte("always"), 0o644))
	apply(t, s, true, thp("never"))
	require.Equal(t, "never", s.Effective()[minFreeFile])
	apply(t, s, true)
	require.Equal(t, "madvise", s.Effective()[minFreeFile])
	finish(t, s, true)
}

func TestASessionThatDiedInTheRehearsalPutsBackWhatItMoved(t *testing.T) {
	s, j, fs := following(t)
	_, err := s.reach(map[string]string{thpEnabled: "always"})
	require.NoError(t, err)
	require.NoError(t, os.Remove(fs.Path(minFreeFile)))
	require.NoError(t, os.WriteFile(fs.Path(minFreeFile), []byte("never seen before"), 0o644))
	report, err := j.Restore(fs, nil, journal.Options{})
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
	text, err := fs.Read(minFreeFile)
	require.NoError(t, err)
	require.Equal(t, "madvise", text)
}

func TestAForeignHandOnACarriedFileIsSeenAndLeft(t *testing.T) {
	s, _, fs := following(t)
	_, err := s.Rehearse([][]sysfs.Write{{thp("never")}, {thp("always")}})
	require.NoError(t, err)
	require.NoError(t, os.Remove(fs.Path(minFreeFile)))
	require.NoError(t, os.WriteFile(fs.Path(minFreeFile), []byte("50000"), 0o644))
	changes, err := s.Verify()
	require.NoError(t, err)
	require.Equal(t, []Change{{minFreeFile, "madvise", "50000"}}, changes)
	report := finish(t, s, false)
	require.Equal(t, journal.ForeignLeft, report.Lines[len(report.Lines)-1].Outcome)
}

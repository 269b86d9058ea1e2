package knob

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/harness/testenv"
)

// tenKnobs are levels of ten knobs of the machine, with twins and a file that moves
// among them.
func tenKnobs(h host.Host) []map[string]string {
	h.Swap = 1 << 30
	levels := map[string]string{
		"thp": "madvise", "thp-defrag": "never", "overcommit-ratio": "20", "dirty-ratio": "33", "thp-max-ptes-none": "100",
		"somaxconn": "128", "sched-autogroup": "0", "zone-reclaim": "1", "perf-event-paranoid": "1", "local-port-range": "20000-30000",
	}
	return []map[string]string{levels}
}

// BenchmarkRootTenKnobs sets ten knobs of this machine, verifies and restores them, on
// the disk of TMPDIR. In turn with it run the same writes with no journal, and
// the one fsync that a batch takes. As it sets real knobs it needs root.
func BenchmarkRootTenKnobs(b *testing.B) {
	testenv.NeedsRoot(b)
	lock, err := journal.Acquire(b.Context(), journal.DefaultLock(), journal.Holder{Run: b.Name()},
		func(h journal.Holder) { b.Logf("waiting for %s", h) })
	require.NoError(b, err)
	defer lock.Release()
	h, err := host.Read("/")
	require.NoError(b, err)
	writes := writesOf(b, h, tenKnobs(h)...)
	require.Len(b, writes, 10)
	b.Run("apply-verify-restore", func(b *testing.B) { benchSession(b, h, writes) })
	b.Run("bare-writes", func(b *testing.B) { benchBare(b, h, writes) })
	b.Run("fsync", benchFsync)
}

func benchSession(b *testing.B, h host.Host, writes []sysfs.Write) {
	j := newJournal(b)
	for b.Loop() {
		s, err := NewSession(j, h.FS, "bench", writes)
		require.NoError(b, err)
		changed, err := s.Apply(writes)
		require.NoError(b, err)
		require.True(b, changed)
		wrong, err := s.Verify()
		require.NoError(b, err)
		require.Empty(b, wrong)
		report, err := s.Close(nil)
		require.NoError(b, err)
		require.True(b, report.OK(), report.String())
	}
}

// benchBare writes the levels, reads them back, and writes what was there.
func benchBare(b *testing.B, h host.Host, writes []sysfs.Write) {
	for b.Loop() {
		before := make([]string, len(writes))
		for i, w := range writes {
			text, err := h.FS.Read(w.File)
			require.NoError(b, err)
			before[i] = w.Same.Value(text)
			require.NoError(b, h.FS.Apply(w))
		}
		for i := len(writes) - 1; i >= 0; i-- {
			put := writes[i]
			put.Value = before[i]
			require.NoError(b, h.FS.Apply(put))
		}
	}
}

func benchFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	require.NoError(b, err)
	defer f.Close()
	text := make([]byte, 4096)
	for b.Loop() {
		_, err := f.Write(text)
		require.NoError(b, err)
		require.NoError(b, f.Sync())
	}
}

package results

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/sample"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestAFolderHasItsNameOnlyWhenItIsComplete(t *testing.T) {
	root := t.TempDir()
	f, err := Create(root, noon, testPlan(), "", func(dir string) error {
		if _, err := Latest(root, "thp-gc"); err == nil {
			t.Error("there is a run to go on with before it is complete")
		}
		return WriteFile(dir, BuildsFile, []byte("{}"))
	})
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(f.Dir, BuildsFile))
	require.Equal(t, []string{filepath.Base(f.Dir)}, names(t, filepath.Dir(f.Dir)))
	info, err := os.Stat(f.Dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode().Perm())
}

func TestAFolderThatCantBeFilledIsNotLeft(t *testing.T) {
	root := t.TempDir()
	full := errors.New("disk full")
	_, err := Create(root, noon, testPlan(), "", func(string) error { return full })
	require.ErrorIs(t, err, full)
	require.Empty(t, names(t, filepath.Join(root, "thp-gc")))
}

func TestWhatAKilledHarnessLeftInTheMakingIsSwept(t *testing.T) {
	root := t.TempDir()
	old, young := filepath.Join(root, "thp-gc", ".new-1"), filepath.Join(root, "thp-gc", ".new-2")
	for _, dir := range []string{old, young} {
		require.NoError(t, os.MkdirAll(dir, 0o700))
	}
	require.NoError(t, os.Chtimes(old, noon, noon.Add(-time.Hour)))
	require.NoError(t, os.Chtimes(young, noon, noon.Add(-time.Second)))
	_, err := Create(root, noon, testPlan(), "", nil)
	require.NoError(t, err)
	require.NoDirExists(t, old)
	require.DirExists(t, young)
}

func TestCountersStayInTheFileButForWhatMayBeCommittedAgain(t *testing.T) {
	f := create(t)
	for n := range 4 {
		s := attempt(n, 1, sample.OK, sample.Taint{Kind: "steal"})
		s.Block, s.Counters = n/2, map[string]float64{"oom-kills": float64(n + 1)}
		require.NoError(t, f.Append(s))
	}
	r, err := Read(f.Dir)
	require.NoError(t, err)
	require.Len(t, r.Attempts, 4)
	for _, s := range r.Attempts {
		require.Empty(t, s.Counters)
	}
	some := r.First()[1:]
	require.NoError(t, r.Counters(some, []string{"oom-kills", "steal-share"}))
	require.Equal(t, map[string]float64{"oom-kills": 2}, some[0].Counters)
	require.NoError(t, r.Counters(some, nil))
	require.Nil(t, some[0].Counters)
	again, run, err := Continue(f.Dir)
	done := run.Attempts
	require.NoError(t, err)
	require.Len(t, done, 4)
	require.NoError(t, again.Adopt(&done[2]))
	require.NoError(t, again.Close())
	require.Equal(t, 2, strings.Count(text(t, f.Dir, TrialsFile), `"counters":{"oom-kills":3}`))
}

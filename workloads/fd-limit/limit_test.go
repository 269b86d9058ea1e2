package main

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/workloads/internal/driver"
)

// under runs a trial with a soft limit of n descriptors.
func under(t *testing.T, n uint64, c config) *trial {
	t.Helper()
	set, err := c.setup("main")
	require.NoError(t, err)
	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before))
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: before.Max}))
	_, err = set.Run()
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before))
	require.NoError(t, err)
	require.NoError(t, set.Close())
	return set.(*trial)
}

func TestTheKernelsNoEndsTheTrialAndIsCounted(t *testing.T) {
	for _, open := range []string{"file", "pipe", "connection"} {
		tr := under(t, 100, config{open: open, descriptors: 500})
		// A test process has a handful of its own.
		if tr.opened < 60 || tr.opened >= 100 || tr.refused != 500-tr.opened {
			t.Errorf("%s: opened %d, refused %d of 500 under a limit of 100", open, tr.opened, tr.refused)
		}
	}
}

func TestWhatIsWantedIsOpenedAndNoMore(t *testing.T) {
	for _, open := range []string{"file", "pipe", "connection"} {
		tr := under(t, 1000, config{open: open, descriptors: 200})
		if tr.opened != 200 || tr.refused != 0 || len(tr.held) != 0 {
			t.Errorf("%s: opened %d, refused %d, %d left open", open, tr.opened, tr.refused, len(tr.held))
		}
	}
}

func TestAnOddNumberIsOfFilesAlone(t *testing.T) {
	for _, open := range []string{"pipe", "connection"} {
		require.ErrorContains(t, (&config{open: open, descriptors: 101}).allow(), "-descriptors=101 is odd (take 102)")
		require.NoError(t, (&config{open: open, descriptors: 102}).allow())
	}
	require.NoError(t, (&config{open: "file", descriptors: 101}).allow())
}

func TestMoreThanTheLimitIsAWrongAnswer(t *testing.T) {
	tr := &trial{config: &config{}, opened: 1 << 40}
	require.ErrorContains(t, tr.Report(new(driver.Result)), "wrong answer")
}

package main

import (
	"os"
	"testing"

	"github.com/assaylab/assay/workloads/internal/driver"
	"github.com/stretchr/testify/require"
)

func TestEveryCallWritesWhatIsReadBack(t *testing.T) {
	for _, call := range []string{"fsync", "fdatasync", "none"} {
		for _, extend := range []bool{false, true} {
			dir := t.TempDir()
			set, err := (&config{dir: dir, call: call, write: 512, file: 2048, extend: extend, ops: 11}).setup("main")
			require.NoError(t, err)
			ops, err := set.Run()
			require.NoError(t, err)
			tr := set.(*trial)
			require.NoError(t, tr.check())
			if ops != 11 || tr.latency.Events() != 11 {
				t.Errorf("%s: %d operations, %d events; want 11", call, ops, tr.latency.Events())
			}
			require.NoError(t, set.Close())
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			if len(left) > 0 {
				t.Errorf("%s is left", left[0].Name())
			}
		}
	}
}

func TestALostWriteIsFound(t *testing.T) {
	set, err := (&config{dir: t.TempDir(), call: "none", write: 8, file: 24, ops: 10}).setup("main")
	require.NoError(t, err)
	_, err = set.Run()
	require.NoError(t, err)
	tr := set.(*trial)
	_, err = tr.f.WriteAt(make([]byte, 8), 8)
	require.NoError(t, err)
	require.ErrorContains(t, tr.Report(new(driver.Result)), "holds write 0, want 11") // 1 and 10 were written
	require.NoError(t, tr.f.Truncate(0))
	require.ErrorContains(t, tr.check(), "read back")
	require.NoError(t, set.Close())
}

func TestTheLastWriteIntoASlot(t *testing.T) {
	for slots := range int64(5) {
		last := make([]int64, slots+1)
		for n := range int64(20) {
			for slot := range slots {
				if got := lastInto(slot, slots, n); got != last[slot] {
					t.Fatalf("slot %d of %d after %d writes: %d, want %d", slot, slots, n, got, last[slot])
				}
			}
			if slots > 0 {
				last[n%slots] = n + 1
			}
		}
	}
}

func TestAFolderThatIsNotThereIsNamed(t *testing.T) {
	_, err := (&config{dir: t.TempDir() + "/none", write: 8, file: 8, ops: 1}).setup("main")
	require.ErrorContains(t, err, "make the file")
}

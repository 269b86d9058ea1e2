package knob

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/sysfs"
)

// sessionOf is a session over cells, and a way to put one of them in force.
func sessionOf(t *testing.T, h host.Host, cells ...texts) (*Session, *journal.Journal, func(texts) error) {
	t.Helper()
	j := newJournal(t)
	s, err := NewSession(j, h.FS, "run", writesOf(t, h, cells...))
	require.NoError(t, err)
	return s, j, func(cell texts) error {
		e, err := Resolve(cell, h)
		require.NoError(t, err)
		if _, err := s.Apply(e.Host); err != nil {
			return err
		}
		wrong, err := s.Verify()
		require.NoError(t, err)
		require.Empty(t, wrong)
		return nil
	}
}

// alias makes a file another name of one, so that a write to either moves both.
func alias(t *testing.T, h host.Host, name, of string) {
	t.Helper()
	require.NoError(t, os.Remove(h.FS.Path(name)))
	require.NoError(t, os.Symlink(h.FS.Path(of), h.FS.Path(name)))
}

// A driver applies a limit by a work item: what the governor does to it shows later.
func TestWhatAWriteMovesLateIsOurDoingWithinTheTimeThatItsKnobSays(t *testing.T) {
	h := machine(t, nil)
	s, _, _ := sessionOf(t, h, texts{"governor": "performance"})
	for _, c := range s.files {
		c.knob.Settles = time.Second
	}
	governor := func() string { text, _ := h.FS.Read(policy0 + "scaling_governor"); return text }
	move := func(khz string) error {
		return os.WriteFile(h.FS.Path(policy0+"scaling_max_freq"), []byte(khz), 0o644)
	}
	moved := make(chan error)
	go func() {
		for governor() != "performance" {
			time.Sleep(time.Millisecond)
		}
		moved <- move("1200000")
	}()
	e, err := Resolve(texts{"governor": "performance"}, h)
	require.NoError(t, err)
	_, err = s.Apply(e.Host)
	require.NoError(t, err)
	require.NoError(t, <-moved)
	check := func(want ...Change) {
		t.Helper()
		wrong, err := s.Verify()
		require.NoError(t, err)
		require.Equal(t, want, wrong)
	}
	check()
	require.NoError(t, move("800000"))
	check(Change{File: policy0 + "scaling_max_freq", Want: "1200000", Got: "800000"})
}

func TestWhatAWriteMovesIsOurDoing(t *testing.T) {
	h := machine(t, map[string]string{policy1 + "scaling_governor": "", policy1 + "energy_performance_preference": "", policy0 + "scaling_governor": "power"})
	alias(t, h, policy0+"energy_performance_preference", policy0+"scaling_governor")
	before := content(t, h)
	s, j, set := sessionOf(t, h, texts{"governor": "performance"}, texts{"energy-performance-preference": "power"})
	require.NoError(t, set(texts{"governor": "performance"}))
	require.Equal(t, "performance", s.Effective()[policy0+"energy_performance_preference"])
	require.NoError(t, set(texts{}))
	require.NoError(t, set(texts{"governor": "performance"}))
	entries, err := j.Pending()
	require.NoError(t, err)
	i := slices.IndexFunc(entries, func(e journal.Entry) bool { return strings.HasSuffix(e.Target, "0/energy_performance_preference") })
	require.True(t, entries[i].Moved, "what the governor did to it would be taken for someone else's")
	finish(t, s, true)
	require.Equal(t, before, content(t, h))
}

func TestOfTwinsTheOneThatRulesIsPutBack(t *testing.T) {
	h := machine(t, nil)
	s, j, set := sessionOf(t, h, texts{"dirty-ratio": "40"}, texts{"dirty-bytes": "64MiB"})
	entries, err := j.Pending()
	require.NoError(t, err)
	require.Len(t, entries, 2)
	for _, e := range entries {
		require.Equal(t, journal.KindGroup, e.Kind)
		require.Equal(t, "proc/sys/vm/dirty_ratio", e.Undo[1].File)
		require.Equal(t, "20", e.Undo[1].Value)
		require.Subset(t, e.Ours, []string{"40", "67108864", "20", "0"})
	}
	require.NoError(t, set(texts{"dirty-ratio": "40"}))
	finish(t, s, true)
	_, err = Resolve(texts{"dirty-ratio": "40", "dirty-bytes": "64MiB"}, h)
	require.ErrorContains(t, err, "can't be set together")
}

func TestBytesRuleWhereTheyAreSet(t *testing.T) {
	h := machine(t, map[string]string{"proc/sys/vm/dirty_ratio": "0", "proc/sys/vm/dirty_bytes": "1048576"})
	before := content(t, h)
	_, j, set := sessionOf(t, h, texts{"dirty-ratio": "40"})
	require.NoError(t, set(texts{"dirty-ratio": "40"}))
	put(t, h, "proc/sys/vm/dirty_bytes", "0") // the kernel's part
	report, err := j.Restore(h.FS, nil, journal.Options{})
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
	require.Equal(t, before, content(t, h))
}

func TestAnActIsDoneBeforeEveryTrialAndLeavesNothing(t *testing.T) {
	h := machine(t, nil)
	s, j, set := sessionOf(t, h, texts{"drop-caches": "1"}, texts{"drop-caches": Default})
	require.NoError(t, set(texts{"drop-caches": "1"}))
	require.Equal(t, "1", content(t, h)[dropFile])
	put(t, h, dropFile, "3")
	require.NoError(t, set(texts{"drop-caches": Default}))
	require.Equal(t, "3", content(t, h)[dropFile])
	require.NoError(t, set(texts{"drop-caches": "1"}))
	require.Equal(t, "1", content(t, h)[dropFile])
	entries, err := j.Pending()
	require.NoError(t, err)
	require.Equal(t, journal.KindAct, entries[0].Kind)
	report := finish(t, s, true)
	require.Equal(t, journal.Nothing, report.Lines[0].Outcome)
}

// Since Linux 6.x the file may be written and not read.
func TestAnActNeedsNoReading(t *testing.T) {
	h := machine(t, nil)
	require.NoError(t, os.Chmod(h.FS.Path(dropFile), 0o200))
	_, _, set := sessionOf(t, h, texts{"drop-caches": "3"})
	require.NoError(t, set(texts{"drop-caches": "3"}))
	e, err := Resolve(texts{"drop-caches": "3"}, h)
	require.NoError(t, err)
	require.Equal(t, InForce, Judge(texts{"drop-caches": "3"}, e, Evidence{Host: texts{}})["drop-caches"].Word)
}

func TestAPolicyThatVanishesIsNotTestable(t *testing.T) {
	h := machine(t, nil)
	s, _, set := sessionOf(t, h, texts{"governor": "performance"})
	require.NoError(t, set(texts{"governor": "performance"}))
	require.NoError(t, os.RemoveAll(h.FS.Path(policy1)))
	_, err := s.Verify()
	var gone *Vanished
	require.ErrorAs(t, err, &gone)
	require.Equal(t, policy1+"scaling_governor", gone.File)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorIs(t, err, fs.ErrNotExist)
	e, err := Resolve(texts{"governor": "performance"}, h)
	require.NoError(t, err)
	_, err = s.Apply(append(e.Host, sysfs.Write{File: policy1 + "scaling_governor", Value: "performance", Same: sysfs.Text}))
	require.ErrorAs(t, err, &gone)
	_, err = s.Apply(nil)
	require.NoError(t, err, "cells that do not set it go on")
	changes, err := s.Verify()
	require.NoError(t, err)
	require.Empty(t, changes)
	require.Equal(t, "powersave", content(t, h)[policy0+"scaling_governor"], "the others are set all the same")
	finish(t, s, true)
}

func TestARoundedLevelIsNotWrittenAgain(t *testing.T) {
	h := machine(t, nil)
	s, _, _ := sessionOf(t, h, texts{"cpu-max-freq": "1.2GHz"})
	c := s.find(policy0 + "scaling_max_freq")
	put(t, h, c.file, "1100000") // the kernel's part
	c.wrote = "1200000"
	require.NoError(t, s.rounded(c, "1100000"))
	e, err := Resolve(texts{"cpu-max-freq": "1.2GHz"}, h)
	require.NoError(t, err)
	_, err = s.Apply(e.Host)
	require.NoError(t, err)
	require.Equal(t, "1100000", content(t, h)[c.file])
	require.Equal(t, "1100000", s.Effective()[c.file])
	finish(t, s, true)
	require.Equal(t, "3000000", content(t, h)[c.file])
}

// Switching SMT off takes the frequency policies of the second threads away, in the
// same cell that sets the governor of all.
func TestAPolicyThatALevelTakesAwayIsNotMissed(t *testing.T) {
	h := machine(t, map[string]string{policy0 + "related_cpus": "0", policy1 + "related_cpus": "1"})
	h.Cgroup, h.CPU.Cores = host.CgroupV2, [][]int{{0, 1}}
	both := texts{"governor": "performance", "smt": "off"}
	s, _, set := sessionOf(t, h, both, texts{"governor": "performance"})
	away := filepath.Join(t.TempDir(), "policy1")
	require.NoError(t, set(both))
	require.NoError(t, os.Rename(h.FS.Path(policy1), away)) // the kernel's part
	wrong, err := s.Verify()
	require.NoError(t, err)
	require.Empty(t, wrong)
	require.NoError(t, set(both))
	require.Equal(t, "off", content(t, h)[smtControl])
	require.Equal(t, "performance", content(t, h)[policy0+"scaling_governor"])
	require.NoError(t, os.Rename(away, h.FS.Path(policy1)))
	require.NoError(t, set(texts{"governor": "performance"}))
	require.Equal(t, "performance", content(t, h)[policy1+"scaling_governor"])
	finish(t, s, true)
	require.Equal(t, "powersave", content(t, h)[policy1+"scaling_governor"])
}

// Some drivers show a frequency limit a moment after it was written. What came late is
// no sign that the level before was one that the kernel rounds to it.
func TestAnOriginalThatComesLateIsNoRounding(t *testing.T) {
	h := machine(t, nil)
	s, _, set := sessionOf(t, h, texts{"cpu-max-freq": "1.2GHz"})
	require.NoError(t, set(texts{"cpu-max-freq": "1.2GHz"}))
	file := policy0 + "scaling_max_freq"
	put(t, h, file, "3000000") // written before, shown now
	require.NoError(t, set(nil))
	require.NoError(t, set(texts{"cpu-max-freq": "1.2GHz"}))
	require.Equal(t, "1200000", content(t, h)[file])
	finish(t, s, true)
}

func TestARehearsalFindsWhatTheKernelRefuses(t *testing.T) {
	h := machine(t, nil)
	require.NoError(t, os.Remove(h.FS.Path(somaxconn)))
	require.NoError(t, os.Symlink("/dev/null", h.FS.Path(somaxconn)))
	before := content(t, h)
	cells := []texts{{"zone-reclaim": "1", "drop-caches": "1"}, {"somaxconn": "128"}, {"governor": "performance"}}
	s, _, _ := sessionOf(t, h, cells...)
	states, _, err := Demands(cells, h)
	require.NoError(t, err)
	refused, err := s.Rehearse([][]sysfs.Write{states[0].State, states[1].State, states[2].State})
	require.NoError(t, err)
	require.NoError(t, refused[0])
	require.ErrorContains(t, refused[1], somaxconn)
	key, level := states[1].Blame(refused[1])
	require.Equal(t, "somaxconn=128", key+"="+level)
	require.NoError(t, refused[2])
	require.Equal(t, before, content(t, h), "something was left, or an act was done")
	finish(t, s, true)
}

func TestARefusedLevelIsNoLevel(t *testing.T) {
	h := machine(t, nil)
	s, _, set := sessionOf(t, h, texts{"somaxconn": "128", "zone-reclaim": "1"})
	require.NoError(t, os.Remove(h.FS.Path(somaxconn)))
	require.NoError(t, os.Symlink("/dev/null", h.FS.Path(somaxconn))) // takes everything, keeps nothing
	err := set(texts{"somaxconn": "128", "zone-reclaim": "1"})
	require.ErrorContains(t, err, `wrote "128", reads back ""`)
	require.Equal(t, "1", content(t, h)[zoneReclaim], "the other one is set all the same")
	report, err := s.Close(nil)
	require.NoError(t, err)
	require.False(t, report.OK())
}

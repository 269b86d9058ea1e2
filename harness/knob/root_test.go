package knob

import (
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/host"
	"github.com/assaylab/assay/harness/journal"
	"github.com/assaylab/assay/harness/sysfs"
	"github.com/assaylab/assay/harness/testenv"
)

func rootHost(t *testing.T) host.Host {
	t.Helper()
	testenv.NeedsRoot(t)
	// As every harness that sets the machine's knobs, it holds the host lock.
	lock, err := journal.Acquire(t.Context(), journal.DefaultLock(), journal.Holder{Run: t.Name()},
		func(h journal.Holder) { t.Logf("waiting for %s", h) })
	require.NoError(t, err)
	t.Cleanup(func() { lock.Release() })
	h, err := host.Read("/")
	require.NoError(t, err)
	return h
}

// TestRootMachineKnobsAreSetAndRestored takes each machine knob of this host
// through its Try and a few more levels, in one session, and compares every byte.
func TestRootMachineKnobsAreSetAndRestored(t *testing.T) {
	h := rootHost(t)
	more := map[string][]string{
		"thp":              {"never", "madvise", "always"},
		"thp-defrag":       {"never", "madvise", "always"},
		"mthp.*":           {"never", "inherit", "madvise"},
		"swappiness":       {"0", "100"},
		"clocksource":      {"tsc", "kvm-clock"},
		"overcommit-ratio": {"20", "95"},
		"dirty-bytes":      {"32MiB", "1MiB"},
		"dirty-ratio":      {"15", "99"},
		"c-state-limit":    {"POLL", "WFI", "any"},
		"nr-hugepages":     {"3"},
	}
	h.Swap = max(h.Swap, 1) // without swap the kernel takes a swappiness too, though it means nothing
	for _, k := range All() {
		if k.Scope != Machine {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			key, level := try(k)
			var cells []map[string]string
			for _, l := range append([]string{level}, more[k.Name]...) {
				cell := map[string]string{key: l}
				if _, err := Resolve(cell, h); errors.Is(err, errors.ErrUnsupported) {
					t.Logf("not testable here: %v", err)
					continue
				}
				cells = append(cells, cell)
			}
			if len(cells) == 0 {
				t.Skip("no level is testable here")
			}
			takeThrough(t, h, key, cells)
		})
	}
}

// snapshot is every setting that some knob can write.
func snapshot(t *testing.T, h host.Host) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, k := range All() {
		if k.Host == nil || k.Act {
			continue
		}
		key, _ := try(k)
		files, err := k.files(key, h.FS)
		require.NoError(t, err)
		for _, file := range append(files, k.Twin) {
			if text, err := h.FS.Read(file); err == nil {
				all[file] = text
			}
		}
	}
	return all
}

func takeThrough(t *testing.T, h host.Host, key string, cells []map[string]string) {
	t.Helper()
	before := snapshot(t, h)
	s, err := NewSession(newJournal(t), h.FS, "test-root", writesOf(t, h, cells...))
	require.NoError(t, err)
	defer func() {
		report, err := s.Close(nil)
		require.NoError(t, err)
		require.True(t, report.OK(), report.String())
		require.Equal(t, before, snapshot(t, h))
	}()
	k, _ := Lookup(key)
	for _, cell := range append(cells, map[string]string{}, cells[0]) {
		e, err := Resolve(cell, h)
		require.NoError(t, err)
		_, err = s.Apply(e.Host)
		require.NoError(t, err)
		wrong, err := s.Verify()
		require.NoError(t, err)
		require.Empty(t, wrong)
		if cell[key] != "" {
			settles(t, k, key, cell[key], h, e)
		}
	}
}

// settles waits for the files to show a level and nothing else. The kernel changes
// the limits of a frequency policy in a work item of its own, which may still be
// at the change before (cpufreq_notifier_max in drivers/cpufreq/cpufreq.c).
func settles(t *testing.T, k Knob, key, want string, h host.Host, e Effects) {
	t.Helper()
	var level string
	for range 100 {
		var ok bool
		if level, ok = k.Read(key, seen(h, e)); !ok || strings.TrimSpace(level) == want {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s=%s reads %q", key, want, level)
}

// seen is the evidence that the machine's files give.
func seen(h host.Host, e Effects) Evidence {
	texts := make(map[string]string)
	files := slices.Clone(e.Observe)
	for _, w := range e.Host {
		files = append(files, w.File)
	}
	for _, file := range files {
		if text, err := h.FS.Read(file); err == nil {
			texts[file] = text
		}
	}
	return Evidence{Host: texts}
}

// Both units of a limit in one session, in every order: the kernel sets the one
// that was not written to 0.
func TestRootTwinsAreSetAndRestored(t *testing.T) {
	h := rootHost(t)
	cells := []map[string]string{
		{"dirty-bytes": "64MiB", "dirty-background-bytes": "16MiB"},
		{"dirty-ratio": "33", "dirty-background-bytes": "1MiB"},
		{},
		{"dirty-bytes": "8MiB"},
		{"dirty-ratio": "33", "dirty-background-ratio": "7"},
	}
	before := snapshot(t, h)
	j := newJournal(t)
	s, err := NewSession(j, h.FS, "test-root", writesOf(t, h, cells...))
	require.NoError(t, err)
	check := func(want ...string) {
		t.Helper()
		var got []string
		for _, file := range []string{"dirty_bytes", "dirty_ratio", "dirty_background_bytes", "dirty_background_ratio"} {
			text, err := h.FS.Read("proc/sys/vm/" + file)
			require.NoError(t, err)
			got = append(got, text)
		}
		if !slices.Equal(got, want) {
			t.Errorf("bytes, ratio, background bytes and ratio are %v, want %v", got, want)
		}
		wrong, err := s.Verify()
		require.NoError(t, err)
		require.Empty(t, wrong)
	}
	set := func(cell map[string]string) {
		t.Helper()
		e, err := Resolve(cell, h)
		require.NoError(t, err)
		_, err = s.Apply(e.Host)
		require.NoError(t, err)
	}
	set(cells[0])
	check("67108864", "0", "16777216", "0")
	set(cells[1])
	check("0", "33", "1048576", "0")
	set(cells[2])
	require.Equal(t, before, snapshot(t, h))
	set(cells[3])
	set(cells[4])
	check("0", "33", "0", "7")
	set(cells[0])
	report, err := s.Close(nil)
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
	require.Equal(t, before, snapshot(t, h))
}

// A program that was started with settings shows them, and their knobs read them.
func TestRootProcessShowsWhatItsKnobsRead(t *testing.T) {
	h := rootHost(t)
	sleep, err := exec.LookPath("sleep")
	require.NoError(t, err)
	for _, k := range All() {
		if len(k.Shown) == 0 {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			key, level := try(k)
			e, err := Resolve(map[string]string{key: level}, h)
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skipf("not testable here: %v", err)
			}
			require.NoError(t, err)
			p := asleep(t, sleep, e.Process)
			evidence := Evidence{Process: ReadProcess(h.FS, p, e)}
			got, ok := k.Read(key, evidence)
			if !ok || got != level {
				t.Errorf("reads %q, %v from %d files; want %q", got, ok, len(evidence.Process), level)
			}
			standing := Judge(map[string]string{key: level}, e, evidence)[key]
			if standing.Word == NotInForce || standing.Word == "" {
				t.Errorf("stood %+v", standing)
			}
			plain := Evidence{Process: ReadProcess(h.FS, asleep(t, sleep, launchNothing), e)}
			if s := Judge(map[string]string{key: level}, e, plain)[key]; s.Word != NotInForce {
				t.Errorf("without the setting it stood %+v", s)
			}
		})
	}
}

// A value of vm.min_free_kbytes that was set by hand is one that the kernel raises
// for khugepaged and does not lower again.
func TestRootWhatTheKernelMovesIsPutBack(t *testing.T) {
	h := rootHost(t)
	own, err := h.FS.Read(minFreeFile)
	require.NoError(t, err)
	pages, err := h.FS.Read(thpEnabled)
	require.NoError(t, err)
	set := func(file, text string) {
		require.NoError(t, h.FS.Apply(sysfs.Write{File: file, Value: text, Same: sysfs.Number}))
	}
	defer set(minFreeFile, own)
	const odd = "50001"
	set(minFreeFile, odd)
	states := [][]sysfs.Write{{thp("never")}, {thp("always")}}
	s, err := NewSession(newJournal(t), h.FS, "test-root", append(states[0], states[1]...))
	require.NoError(t, err)
	refused, err := s.Rehearse(states)
	require.NoError(t, errors.Join(append(refused, err)...))
	said := map[string]string{}
	for _, i := range []int{0, 1, 0, 1, 1, 0} {
		_, err := s.Apply(states[i])
		require.NoError(t, err)
		wrong, err := s.Verify()
		require.NoError(t, err)
		require.Empty(t, wrong)
		level := states[i][0].Value
		if said[level] == "" {
			said[level] = s.Effective()[minFreeFile]
		}
		require.Equal(t, said[level], s.Effective()[minFreeFile], "%s depends on what came before", level)
	}
	t.Logf("vm.min_free_kbytes under each level: %v", said)
	_, err = s.Apply(states[1])
	require.NoError(t, err)
	report, err := s.Close(nil)
	require.NoError(t, err)
	require.True(t, report.OK(), report.String())
	text, err := h.FS.Read(minFreeFile)
	require.NoError(t, err)
	require.Equal(t, odd, text)
	text, err = h.FS.Read(thpEnabled)
	require.NoError(t, err)
	require.Equal(t, pages, text)
}

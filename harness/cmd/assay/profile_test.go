package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/profile"
	"github.com/assaylab/assay/harness/results"
)

func TestACalibrationIsCitedFromItsFolder(t *testing.T) {
	dir := t.TempDir()
	if e, err := cited(dir); err != nil || e != nil {
		t.Errorf("without a profile: %v, %v", e, err)
	}
	require.NoError(t, results.WriteJSON(dir, profileFile, profile.Entry{Origin: profile.Origin{Workload: "gc-churn"}}))
	e, err := cited(dir)
	require.NoError(t, err)
	require.Equal(t, "gc-churn", e.Workload)
	require.NoError(t, os.WriteFile(filepath.Join(dir, profileFile), []byte("{"), 0o644))
	if _, err := cited(dir); err == nil {
		t.Error("a profile that can't be read is no error")
	}
}

func TestProfilesAreKeptWhereTheyAreFound(t *testing.T) {
	l := &lab{state: t.TempDir(), stderr: &strings.Builder{}}
	require.NoError(t, l.keep(profile.Entry{Origin: profile.Origin{Machine: "b676f319", Workload: "gc-churn"}}))
	p, err := profile.Load(filepath.Join(l.state, "profiles"), "b676f319")
	if err != nil || len(p.Entries) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestCalibrationsAreCheckedBeforeTheyStart(t *testing.T) {
	sound := calibrateFlags{workload: "gc-churn", arms: 3, blocks: 100, group: 10, budget: 1e9, inject: "2%"}
	text, err := sound.experiment()
	require.NoError(t, err)
	for _, want := range []string{"env.ASSAY_ARM: [a, b, c]", "inject: 2%", "'live-heap': '1MiB'", "max-blocks: 100", "budget: 1s"} {
		if !strings.Contains(text.text(), want) {
			t.Errorf("no %q in\n%s", want, text.text())
		}
	}
	for name, spoil := range map[string]func(*calibrateFlags){
		"--arms 1":        func(f *calibrateFlags) { f.arms = 1 },
		"--blocks 9":      func(f *calibrateFlags) { f.blocks = 9 },
		"--blocks 5":      func(f *calibrateFlags) { f.self, f.inject, f.blocks = true, "", 5 },
		"--group 5":       func(f *calibrateFlags) { f.group = 5 },
		"--budget 0s":     func(f *calibrateFlags) { f.budget = 0 },
		"--inject":        func(f *calibrateFlags) { f.inject = "much" },
		"--param cycles:": func(f *calibrateFlags) { f.params = []string{"cycles"} },
	} {
		f := sound
		spoil(&f)
		if _, err := f.experiment(); err == nil || code(err) != exitUsage || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// It compares over all blocks: --group has no part in it.
func TestACalibrationOfItselfHasNoGroups(t *testing.T) {
	text, err := calibrateFlags{workload: "procs", arms: 2, blocks: 7, group: 10, budget: 1e9, self: true}.experiment()
	require.NoError(t, err)
	require.Contains(t, text.text(), "  blocks: 7\n  max-blocks: 7\n")
}

func TestWindowsAreLongWhereWatchingIsMeasured(t *testing.T) {
	check := func(f calibrateFlags, want ...string) {
		t.Helper()
		require.Equal(t, want, f.givenParams())
	}
	check(calibrateFlags{workload: "gc-churn"}, "live-heap=1MiB", "cycles=4")
	check(calibrateFlags{workload: "gc-churn", self: true}, "live-heap=1MiB", "cycles=40")
	check(calibrateFlags{workload: "gc-churn", self: true, params: []string{"cycles=9"}}, "cycles=9")
	check(calibrateFlags{workload: "procs", self: true})
}

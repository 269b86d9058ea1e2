package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/assaylab/assay/harness/results"
	"github.com/assaylab/assay/harness/sample"
)

// atSpeed skips a test whose trials have to be done within a time, where
// instructions are emulated and nobody knows how long they take.
func atSpeed(t *testing.T) {
	t.Helper()
	if os.Getenv("ASSAY_TEST_GUEST") == "1" {
		t.Skip("depends on how fast the machine is: emulated ones are not for it")
	}
}

// TestGuestQuotaDecidesGOMAXPROCS takes the published experiment through plan,
// run and report where four CPUs tell Go's formula apart: at least two, and the
// quota rounded up, but no more than there are.
func TestGuestQuotaDecidesGOMAXPROCS(t *testing.T) {
	if os.Getenv("ASSAY_TEST_GUEST") != "1" {
		t.Skip("needs four CPUs on cgroup v2: run make test-vm")
	}
	r := newRig(t, "quota-gomaxprocs")
	kept := filepath.Join(os.Getenv("ASSAY_TEST_OUT"), "results")
	plan, code := r.assay("plan", r.name)
	require.Equal(t, 0, code, plan)
	require.NotContains(t, plan, "not testable here")
	out, code := r.assay("run", "--results", kept, r.name)
	require.Equal(t, 0, code, out)
	dir, err := results.Latest(kept, r.name)
	require.NoError(t, err)
	report, code := r.assay("report", dir)
	require.Equal(t, 0, code, report)
	t.Log(report)
	r.clean()

	run, err := results.Read(dir)
	require.NoError(t, err)
	levels := map[string]map[int]bool{} // level -> the trials that had it; one that was tainted was repeated
	for _, s := range run.Attempts {
		if s.Block < 0 || s.Outcome != sample.OK {
			continue
		}
		level := run.Plan.Settings(run.Plan.Cells[s.Cell])["cpu.max"]
		if levels[level] == nil {
			levels[level] = map[int]bool{}
		}
		levels[level][s.N] = true
		got, ok := s.Lines[0].Get("gomaxprocs")
		require.True(t, ok)
		if want := byFormula(t, level); got != want {
			t.Errorf("cpu.max %s: GOMAXPROCS is %v, want %v", level, got, want)
		}
		// Idle is fine: so short a window is not always throttled.
		if word := s.Standings["cpu.max"].Word; word != "in force" && word != "idle" {
			t.Errorf("cpu.max %s stood %+v", level, s.Standings["cpu.max"])
		}
	}
	require.Len(t, levels, 5)
	for level, trials := range levels {
		if want := 2 * len(run.Plan.Blocks); len(trials) != want {
			t.Errorf("cpu.max %s has %d trials, want %d", level, len(trials), want)
		}
	}
}

// byFormula is the default GOMAXPROCS of Go 1.25 and later under a quota of so many
// CPUs, with four of them (runtime.GOMAXPROCS).
func byFormula(t *testing.T, level string) float64 {
	t.Helper()
	if level == "max" {
		return 4
	}
	quota, err := strconv.ParseFloat(level, 64)
	require.NoError(t, err)
	return min(4, max(2, math.Ceil(quota)))
}

// TestGuestKnobsAreListed leaves what this machine makes of every knob beside
// the results, for make test-vm to hold against other machines.
func TestGuestKnobsAreListed(t *testing.T) {
	if os.Getenv("ASSAY_TEST_GUEST") != "1" {
		t.Skip("leaves its list to make test-vm")
	}
	kit := os.Getenv("ASSAY_TEST_KIT")
	out, err := exec.Command(filepath.Join(kit, "assay"), "knobs", "--json").Output()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(os.Getenv("ASSAY_TEST_OUT"), "knobs.json"), out, 0o644))
}

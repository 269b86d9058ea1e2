// Package testenv skips tests that want what not every machine has, each with the way
// to have them run.
package testenv

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// NeedsRoot skips a test that sets the knobs of this machine or makes cgroups on it.
func NeedsRoot(t testing.TB) {
	t.Helper()
	if os.Getenv("ASSAY_TEST_ROOT") != "1" {
		t.Skip("needs root: run make test-root, or a benchmark with ASSAY_TEST_ROOT=1")
	}
}

// NeedsGuests skips a test that boots guests.
func NeedsGuests(t testing.TB) {
	t.Helper()
	if os.Getenv("ASSAY_TEST_VM") != "1" {
		t.Skip("boots guests: run make test-vm")
	}
}

// Benchstat builds the benchstat that ci/tools.mod pins, for a test in a folder of
// harness/, and gives its path. Where that can't be, as without a network, the test is
// skipped; CI has it.
func Benchstat(t testing.TB) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "benchstat")
	cmd := exec.Command("go", "build", "-modfile=ci/tools.mod", "-buildvcs=false", "-o", bin, "golang.org/x/perf/cmd/benchstat")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return bin
	case os.Getenv("ASSAY_CI") == "1":
		t.Fatalf("benchstat of ci/tools.mod does not build: %v\n%s", err, out)
	}
	t.Skipf("needs benchstat: ci/tools.mod does not build here: %v\n%s", err, out)
	return ""
}

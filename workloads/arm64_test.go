package workloads_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// emulator runs arm64 programs under this kernel. Where the kernel doesn't know
// of it (binfmt_misc), a program can't start itself again, so that what needs
// that is left out here: -count, and all roles by hand.
const emulator = "qemu-aarch64-static"

func TestARM64EveryWorkload(t *testing.T) {
	if os.Getenv("ASSAY_TEST_ARM64") == "" {
		t.Skip("needs an emulator for arm64: ASSAY_TEST_ARM64=1 runs it")
	}
	_, err := exec.LookPath(emulator)
	require.NoError(t, err, "apt-get install qemu-user-static")
	native, emulated := build(t), build(t, "GOARCH=arm64", "CGO_ENABLED=0")
	// gc-churn needs it, and would start itself again to have it. Not before the
	// builds: go build keeps what its tools print, and prints it again with each.
	t.Setenv("GODEBUG", "gctrace=1")
	for name, path := range emulated {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, here := &binary{argv: []string{emulator, path}}, &binary{argv: []string{native[name]}}
			w.describe(t, name)
			here.describe(t, name)
			require.Equal(t, here.Description, w.Description, "a harness describes a workload on its own processor")
			t.Run("usage", w.testUsage)
			t.Run("control", w.testControl)
			t.Run("lost harness", w.testLostHarness)
		})
	}
}
